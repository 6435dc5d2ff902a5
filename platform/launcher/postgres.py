"""Starts and stops the embedded PostgreSQL, whatever state the last run left it in."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launcher.accounts import give, run_as
from launcher.files import locked, rotate, tail
from launcher.processes import Identity, command_line, identity
from launcher.terminal import Fault

ADMIN = "sightline_admin"
PATIENCE = 10.0  # seconds to wait for the remains of a killed server to go away
RECOVERY = 120.0  # seconds that replaying the log may take after a crash
DURABLE = {"max_connections": "60", "shared_buffers": "'128MB'"}
# A test cluster lives for minutes: nothing needs to survive a crash of the machine.
THROW_AWAY = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster in `home`: data in home/data, socket in home/s, no TCP."""

    home: Path
    programs: Path
    log: Path
    password: str
    account: pwd.struct_passwd | None
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.home / "data"

    @property
    def socket(self) -> Path:
        """The folder of the Unix socket."""
        return self.home / "s"

    def is_ready(self) -> bool:
        """Return whether the server accepts connections."""
        ask = self.programs / "pg_isready"
        return self._call([ask, "-q", "-h", self.socket, "-t", "2"]).returncode == 0

    def server(self) -> Identity | None:
        """Return the server process, or None when the pid file names nobody of ours."""
        try:
            first = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
            found = identity(int(first))
        except (OSError, ValueError):
            return None
        ours = found and f"-D {self.data}" in command_line(found.pid)
        return found if ours else None

    def start(self) -> None:
        """Start the server unless it runs; return when it accepts connections."""
        self._folders()
        with locked(self.home.with_name(self.home.name + ".lock")):
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if self.is_ready():
                return
            self._check_version()
            # PostgreSQL refuses what a chmod -R or a copy has opened to others.
            self.data.chmod(0o700)
            self._write_settings()
            rotate(self.log)
            self._bring_up()

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server; `mode` is fast or immediate, as for pg_ctl."""
        if not self.data.exists():
            return
        with locked(self.home.with_name(self.home.name + ".lock")):
            for how in (mode, "immediate"):
                if self.server() is None:
                    return
                self._call([*self._pg_ctl(), "-t", "8", "-m", how, "stop"])

    def run(
        self, program: str, *words: str | Path, output: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of PostgreSQL's programs as the cluster's administrator."""
        environment = {**quiet_environment(), "PGPASSWORD": self.password}
        where = ["-h", str(self.socket), "-U", ADMIN, "--no-password"]
        return subprocess.run(
            [self.programs / program, *where, *words],
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def _folders(self) -> None:
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.socket.mkdir(mode=0o700, exist_ok=True)
        give(self.home, self.account)
        give(self.socket, self.account)

    def _create(self) -> None:
        """Make the cluster beside its place and rename it: it is never half-made."""
        for left in self.home.glob("data.*"):
            shutil.rmtree(left, ignore_errors=True)
        unfinished = self.home / f"data.{os.getpid()}"
        with tempfile.NamedTemporaryFile("w", dir=self.socket) as secret:
            secret.write(self.password)
            secret.flush()
            give(Path(secret.name), self.account)
            init: list[str | Path] = [self.programs / "initdb", "-D", unfinished]
            init += ["-U", ADMIN]
            init += [f"--pwfile={secret.name}", "-A", "scram-sha-256", "-E", "UTF8"]
            # PostgreSQL's own C.UTF-8 sorts alike on every machine and needs no locale.
            init += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            answer = self._call([*init, "--locale=C", "--no-sync", "--no-instructions"])
        if answer.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise Fault(_reason("PostgreSQL could not make its data", answer.stderr))
        with (unfinished / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_if_exists 'sightline.conf'\n")
        unfinished.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        answer = self._call([self.programs / "postgres", "--version"])
        ours = answer.stdout.split()[-1].split(".")[0]
        if made_by != ours:
            raise Fault(
                f"{self.data} was made by PostgreSQL {made_by}, this is {ours}."
                " Make a backup with the older Sightline and restore it with this one."
            )

    def _write_settings(self) -> None:
        """Write the settings before each start: the folder may have been moved."""
        socket = str(self.socket).replace("'", "''")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{socket}'",
            "unix_socket_permissions": "0700",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            **(DURABLE if self.durable else THROW_AWAY),
        }
        file = self.data / "sightline.conf"
        file.write_text(
            "".join(f"{key} = {value}\n" for key, value in settings.items())
        )
        give(file, self.account)

    def _bring_up(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            if self.server() is not None:
                # Ours and still recovering: wait for it instead of starting another.
                if self._becomes_ready():
                    return
            else:
                self._clear_remains()
            with self.log.open("ab") as log:
                begin = [*self._pg_ctl(), "-t", str(int(RECOVERY)), "start"]
                if self._call(begin, output=log).returncode == 0:
                    return
            last = tail(self.log, lines=6)
            if "No space left on device" in last:
                raise Fault(f"The disk is full: PostgreSQL cannot write {self.data}.")
            # Children of a killed server keep its shared memory for a moment.
            if time.monotonic() > until:
                raise Fault(f"PostgreSQL did not start; {self.log} ends with:\n{last}")
            time.sleep(0.25)

    def _becomes_ready(self) -> bool:
        until = time.monotonic() + RECOVERY
        while self.server() is not None and time.monotonic() < until:
            if self.is_ready():
                return True
            time.sleep(0.1)
        return False

    def _clear_remains(self) -> None:
        """Remove what names a server that has gone, or a stranger with its number."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _pg_ctl(self) -> list[str | Path]:
        return [self.programs / "pg_ctl", "-D", self.data, "-w", "-s"]

    def _call(
        self, command: Sequence[str | Path], *, output: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=output or subprocess.PIPE,
            text=True,
            cwd="/",
            env=quiet_environment(),
            start_new_session=True,
            **run_as(self.account),
        )


def quiet_environment() -> dict[str, str]:
    """Return our environment without libpq's own variables, speaking plain English."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _reason(what: str, said: str) -> str:
    if "No space left on device" in said:
        return f"The disk is full. {what}."
    lines = [line for line in said.splitlines() if "error" in line or "fatal" in line]
    return f"{what}: {(lines or said.splitlines() or ['no reason given'])[0]}"
