"""Red Lion Crimson 3: read manufacturer and model.

Source: the questions of Shodan's redlion-crimson3, in several public copies: a header
of six bytes, then a text that ends with a zero. Tested on recordings only, made from
that layout.
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
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

READ_VENDOR = bytes.fromhex("0004012b1b00")
READ_MODEL = bytes.fromhex("0004012a1a00")
HEADER = 6
LONGEST = 256
VENDOR = "Red Lion"


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the manufacturer; if it told one, for the model too."""
    async with dialer.connect(target) as line:
        await line.send(READ_VENDOR)
        header = await line.exactly(HEADER)
        vendor = await line.until(b"\0", LONGEST)
        if _text(header + vendor).startswith(VENDOR):
            await line.send(READ_MODEL)
            await line.exactly(HEADER)
            await line.until(b"\0", LONGEST)


def _text(answer: bytes) -> str:
    return label(answer[HEADER : HEADER + LONGEST])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return manufacturer and model."""
    if echoes(exchanges):
        return ECHO
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    vendor = _text(answers.get(READ_VENDOR, b""))
    # The header tells too little, so only the maker's own name is believed.
    if not vendor.startswith(VENDOR):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"vendor": vendor, "read_answered": True}
    if model := _text(answers.get(READ_MODEL, b"")):
        facts["product"] = model
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


PROBE = Probe(
    name="crimson",
    version=1,
    ports=(789,),
    is_ot=True,
    messages=(READ_VENDOR, READ_MODEL),
    run=run,
    parse=parse,
)
