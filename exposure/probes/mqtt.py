"""MQTT: connect without a user name, ask for the broker's version, disconnect.

Source: OASIS MQTT 3.1.1, 3.1 to 3.14. Nothing is published, and no topic of the plant
is subscribed to.
"""

from collections.abc import Sequence
from dataclasses import replace

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
from exposure.probes.line import Line
from exposure.probes.text import visible
from exposure.probes.tls import any_tls

CLIENT = b"exposure-check"
TOPIC = b"$SYS/broker/version"
# Protocol 3.1.1, clean session, 60 s keep-alive, no will, no user, no password.
CONNECT = b"\x10\x1a\0\x04MQTT\x04\x02\0\x3c\0\x0e" + CLIENT
SUBSCRIBE = b"\x82\x18\0\1\0\x13" + TOPIC + b"\0"
DISCONNECT = bytes.fromhex("e000")

CONNECTED, SUBSCRIBED, PUBLISHED = 0x20, 0x90, 0x30
SUBSCRIPTION_REFUSED = 0x80


async def run(target: Target, *, dialer: Dialer) -> None:
    """Connect; if let in, subscribe to the version and wait for it; disconnect."""
    async with dialer.connect(target) as line:
        await _ask(line)


async def run_over_tls(target: Target, *, dialer: Dialer) -> None:
    """The same inside TLS, whatever the certificate."""
    async with dialer.connect(target, tls=any_tls()) as line:
        await _ask(line)


async def _ask(line: Line) -> None:
    await line.send(CONNECT)
    answer = await _packet(line)
    if answer[0] != CONNECTED or answer[3:4] != b"\0":
        return
    try:
        await line.send(SUBSCRIBE)
        # The version may come before or after the confirmation, or never.
        await _packet(line)
        await _packet(line)
    finally:
        await line.send(DISCONNECT)


async def _packet(line: Line) -> bytes:
    head = await line.exactly(2)
    size = head[1]
    # Nothing that was asked for is longer than 127 bytes.
    return head + await line.exactly(size) if size < 128 else head


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return whether the broker let a nameless client in and let it subscribe."""
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    answer = answers.get(CONNECT, b"")
    if len(answer) < 4 or answer[:2] != bytes([CONNECTED, 2]):
        echo = answer.startswith(CONNECT)
        return Parsed(Outcome.ANOMALY if echo else Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"return_code": answer[3]}
    if answer[3] != 0:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    for packet in _packets(answers.get(SUBSCRIBE, b"")):
        if packet[0] == SUBSCRIBED and len(packet) == 5:
            facts["subscription_granted"] = packet[4] != SUBSCRIPTION_REFUSED
        elif packet[0] & 0xF0 == PUBLISHED and packet[4:23] == TOPIC:
            facts["version"] = visible(packet[23:])
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


def _packets(data: bytes) -> list[bytes]:
    found = []
    while len(data) >= 2 and len(data) >= 2 + data[1] and data[1] < 128:
        size = 2 + data[1]
        found.append(data[:size])
        data = data[size:]
    return found


PROBE = Probe(
    name="mqtt",
    version=1,
    ports=(1883,),
    is_ot=True,
    messages=(CONNECT, SUBSCRIBE, DISCONNECT),
    run=run,
    parse=parse,
)
# A broker behind TLS is a server: its port hears the handshake of the TLS probe as well.
PROBE_TLS = replace(
    PROBE, name="mqtts", ports=(8883,), is_ot=False, run=run_over_tls, caps=IT_CAPS
)
