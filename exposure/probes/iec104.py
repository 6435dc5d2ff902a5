"""IEC 60870-5-104: one test frame, never a start of data transfer.

Source: IEC 60870-5-104, 5.3. Only one connection of a redundancy group is active, so a
stranger's start could move the data flow away from the control centre.
"""

from collections.abc import Sequence

from exposure.probes.base import ECHO, Exchange, Outcome, Parsed, Probe, Target, turns
from exposure.probes.dialer import Dialer

TEST_FRAME = bytes.fromhex("680443000000")
TEST_CONFIRMED = bytes.fromhex("680483000000")


async def run(target: Target, *, dialer: Dialer) -> None:
    """Send the test frame and read its confirmation."""
    async with dialer.connect(target) as line:
        await line.send(TEST_FRAME)
        await line.exactly(len(TEST_CONFIRMED))


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return whether the station confirmed the test."""
    answers = b"".join(turn.received for turn in turns(exchanges))
    if answers.startswith(TEST_CONFIRMED):
        return Parsed(Outcome.IDENTIFIED, "L1", {"test_confirmed": True})
    if answers.startswith(TEST_FRAME):
        return ECHO
    return Parsed(Outcome.OTHER_PROTOCOL, "", {})


PROBE = Probe(
    name="iec104",
    version=1,
    ports=(2404,),
    is_ot=True,
    messages=(TEST_FRAME,),
    run=run,
    parse=parse,
)
