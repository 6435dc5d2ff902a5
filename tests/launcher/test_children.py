"""A program is started again when it ends, and ends when its supervisor does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import children
from launcher.children import Child, Program, stop_together
from launcher.processes import identity, is_alive, wait_until_gone

PATIENT = "import signal; signal.pause()"
STUBBORN = (
    "import signal, subprocess, sys, pathlib\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "pathlib.Path('child').write_text(str(child.pid))\n"
    "signal.pause()\n"
)
SUPERVISOR = """
import sys, signal, pathlib
from launcher.children import Child, Program
folder = pathlib.Path(sys.argv[1])
words = [sys.executable, "-c", "import signal; signal.pause()"]
child = Child(Program("worker", words, {}, folder, folder / "log"))
print(child.who.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def program(code):
        words = [sys.executable, "-c", code]
        child = Child(Program("worker", words, {}, tmp_path, tmp_path / "worker.log"))
        started.append(child)
        return child

    yield program
    stop_together(started, patience=0)


def until(condition):
    """Wait for another process; a test that waits 10 s has failed."""
    end = time.monotonic() + 10
    while not (answer := condition()):
        assert time.monotonic() < end
    return answer


def test_it_is_started_again_after_a_pause(start, monkeypatch):
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.0)
    child = start(PATIENT)
    first = child.who

    os.kill(first.pid, signal.SIGKILL)
    line = until(child.check)
    child.check()

    assert "worker ended (killed by SIGKILL); starting it again" in line
    assert "worker.log" in line
    assert child.who != first
    assert is_alive(child.who)


def test_it_is_given_longer_pauses_when_it_keeps_ending(start):
    child = start("raise SystemExit(3)")

    first = until(child.check)
    second = until(child.check)

    assert "exit code 3" in first
    assert "again in 0.5 s" in first
    assert "again in 1 s" in second


def test_it_is_killed_with_all_it_started_when_it_will_not_stop(start, tmp_path):
    child = start(STUBBORN)
    grandchild = identity(int(until(lambda: read(tmp_path / "child"))))

    stop_together([child], patience=0.2)

    assert wait_until_gone([child.who, grandchild], patience=5)


def test_it_ends_when_its_supervisor_is_killed(tmp_path):
    words = [sys.executable, "-c", SUPERVISOR, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        words, stdout=subprocess.PIPE, env=environment
    ) as supervisor:
        orphan = identity(int(supervisor.stdout.readline()))
        # The leash must be on before the supervisor goes.
        until(lambda: "leash.py" not in command(orphan.pid))

        supervisor.kill()

        assert wait_until_gone([orphan], patience=5)


def read(path):
    return path.read_text() if path.exists() else ""


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()
