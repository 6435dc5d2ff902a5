"""The commands with which a person repeats a probe."""

import asyncio
import shlex
import sys

import pytest

from exposure.probes.base import Direction, Target
from exposure.probes.registry import PROBES
from exposure.probes.replay import expected_answer, replay_command
from tests.exposure.probes.stage import HOME, service
from tests.exposure.probes.test_transcripts import FOLDER, load


@pytest.mark.parametrize("name", [probe.name for probe in PROBES])
def test_it_has_a_command_and_an_answer_for_every_probe(name: str) -> None:
    command = replay_command(name, Target("192.0.2.9", 4711))

    assert "192.0.2.9" in command
    assert "4711" in command
    assert "nmap" not in command
    assert expected_answer(name)


@pytest.mark.parametrize(
    "recording",
    ["modbus", "s7", "opcua", "iec104", "melsec", "mssql", "smb"],
)
def test_it_sends_the_bytes_of_the_probe(recording: str) -> None:
    probe, _, exchanges = load(FOLDER / f"{recording}.json")
    answers = {}
    heard: list[bytes] = []
    for exchange in exchanges:
        if exchange.direction is Direction.SENT:
            last = exchange.data
        else:
            answers[last] = answers.get(last, b"") + exchange.data

    async def device(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(4096):
            heard.append(data)
            # The address is part of two messages, so the first bytes have to do.
            writer.write(
                next((a for s, a in answers.items() if s[:4] == data[:4]), b"")
            )
            if data[:3] == b"CLO":
                return

    async def run() -> int:
        async with service(device) as port:
            command = shlex.split(replay_command(probe.name, Target(HOME, port)))
            command[0] = sys.executable
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.DEVNULL
            )
            return await process.wait()

    assert asyncio.run(run()) == 0
    kinds = {message[:4] for message in probe.messages}
    assert heard
    assert {message[:4] for message in heard} <= kinds


def test_it_puts_the_channel_of_the_server_into_the_next_message() -> None:
    _, _, exchanges = load(FOLDER / "opcua.json")
    opened = next(e.data for e in exchanges if e.data.startswith(b"OPNF\x87"))

    listing = next(e.data for e in exchanges if e.data.startswith(b"MSGF"))

    assert opened[111:119] == listing[8:16]


def test_it_quotes_a_hostile_name() -> None:
    command = replay_command("http", Target("192.0.2.9", 80, "x; reboot"))

    assert "'Host: x; reboot'" in command
