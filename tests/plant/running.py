"""Starts single hosts of the plant on addresses that a running demo does not use."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from plant.hosts import actual_port, host
from plant.state import State, write_json

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-plant" / "bin" / "python"
LONGEST_WAIT = 30.0

# Each host gets an address of its own; the process id keeps parallel runs apart.
_NUMBERS = count(1)


def next_address() -> str:
    """Return a loopback address that no other test of this run uses."""
    run = os.getpid() % 62_500
    return f"127.{78 + run // 25_000}.{run % 250 + 1}.{next(_NUMBERS) % 254 + 1}"


def until(predicate: Callable[[], bool]) -> None:
    """Return as soon as the predicate holds; fail after the longest wait."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not predicate():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.05)


@dataclass
class Running:
    """A host that serves."""

    key: str
    address: str
    state: State
    process: subprocess.Popen[str]
    report: dict[str, Any]

    def where(self, protocol: str) -> tuple[str, int]:
        """Return address and port of the service with that protocol."""
        services = host(self.key).services
        port = next(each.port for each in services if each.protocol == protocol)
        return self.address, actual_port(port)

    def fix(self, *names: str) -> dict[str, Any]:
        """Ask for exactly these fixes; return the report after they hold."""
        write_json(self.state.wanted_fixes, {"fixed": names})
        return self.next_report()

    def next_report(self) -> dict[str, Any]:
        """Wait for what the host says next. Lines of its stack are passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith('{"pid"'):
                self.report = json.loads(line)
                return self.report
        pytest.fail(f"{self.key} ended.")

    def record(self) -> list[dict[str, Any]]:
        """Return what the host's server noted itself."""
        path = self.state.record(self.key)
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]


def spawn(*arguments: str, state: Path) -> subprocess.Popen[str]:
    """Run a module of the plant in its environment."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [PYTHON, *arguments, "--state", state],
        env={"PYTHONPATH": str(ROOT / "platform"), "PATH": os.defpath},
        stdout=subprocess.PIPE,
        text=True,
    )


def spawn_text(program: str, *words: str) -> subprocess.Popen[str]:
    """Run a short program in the plant's environment."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [PYTHON, "-c", program, *words],
        env={"PATH": os.defpath},
        stdout=subprocess.DEVNULL,
        text=True,
    )
