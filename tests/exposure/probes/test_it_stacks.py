"""Probing third-party file, mail, database and telnet servers; nobody signs in."""

import asyncio
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

from exposure.logic.checks import evaluate
from exposure.probes import postgres
from exposure.probes.base import Direction, Outcome, ProbeResult
from exposure.probes.registry import BY_NAME
from exposure.probes.runner import Host, OpenPort, identify
from launcher.binaries import valkey_program
from plant.recorder import recording
from tests.exposure.probes.stage import allow, ask, never
from tests.plant.running import PYTHON as PLANT_PYTHON
from tests.plant.running import next_address, until
from tests.stacks.running import running_stack

pytestmark = pytest.mark.plant
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture(scope="module")
def office() -> Iterator[str]:
    """pyftpdlib, telnetlib3, impacket and mysql-mimic behind one address."""
    address = next_address()
    with running_stack("office", address):
        yield address


@pytest.fixture(scope="module")
def decoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The services of opencanary, and the file in which they note what they saw."""
    address, records = next_address(), tmp_path_factory.mktemp("decoy") / "seen"
    records.touch()
    words = [str(records)]
    with running_stack("decoy", address, words=words, python=PLANT_PYTHON):
        yield address, records


def look(address: str, port: int, protocol: str) -> ProbeResult:
    """Probe one port through a front that notes every byte, and compare notes."""
    with recording("raw", (address, port), address=next_address()) as seen:
        host = Host(seen.address, [OpenPort(seen.port, protocol)])

        async def gather() -> list[ProbeResult]:
            return [r async for r in identify(host, permit=allow, should_stop=never)]

        [result] = asyncio.run(gather())

    sent = [e.data for e in result.exchanges if e.direction is Direction.SENT]
    assert b"".join(one.data for one in seen.requests()) == b"".join(sent)
    assert set(sent) <= set(BY_NAME[protocol].messages)
    assert len(seen.connections) == result.connections
    assert seen.peak == 1
    return result


def weaknesses(result: ProbeResult) -> set[str]:
    """Return the checks that hold."""
    verdicts = evaluate(result.facts, result.probe, now=NOW)
    return {check.id for check, verdict in verdicts if verdict.holds}


@pytest.mark.parametrize(
    ("protocol", "port", "facts", "found"),
    [
        (
            "ftp",
            2121,
            {"banner": "Recipe store of the dairy", "system": "UNIX Type: L8"},
            {"ftp-clear"},
        ),
        (
            "telnet",
            2323,
            {"banner": "Moxa NPort 5110 login:", "asks_for_sign_in": True},
            {"telnet-clear"},
        ),
        (
            "smb",
            4450,
            {"dialect": "2.0.2", "version_1_spoken": True, "signing_required": False},
            {"smb-exposed", "smb-v1", "smb-unsigned"},
        ),
        ("mysql", 3306, {"product": "MySQL", "version": "8.0.29"}, {"mysql-exposed"}),
    ],
)
def test_it_identifies_a_server_of_an_office(
    office: str, protocol: str, port: int, facts: dict[str, Any], found: set[str]
) -> None:
    result = look(office, port, protocol)

    assert result.outcome is Outcome.IDENTIFIED
    assert facts.items() <= result.facts.items()
    assert weaknesses(result) == found


@pytest.mark.parametrize(
    ("protocol", "port", "outcome", "facts"),
    [
        ("ftp", 2121, Outcome.IDENTIFIED, {"banner": "FTP Ready."}),
        ("telnet", 2323, Outcome.IDENTIFIED, {"asks_for_sign_in": True}),
        (
            "mssql",
            1433,
            Outcome.IDENTIFIED,
            {"product": "SQL Server 2014", "version": "12.0.4100"},
        ),
        ("mysql", 3306, Outcome.IDENTIFIED, {"version": "5.5.43-0ubuntu0.14.04.1"}),
        ("redis", 6379, Outcome.IDENTIFIED, {"answers_without_password": False}),
        # It answers in a newer form than it was asked in, as no server does.
        ("mongodb", 27017, Outcome.ANOMALY, {"product": "MongoDB"}),
    ],
)
def test_a_decoy_never_sees_anybody_sign_in(
    decoy: tuple[str, Path],
    protocol: str,
    port: int,
    outcome: Outcome,
    facts: dict[str, Any],
) -> None:
    address, records = decoy

    result = look(address, port, protocol)

    assert result.outcome is outcome
    assert facts.items() <= result.facts.items()
    assert not [line for line in records.read_text().splitlines() if "LOGIN" in line]


@pytest.mark.parametrize(
    ("words", "found"),
    [(["--protected-mode", "no"], {"redis-open"}), (["--requirepass", "x"], set())],
    ids=["open", "password"],
)
def test_it_tells_a_valkey_with_a_password_from_one_without(
    words: list[str], found: set[str], tmp_path: Path
) -> None:
    with valkey(words, folder=tmp_path) as address:
        result = look(address, 6379, "redis")

    assert result.outcome is Outcome.IDENTIFIED
    assert weaknesses(result) == found
    if found:
        assert result.facts["product"] == "Valkey"
        assert result.facts["version"]


@contextmanager
def valkey(words: list[str], *, folder: Path) -> Iterator[str]:
    """Run the Valkey of the product on a port of its own."""
    address = next_address()
    program = valkey_program(Path(sysconfig.get_paths()["purelib"]))
    command = [program, "--bind", address, "--save", "", "--dir", folder, *words]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: listens(address, 6379))
        yield address
    finally:
        process.terminate()
        process.wait(10)


def listens(address: str, port: int) -> bool:
    """Say whether a port takes connections."""
    with suppress(OSError):
        socket.create_connection((address, port), 1).close()
        return True
    return False


def test_it_asks_a_real_postgresql_for_encryption() -> None:
    folder = Path(str(settings.DATABASES["owner"]["HOST"]))
    plug = next(folder.glob(".s.PGSQL.*[0-9]"), None)
    if plug is None:
        pytest.skip("PostgreSQL is not up; ./sightline test starts it.")

    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # The tests' own PostgreSQL listens on a socket of the file system only.
        server_reader, server_writer = await asyncio.open_unix_connection(plug)
        server_writer.write(await reader.readexactly(len(postgres.TLS_REQUEST)))
        writer.write(await server_reader.readexactly(1))
        await writer.drain()
        server_writer.close()

    result = ask(postgres.PROBE, pass_on)

    # Over such a socket it never offers encryption.
    assert result.facts == {"product": "PostgreSQL", "tls_offered": False}
    assert weaknesses(result) == {"postgres-exposed"}


def test_it_reads_what_a_mail_server_can_do() -> None:
    address = next_address()
    server = Controller(object(), hostname=address, port=2525)
    server.start()
    try:
        result = look(address, 2525, "smtp")
    finally:
        server.stop()

    assert str(result.facts["banner"]).startswith("localhost Python SMTP")
    assert weaknesses(result) == {"smtp-clear"}
