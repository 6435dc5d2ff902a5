"""The product's processes: what is run, with which environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.children import Program
from launcher.environment import mailbox_environment, plain_environment
from launcher.keys import Keys
from launcher.places import Places
from launcher.settings import Settings
from launcher.venv import Venv

QUEUES = "discovery,paths,analysis,planning,delivery,default"
NAMES = ("web", "worker", "scheduler", "mailbox", "plant")


def product_venv(root: Path) -> Venv:
    """Return the environment of the product."""
    return Venv(folder=root / ".venv", lock=root / "requirements.lock")


def plant_venv(root: Path) -> Venv:
    """Return the environment of the demo plant: its packages stay out of the product."""
    lock = root / "platform" / "plant" / "requirements.lock"
    return Venv(folder=root / ".venv-plant", lock=lock)


def stacks_venv(root: Path) -> Venv:
    """Return the environment of protocol stacks that only the tests talk to."""
    lock = root / "tests" / "stacks" / "requirements.lock"
    return Venv(folder=root / ".venv-stacks", lock=lock)


def dev_venv(root: Path) -> Venv:
    """Return the environment of the tests."""
    return Venv(folder=root / ".venv-dev", lock=root / "requirements-dev.lock")


@dataclass(frozen=True)
class Programs:
    """Makes the Program for each name."""

    places: Places
    settings: Settings
    keys: Keys
    django: Mapping[str, str]  # the environment of Django's processes

    def web(self) -> Program:
        """Return the web server: one process, eight threads."""
        bind = f"{_bracketed(self.settings.bind)}:{self.settings.port}"
        words = ["-m", "gunicorn", "config.wsgi", "--bind", bind]
        words += ["--worker-class", "gthread", "--workers", "1", "--threads", "8"]
        words += ["--timeout", "60", "--graceful-timeout", "3"]
        if self._gunicorn_has("--no-control-socket"):
            words.append("--no-control-socket")
        return self._python("web", *words)

    def worker(self) -> Program:
        """Return the worker of all queues."""
        words = ["-m", "celery", "-A", "config.celery", "worker", "-Q", QUEUES]
        words += ["--pool", "prefork", "-c", "3", "--loglevel", "INFO"]
        # One worker has nobody to talk to.
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return self._python("worker", *words, *quiet)

    def scheduler(self) -> Program:
        """Return the process that hands out jobs and fires what is due."""
        return self._python("scheduler", "manage.py", "run_scheduler")

    def prepare(self, *words: str, environment: Mapping[str, str]) -> Program:
        """Return the command that makes roles, tables and the demo customer."""
        return self._python(
            "prepare", "manage.py", "prepare", *words, environment=environment
        )

    def kernels(self) -> Program:
        """Return the command that compiles the path engine, unless that was done."""
        return self._python("kernels", "manage.py", "warm_kernels")

    def mailbox(self) -> Program:
        """Return the local mailbox."""
        environment = mailbox_environment(self.places, self.settings, keys=self.keys)
        return self._python("mailbox", "-m", "letterbox", environment=environment)

    def plant(self) -> Program:
        """Return the demo plant; it sees its own folder and nothing of the product."""
        environment = plain_environment(self.places.root)
        environment["PYTHONPATH"] = str(self.places.root / "platform")
        environment["SIGHTLINE_PLANT_NETWORK"] = self.settings.plant_network
        python = plant_venv(self.places.root).python
        command: list[str | Path] = [python, "-m", "plant.supervisor"]
        command += ["--state", self.places.plant]
        return self._program("plant", command, environment=environment)

    def _python(
        self, name: str, *words: str, environment: Mapping[str, str] | None = None
    ) -> Program:
        python = product_venv(self.places.root).python
        return self._program(
            name, [python, *words], environment=environment or self.django
        )

    def _program(
        self, name: str, command: list[str | Path], *, environment: Mapping[str, str]
    ) -> Program:
        return Program(
            name=name,
            command=command,
            environment=environment,
            folder=self.places.root,
            log=self.places.log(name),
        )

    def _gunicorn_has(self, option: str) -> bool:
        source = product_venv(self.places.root).packages / "gunicorn" / "config.py"
        return source.exists() and option in source.read_text(encoding="utf-8")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
