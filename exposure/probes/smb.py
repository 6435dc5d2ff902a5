"""SMB: offer version 1 alone, then versions 2 and 3, and see what is taken.

Source: MS-SMB 2.2.4.5 and MS-SMB2 2.2.3, 2.2.4. Only the negotiation is held; no
session is set up, so no name and no password is sent.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import HungUp
from exposure.probes.text import visible

DIALECTS = {
    0x0202: "2.0.2",
    0x0210: "2.1",
    0x0300: "3.0",
    0x0302: "3.0.2",
    0x0311: "3.1.1",
}
# Version 1 alone: Unicode, long names, no extended security, so the names come along.
OFFER_1 = bytes.fromhex(
    "0000002f"
    "ff534d4272000000001801c0000000000000000000000000ffff000000000000"
    "00"  # no parameter words
    "0c00"  # 12 bytes: one dialect
    "024e54204c4d20302e313200"
)


def _offer(credits_wanted: int) -> bytes:
    """Return the offer of all newer versions; signing is possible, not demanded."""
    header = b"\xfeSMB" + bytes.fromhex("4000" + "0000" + "00000000" + "0000")
    header += credits_wanted.to_bytes(2, "little") + bytes(64 - 16)
    dialects = b"".join(number.to_bytes(2, "little") for number in DIALECTS)
    # The one context that 3.1.1 insists on: SHA-512 with a salt of 32 bytes.
    context = bytes.fromhex("0100" + "2600" + "00000000" + "0100" + "2000" + "0100")
    context += b"exposure-check".ljust(32, b"\0")
    at = 64 + 36 + len(dialects) + 2
    body = bytes.fromhex("2400") + len(DIALECTS).to_bytes(2, "little")
    body += bytes.fromhex("0100" + "0000" + "00000000") + bytes(16)
    body += at.to_bytes(4, "little") + bytes.fromhex("0100" + "0000")
    packet = header + body + dialects + bytes(2) + context
    return len(packet).to_bytes(4) + packet


OFFER_2 = _offer(1)
# The same, asking for one credit more: the stored conversation then shows that the
# first offer met silence, which proves nothing, and not a hang-up.
OFFER_2_AFTER_SILENCE = _offer(2)

HEADER = 4
NEGOTIATED_1, NEGOTIATED_2 = b"\xffSMB\x72", b"\xfeSMB"
IS_ANSWER_1, IS_ANSWER_2 = 0x80, 0x01
NO_DIALECT = 0xFFFF
SIGNING_REQUIRED_1, SIGNING_REQUIRED_2 = 0x08, 0x02
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Offer the old version, hang up, offer the new ones."""
    follow_up = OFFER_2
    try:
        await _ask(OFFER_1, target, dialer=dialer)
    except (HungUp, ConnectionError, TimeoutError) as error:
        if not dialer.established:
            raise
        if isinstance(error, TimeoutError):
            follow_up = OFFER_2_AFTER_SILENCE
    await _ask(follow_up, target, dialer=dialer)


async def _ask(message: bytes, target: Target, *, dialer: Dialer) -> None:
    async with dialer.connect(target) as line:
        await line.send(message)
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return HEADER + int.from_bytes(header[1:4])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the versions that are spoken, signing, and what the server tells."""
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    old = _old(answers.get(OFFER_1, b"")[HEADER:])
    answered = OFFER_2 if OFFER_2 in answers else OFFER_2_AFTER_SILENCE
    new = _new(answers.get(answered, b"")[HEADER:])
    if old is None and new is None:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {}
    if old is not None:
        facts |= old
        facts["version_1_spoken"] = bool(old)
    elif OFFER_2 in answers:
        facts["version_1_spoken"] = False
    if new is not None:
        facts |= new
    if "dialect" in facts:
        facts["product"] = f"SMB {facts['dialect']}"
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _old(packet: bytes) -> dict[str, Fact] | None:
    """Read a version 1 answer: None for none, empty for a refusal."""
    if not packet.startswith(NEGOTIATED_1) or len(packet) < 35:
        return None
    if not packet[9] & IS_ANSWER_1:
        return None
    # Header 32, word count 1, then the words.
    if int.from_bytes(packet[33:35], "little") == NO_DIALECT:
        return {}
    if packet[32] != 17 or len(packet) < 32 + 1 + 34 + 2:
        return None
    facts: dict[str, Fact] = {
        "dialect": "NT LM 0.12",
        "signing_required": bool(packet[35] & SIGNING_REQUIRED_1),
    }
    facts |= _time("server_time", packet[56:64])
    # Words end with the length of the challenge, which stands before the names.
    names = packet[69 + packet[66] :]
    for fact, name in zip(("domain", "server_name"), _wide(names), strict=False):
        if name:
            facts[fact] = name
    return facts


def _wide(data: bytes) -> list[str]:
    """Return the first two texts of UTF-16, each with a zero at its end."""
    text = data[: 2 * (len(data) // 2)].decode("utf-16-le", "replace")
    return [visible(each.encode(), limit=80) for each in text.split("\0")[:2]]


def _new(packet: bytes) -> dict[str, Fact] | None:
    """Read a version 2 or 3 answer: None for none, empty for a refusal."""
    if not packet.startswith(NEGOTIATED_2) or len(packet) < 72 or any(packet[12:14]):
        return None
    if not packet[16] & IS_ANSWER_2:
        return None
    body = packet[64:]
    if any(packet[8:12]):
        return {}
    if len(body) < 64:
        return None
    dialect = int.from_bytes(body[4:6], "little")
    facts: dict[str, Fact] = {
        "dialect": DIALECTS.get(dialect, f"0x{dialect:04x}"),
        "signing_required": bool(body[2] & SIGNING_REQUIRED_2),
        "server_guid": body[8:24].hex(),
    }
    facts |= _time("server_time", body[40:48])
    return facts | _time("server_started", body[48:56])


def _time(name: str, data: bytes) -> dict[str, Fact]:
    """Return a Windows time stamp (tenths of microseconds since 1601), if there is one."""
    ticks = int.from_bytes(data, "little")
    if not ticks:
        return {}
    try:
        return {name: (EPOCH + timedelta(microseconds=ticks // 10)).isoformat()}
    except OverflowError:
        return {}


PROBE = Probe(
    name="smb",
    version=1,
    ports=(445,),
    is_ot=False,
    messages=(OFFER_1, OFFER_2, OFFER_2_AFTER_SILENCE),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
