"""Places and servers for the tests of the start script; all of them are real."""

import os
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.accounts import service_account
from launcher.binaries import postgres_programs, valkey_program
from launcher.places import Places
from launcher.postgres import Postgres
from launcher.valkey import Valkey
from tests.launcher.stub import StubProduct, free_ports, make_stub

PACKAGES = Path(sysconfig.get_paths()["purelib"])
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """PostgreSQL's programs, where its account can enter."""
    copied = Path(tempfile.mkdtemp(prefix="slt-", dir="/var/tmp"))
    copied.chmod(0o755)
    yield postgres_programs(PACKAGES, state=copied, account=service_account())
    shutil.rmtree(copied)


@pytest.fixture
def room() -> Iterator[Path]:
    """An empty folder with a short path that PostgreSQL's account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="slt-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def places(room: Path) -> Places:
    return Places(root=REPOSITORY, state=room / "data").make()


@pytest.fixture
def postgres(places: Places, programs: Path) -> Iterator[Postgres]:
    """A PostgreSQL that is not started yet."""
    server = Postgres(
        home=places.state / "pg",
        programs=programs,
        log=places.log("postgres"),
        password="a-password-of-the-tests",
        account=service_account(),
        durable=False,
    )
    yield server
    server.stop(mode="immediate")


@pytest.fixture
def valkey(places: Places) -> Iterator[Valkey]:
    """A Valkey that is not started yet."""
    server = Valkey(
        home=places.state / "valkey",
        program=valkey_program(PACKAGES),
        log=places.log("valkey"),
    )
    yield server
    server.stop()


@pytest.fixture
def stub(room: Path) -> Iterator[StubProduct]:
    """A product whose Django is a stub; everything that the start script does is real."""
    product = make_stub(
        room / "product", repository=REPOSITORY, packages=PACKAGES, ports=free_ports(3)
    )
    yield product
    product.run("stop")


@pytest.fixture
def nobody_listens_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the developer's shell reaches the test."""
    for name in list(os.environ):
        if name.startswith(("SIGHTLINE_", "PG")):
            monkeypatch.delenv(name)
