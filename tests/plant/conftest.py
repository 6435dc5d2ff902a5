"""Fixtures that start hosts of the plant in its own environment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plant.state import State
from tests.plant.running import PYTHON, Running, next_address, spawn


@pytest.fixture(scope="session")
def plant_python() -> Path:
    """The interpreter that has the protocol stacks."""
    if not PYTHON.exists():
        pytest.skip("The plant's environment .venv-plant has not been built.")
    return PYTHON


@pytest.fixture
def start(plant_python: Path, tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """Start a host by its key; it is stopped after the test."""
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
