"""Starts and stops the embedded Valkey on a private Unix socket."""

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from launcher.files import locked, rotate, tail
from launcher.processes import Identity, command_line, identity
from launcher.terminal import Fault

PATIENCE = 30.0  # seconds that loading its log may take


@dataclass(frozen=True)
class Valkey:
    """One server in `home`; its append-only log survives a kill."""

    home: Path
    program: Path
    log: Path

    @property
    def socket(self) -> Path:
        """The Unix socket."""
        return self.home / "v.sock"

    @property
    def pid_file(self) -> Path:
        """Where the server writes its number."""
        return self.home / "pid"

    def is_ready(self) -> bool:
        """Return whether the server answers."""
        return self._say(b"PING\r\n").startswith(b"+PONG")

    def server(self) -> Identity | None:
        """Return the server process, or None when the pid file names nobody of ours."""
        try:
            found = identity(int(self.pid_file.read_text()))
        except (OSError, ValueError):
            return None
        return found if found and str(self.socket) in command_line(found.pid) else None

    def start(self) -> None:
        """Start the server unless it runs; return when it answers."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        with locked(self.home.with_name(self.home.name + ".lock")):
            if self.is_ready():
                return
            if self.server() is None:
                rotate(self.log)
                self._launch()
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                if self.is_ready():
                    return
                if self.pid_file.exists() and self.server() is None:
                    break
                time.sleep(0.02)
        raise Fault(self._why_not())

    def stop(self) -> None:
        """Stop the server after it has written everything."""
        who = self.server()
        self._say(b"SHUTDOWN\r\n")
        until = time.monotonic() + 5
        while who and self.server() == who and time.monotonic() < until:
            time.sleep(0.02)

    def _launch(self) -> None:
        self.pid_file.unlink(missing_ok=True)
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.home),
            "--pidfile": str(self.pid_file),
            "--logfile": str(self.log),
            "--appendonly": "yes",
            "--save": "",
            # A queue that forgets is worse than one that refuses.
            "--maxmemory-policy": "noeviction",
            "--daemonize": "yes",
        }
        words = [word for pair in options.items() for word in pair]
        answer = subprocess.run(
            [self.program, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
        )
        if answer.returncode != 0:
            raise Fault(self._why_not())

    def _say(self, line: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as talk:
                talk.settimeout(2)
                talk.connect(str(self.socket))
                talk.sendall(line)
                return talk.recv(64)
        except OSError:
            return b""

    def _why_not(self) -> str:
        last = tail(self.log, lines=5)
        if "No space left on device" in last:
            return f"The disk is full: Valkey cannot write {self.home}."
        return f"Valkey did not start; {self.log} ends with:\n{last}"
