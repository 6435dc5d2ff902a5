"""CODESYS V2: command 1, whose answer names operating system and product.

The command is called "login" in the runtime, so it is sent only with the written consent
"codesys_login". It carries no name and no password.

Source: Redpoint's codesys-v2-discover for the question and the places of the texts. The
length before the command has the byte order of the controller; where that script sends a
length no command has, ours is well formed. Tested on recordings only, made from that
layout.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

CONSENT = "codesys_login"
MAGIC = bytes.fromhex("bbbb")
LOGIN_LITTLE = bytes.fromhex("bbbb0100000001")
LOGIN_BIG = bytes.fromhex("bbbb0000000101")
HEADER = 6
PLACES = {"os": 64, "os_version": 96, "product": 128}
FIELD = 32


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask in both byte orders, one connection each, until one is answered."""
    for message in (LOGIN_LITTLE, LOGIN_BIG):
        async with dialer.connect(target) as line:
            await line.send(message)
            try:
                await line.frame(HEADER, size=_frame_size)
                return
            except (TimeoutError, EOFError):  # how the other byte order answers
                if message == LOGIN_BIG or heard(dialer.exchanges):
                    raise


def _frame_size(header: bytes) -> int:
    if not header.startswith(MAGIC):
        return 0
    # Of the two readings the smaller one is meant: a length has leading zeros.
    little = int.from_bytes(header[2:6], "little")
    return HEADER + min(little, int.from_bytes(header[2:6]))


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return operating system and product of the runtime."""
    if echoes(exchanges):
        return ECHO
    answer = heard(exchanges)
    if not answer.startswith(MAGIC) or len(answer) <= HEADER:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"login_answered": True}
    for name, at in PLACES.items():
        if text := label(answer[at : at + FIELD]):
            facts[name] = text
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="codesys",
    version=1,
    ports=(1200, 1201, 2455),
    is_ot=True,
    messages=(LOGIN_LITTLE, LOGIN_BIG),
    run=run,
    parse=parse,
    consent=CONSENT,
)
