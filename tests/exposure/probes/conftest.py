"""Fixtures of the probe tests: hosts of the demo plant, started one by one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plant.state import State
from tests.plant.running import PYTHON, Running, next_address, spawn


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """Start a host of the plant by its key; it is stopped after the test."""
    if not PYTHON.exists():
        pytest.skip("The plant's environment .venv-plant has not been built.")
    with ExitStack() as running:

        def start_one(key: str) -> Running:
            address = next_address()
            process = running.enter_context(
                spawn("-m", "plant.host", key, "--address", address, state=tmp_path)
            )
            running.callback(process.terminate)
            one = Running(key, address, State(tmp_path), process, {})
            one.next_report()
            return one

        yield start_one
