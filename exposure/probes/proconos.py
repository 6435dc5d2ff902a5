"""ProConOS: read the names of runtime, controller and project.

Source: a public recording of ProConOS 4.2, and Redpoint's proconos-info for the places
of the texts. Tested on recordings only.
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

READ_INFO = bytes.fromhex("cc01000b4002000047ee")
ANSWER = 0xCC
RUNTIME_AT, CONTROLLER_AT, PROJECT_AT = 12, 44, 77
LONGEST_NAME = 64


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once; the answer has two texts of fixed and three of free length."""
    async with dialer.connect(target) as line:
        await line.send(READ_INFO)
        await line.exactly(PROJECT_AT)
        for _ in ("project", "boot project", "source code"):
            await line.until(b"\0", LONGEST_NAME)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return runtime, controller and project."""
    if echoes(exchanges):
        return ECHO
    answer = heard(exchanges)
    runtime = label(answer[RUNTIME_AT:CONTROLLER_AT])
    if answer[:1] != bytes([ANSWER]) or "ProConOS" not in runtime:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"product": runtime, "read_answered": True}
    controller = label(answer[CONTROLLER_AT:PROJECT_AT])
    project = label(answer[PROJECT_AT : PROJECT_AT + LONGEST_NAME])
    if controller:
        facts["controller"] = controller
    if project:
        facts["project"] = project
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


PROBE = Probe(
    name="proconos",
    version=1,
    ports=(20547,),
    is_ot=True,
    messages=(READ_INFO,),
    run=run,
    parse=parse,
)
