"""One running product for all stories and all pages; each test leaves it usable."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.running import Product, environment_for


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Sightline, started by the first command of the README."""
    # Short on purpose: the path of a Unix socket holds 107 bytes.
    with tempfile.TemporaryDirectory(prefix="sl-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)
        environment = environment_for(home)
        running = Product(
            home / "state",
            environment,
            f"http://127.0.0.1:{environment['SIGHTLINE_MAILBOX_PORT']}",
        )
        running.command("up", "--detach")
        yield running
        running.command("stop")
