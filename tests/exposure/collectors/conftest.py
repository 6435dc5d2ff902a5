"""What every test of the sweep may ask for."""

from collections.abc import Iterator

import pytest

from tests.exposure.collectors.knocking import sockets_open


@pytest.fixture
def no_leak() -> Iterator[None]:
    """Fail the test if it leaves a socket open."""
    before = sockets_open()
    yield
    assert sockets_open() == before
