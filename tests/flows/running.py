"""A running product, started by its own start script, for tests that tell stories."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import urllib3

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
Found = TypeVar("Found")


def eventually(look: Callable[[], Found], *, within: float = PATIENCE) -> Found:
    """Return the first true answer of `look`; fail with the last one after `within` s."""
    ends = time.monotonic() + within
    pause = threading.Event()
    while not (answer := look()):
        assert time.monotonic() < ends, f"It did not happen within {within:.0f} s."
        pause.wait(0.2)
    return answer


@dataclass(frozen=True)
class Product:
    """Sightline with its demo plant, on ports and in a folder of its own."""

    home: Path
    environment: dict[str, str]
    mailbox: str

    def command(self, *words: str) -> str:
        """Run one command of the start script and return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own start script
            [str(ROOT / "sightline"), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def record(self) -> dict[str, Any]:
        """What the start script knows of itself."""
        content: dict[str, Any] = json.loads((self.home / "running.json").read_text())
        return content

    @property
    def address(self) -> str:
        """Where people find it."""
        return str(self.record["address"]).rstrip("/")

    def password(self, email: str) -> str:
        """Return a demo password, as the start printed it."""
        people = json.loads((self.home / "demo.json").read_text())["sign_ins"]
        return next(str(p["password"]) for p in people if p["email"] == email)

    def mails(self) -> list[dict[str, Any]]:
        """Return the mails that arrived."""
        return self._received("/api/messages")

    def calls(self) -> list[dict[str, Any]]:
        """Return the webhook calls that arrived."""
        return self._received("/api/hooks")

    def _received(self, path: str) -> list[dict[str, Any]]:
        answer = urllib3.request("GET", self.mailbox + path, retries=False)
        content = answer.json()
        rows: list[dict[str, Any]] = (
            content
            if isinstance(content, list)
            else next(value for value in content.values() if isinstance(value, list))
        )
        return rows

    def kill(self, name: str) -> int:
        """End a process and its children without warning; return the pid that died."""
        pid = eventually(lambda: self.pid_of(name))
        os.killpg(os.getpgid(pid), signal.SIGKILL)
        return pid

    def pid_of(self, name: str) -> int:
        """Return the process number of a program or a server; 0 while it is down."""
        files = {"postgres": "pg/data/postmaster.pid", "valkey": "valkey/*pid*"}
        if name not in files:
            return int(self.record["programs"][name]["pid"])
        found = [path.read_text() for path in self.home.glob(files[name])]
        return int(found[0].split("\n", 1)[0]) if found and found[0] else 0

    def plant_record(self, key: str) -> list[dict[str, Any]]:
        """Return what a server of the plant wrote down about its clients."""
        file = self.home / "plant" / "records" / f"{key}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(home: Path) -> dict[str, str]:
    """Return a bare environment: a home folder, a path, and our own settings."""
    folders = os.environ["PATH"].split(os.pathsep)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LANG", "SSL_CERT_FILE"} or name.startswith("PIP_")
    }
    port = free_port()
    return {
        **kept,
        # The machine's own Python starts the product, not the one of the tests.
        "PATH": os.pathsep.join(f for f in folders if not f.startswith(str(ROOT))),
        "HOME": str(home),
        "SIGHTLINE_HOME": str(home / "state"),
        "SIGHTLINE_PORT": str(port),
        # Browsers take passkeys at an address with a name only.
        "SIGHTLINE_SITE_URL": f"http://localhost:{port}",
        "SIGHTLINE_MAILBOX_PORT": str(free_port()),
        "SIGHTLINE_SMTP_PORT": str(free_port()),
        # Copies of the demo may run elsewhere; each has addresses of its own.
        "SIGHTLINE_PLANT_NETWORK": f"127.{128 + os.getpid() % 100}",
        # A dead worker's job is given to another one after this long.
        "SIGHTLINE_JOB_LEASE_SECONDS": "4",
    }
