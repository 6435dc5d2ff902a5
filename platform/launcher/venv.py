"""Makes a Python environment from a hashed lock file, once, whoever asks first."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.files import locked
from launcher.terminal import Fault, Progress, megabytes

ROOM = 700 * 2**20  # bytes: the largest environment plus what the installer unpacks
FULL = "No space left on device"
UV = "uv==0.13.9"
UV_HASHES = (
    "16963d19594e18d746a70c7fce82237bde4f2cac4cfcf0ca2b84796fe9d0c6e9",
    "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    "3eeeb51a267a2144640fcd8f38d4a2f63439b39bc47445fd84727c3fc462c843",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    "56ec37616c00220032fc7b8c9d0ef51367fd0d70d9cd6ddd841660f949f84fed",
    "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    "6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b",
    "6b0c7b9f47a5d011939d61e324d3fe18a8bc155d8dd53add738709a92f290a7c",
    "6d5114bba238adddacb32fb11904f2b3ff4e988f8e9ff0d8d3b5e9822cf836b8",
    "7ec1e1dd9b6cb335c301afdf877989df384227313981850755a59561f75e4ab8",
    "a2ee66fe8b6608e1482ab1bde5799da04705c1cb40324c7f66054ecf46ae6e40",
    "a6e845f387e4ed55bb59342957a9179e24a631fcc7668bda3426ae1cef8ed4b9",
    "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    "c5dbdb7c8737cd183a9dce95b39cfd1f3d54ec2a27a1bb58f160293f9ba2c805",
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "db5c8df7145c21ffea9c0f74e38823bac3af60cbadf0e26b8633f08627b17bab",
    "dd6f4f93ddf8a668c73f0945f3638444b2140a4e15a3912067493fc6335543e4",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    "eeb92051c2123b9730c46b04cc843cfa4bc7d7b0aec56df431a2215ef4cb0273",
)


@dataclass(frozen=True)
class Venv:
    """One environment: its folder and the lock file that says what is in it."""

    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The folder of the installed packages."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "lib" / version / "site-packages"

    @property
    def _stamp(self) -> Path:
        return self.folder / ".sightline-stamp"

    def _made_by(self) -> str:
        # Scripts carry the full path, so an environment that was moved is made anew; so
        # is one whose libraries belong to another interpreter of the same version.
        known = f"{sys.version} {os.path.realpath(sys.executable)} {self.folder}"
        return hashlib.sha256(os.fsencode(known)).hexdigest()

    @property
    def wanted_stamp(self) -> str:
        """What the stamp says of an environment of this interpreter and lock file."""
        return f"{self._made_by()} {hashlib.sha256(self.lock.read_bytes()).hexdigest()}"

    def is_ready(self) -> bool:
        """Return whether the environment is complete and belongs to the lock file."""
        return (
            self._stamp.exists()
            and self._stamp.read_text() == self.wanted_stamp
            and self.python.exists()
        )

    def build(self, progress: Progress) -> None:
        """Make the environment unless it is ready; a second caller waits for the first."""
        if not self.lock.exists():
            raise Fault(f"{self.lock} is missing; is this a complete copy?")
        try:
            with locked(self.folder.with_name(self.folder.name + ".lock")):
                if not self.is_ready():
                    self._make(progress)
        except PermissionError as error:
            raise Fault(
                f"{error.filename or self.folder} cannot be written by this user."
            ) from error

    def _make(self, progress: Progress) -> None:
        name = self.folder.name
        _check_room(self.folder.parent)
        if importlib.util.find_spec("pip") is None:
            raise Fault(
                f"pip is missing for {sys.executable}. Install it, on Debian and Ubuntu"
                " with: apt-get install python3-pip"
            )
        progress.say(f"Installing packages into {name} (this start only)")
        # What an earlier build left half-done has no stamp and is not trusted.
        was = self._stamp.read_text() if self._stamp.exists() else ""
        clear = [] if was.startswith(self._made_by()) else ["--clear"]
        self._stamp.unlink(missing_ok=True)
        make = [sys.executable, "-m", "venv", *clear, "--without-pip", self.folder]
        _run([str(word) for word in make], what=f"{name} could not be made")
        self._install(progress)
        self._stamp.write_text(self.wanted_stamp)
        progress.say(f"{name} is ready")

    def _install(self, progress: Progress) -> None:
        wanted = ["--require-hashes", "-r", str(self.lock)]
        if self._has_uv():
            uv = [str(self.folder / "bin" / "uv"), "pip", "install", "-q"]
            fast = [*uv, "--system-certs", "--python", str(self.python), *wanted]
            if _finishes(fast):
                return
        progress.say("uv did not manage; installing with pip, which takes longer")
        _run([*self._pip(), *wanted], what="the packages could not be installed")

    def _pip(self) -> list[str]:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        return [*pip, "--disable-pip-version-check", "install", "-q"]

    def _has_uv(self) -> bool:
        """Install uv, which is several times faster than pip, into the environment."""
        hashes = " ".join(f"--hash=sha256:{one}" for one in UV_HASHES)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
            listed.write(f"{UV} {hashes}\n")
            listed.flush()
            wanted = ["--require-hashes", "--only-binary=:all:", "-r", listed.name]
            return _finishes([*self._pip(), *wanted])


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise Fault(
            f"The disk is too full: {folder} has {megabytes(free)} left,"
            f" the packages need {megabytes(ROOM)}."
        )


def _finishes(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def _run(command: Sequence[str], *, what: str) -> None:
    """Run a command; on failure raise a Fault with the line that says most."""
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return
    said = (answer.stderr or answer.stdout).strip()
    if FULL in said:
        raise Fault("The disk is full: free some space and start again.")
    errors = [line for line in said.splitlines() if "rror" in line]
    reason = (errors or said.splitlines() or ["no reason given"])[-1]
    raise Fault(f"{what[0].upper()}{what[1:]}: {reason.strip()}")
