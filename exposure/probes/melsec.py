"""Mitsubishi MELSEC: read the name of the CPU (3E frame, command 0101).

Source: MELSEC Communication Protocol Reference Manual (SH-080008), 4.2 and 11.4.
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Outcome, Parsed, Probe, Target, turns
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

READ_CPU = bytes.fromhex("500000ffff03000600100001010000")
ANSWER = bytes.fromhex("d000")
HEADER = 9


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the model name and read the answer."""
    async with dialer.connect(target) as line:
        await line.send(READ_CPU)
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return HEADER + int.from_bytes(header[7:9], "little")


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the model name, or the code with which the CPU refused."""
    answer = b"".join(turn.received for turn in turns(exchanges))
    if not answer.startswith(ANSWER) or len(answer) < HEADER + 2:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    end_code = int.from_bytes(answer[9:11], "little")
    facts: dict[str, Fact] = {"vendor": "Mitsubishi Electric", "end_code": end_code}
    if end_code or len(answer) < 29:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    facts |= {
        "product": label(answer[11:27]),
        "model_code": answer[27:29][::-1].hex(),
        "read_answered": True,
    }
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


PROBE = Probe(
    name="melsec",
    version=1,
    ports=(5006, 5007),
    is_ot=True,
    messages=(READ_CPU,),
    run=run,
    parse=parse,
)
