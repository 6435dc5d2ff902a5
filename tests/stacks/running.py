"""Starts third-party protocol stacks that only the tests talk to."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.plant.running import ROOT

PYTHON = ROOT / ".venv-stacks" / "bin" / "python"
HOSTS = Path(__file__).parent / "hosts"
READY = "ready"


@contextmanager
def running_stack(
    script: str, address: str, *, words: Sequence[str] = (), python: Path = PYTHON
) -> Iterator[subprocess.Popen[str]]:
    """Run `hosts/<script>.py ADDRESS WORDS` until the block ends.

    The script prints the line "ready" once it listens; what it prints afterwards is in
    the process's standard output. `python` is the interpreter that has the stack.
    """
    if not python.exists():
        folder = python.parent.parent.name
        pytest.skip(f"The environment {folder} has not been built.")
    command = [python, HOSTS / f"{script}.py", address, *words]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env={"PATH": os.defpath}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == READY:
                break
        else:
            pytest.fail(f"The stack {script} ended before it listened.")
        yield process
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
