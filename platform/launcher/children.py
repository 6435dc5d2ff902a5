"""Keeps programs alive: starts them again when they end, more patiently each time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import leash
from launcher.files import rotate
from launcher.processes import Identity, identity, signal_group, wait_until_gone

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a program is started again
STEADY = 60.0  # seconds after which a program counts as healthy again


@dataclass(frozen=True)
class Program:
    """What to run, where, and where its words go."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    folder: Path
    log: Path

    def launch(self, *, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start the program in a process group of its own that ends when we do.

        Its words go to the log; with `output` (as for subprocess) only its errors do.
        """
        rotate(self.log)
        held = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid())]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*held, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log if output is None else output,
                stderr=log,
                env=dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
            )


class Child:
    """One program that is meant to run, and its current process."""

    def __init__(self, program: Program) -> None:
        """Start the program."""
        self.program = program
        self.restarts = 0
        self._pause = FIRST_PAUSE
        self._due = 0.0
        self._start()

    def _start(self) -> None:
        self._process = self.program.launch()
        self._running = True
        self._since = time.monotonic()
        self.who = identity(self._process.pid) or Identity(self._process.pid, "")

    def wait(self) -> int:
        """Return the exit code of a program that is meant to end."""
        return self._process.wait()

    def check(self) -> str | None:
        """Start the program again if it is due; return a line when it has ended."""
        now = time.monotonic()
        if not self._running:
            if now >= self._due:
                self.restarts += 1
                self._start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        # What it had started must not hold a port or a job any longer.
        signal_group(self.who, signal.SIGKILL)
        self._running = False
        if now - self._since > STEADY:
            self._pause = FIRST_PAUSE
        self._due, pause = now + self._pause, self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return (
            f"{self.program.name} ended ({ending(code)}); starting it again in"
            f" {pause:g} s. Its log: {self.program.log}"
        )


def stop_together(children: Sequence[Child], *, patience: float) -> None:
    """Ask all to end at once; kill those that are not done after `patience` seconds."""
    stop_identities([child.who for child in children], patience=patience)
    for child in children:
        child.wait()


def stop_identities(those: Sequence[Identity], *, patience: float) -> None:
    """As stop_together(), for processes that another supervisor has left behind."""
    for who in those:
        signal_group(who, signal.SIGTERM)
    wait_until_gone(those, patience=patience)
    for who in those:
        signal_group(who, signal.SIGKILL)


def ending(code: int) -> str:
    """Return how a process ended, in words."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
