"""The commands with which a person repeats a probe over UDP."""

import asyncio
import shlex
import sys

import pytest

from exposure.probes.base import Direction, Target
from exposure.probes.registry import PROBES
from exposure.probes.replay import expected_answer, replay_command
from tests.exposure.probes.stage import HOME
from tests.exposure.probes.stage_udp import udp_service
from tests.exposure.probes.test_transcripts import FOLDER, load

OVER_UDP = [probe.name for probe in PROBES if probe.transport == "udp"]


@pytest.mark.parametrize("name", OVER_UDP)
def test_it_has_a_command_and_an_answer(name: str) -> None:
    command = replay_command(name, Target("192.0.2.9", 4711, transport="udp"))

    assert "SOCK_DGRAM" in command
    assert '("192.0.2.9", 4711)' in command
    assert expected_answer(name)


@pytest.mark.parametrize("name", ["bacnet", "snmp", "ipmi"])
def test_it_sends_the_bytes_of_the_probe(name: str) -> None:
    probe, _, exchanges = load(FOLDER / f"{name}.json")
    answers: dict[bytes, bytes] = {}
    for exchange in exchanges:
        if exchange.direction is Direction.SENT:
            last = exchange.data
        else:
            answers[last] = exchange.data

    async def run() -> tuple[int | None, bytes, list[bytes]]:
        # What the recording did not answer gets a byte, so that nobody waits.
        async with udp_service(lambda data: [answers.get(data, b"?")]) as (port, seen):
            target = Target(HOME, port, transport="udp")
            command = shlex.split(replay_command(probe.name, target))
            command[0] = sys.executable
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE
            )
            printed, _ = await process.communicate()
            return process.returncode, printed, seen.heard

    code, printed, heard = asyncio.run(run())

    asked = {e.data for e in exchanges if e.direction is Direction.SENT}
    assert code == 0
    assert set(heard) <= asked
    assert set(heard) >= {question for question in answers if question[1] != 2}
    assert all(
        answers[each].hex(" ").encode() in printed for each in heard if each in answers
    )
