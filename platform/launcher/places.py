"""Where everything lies: one data folder, private, with short enough socket paths."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from launcher.accounts import others_can_enter, service_account
from launcher.files import write_private
from launcher.settings import PREFIX, Settings
from launcher.terminal import Fault

SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un.sun_path on Linux, without the closing 0
MARK = ".sightline-data"


@dataclass(frozen=True)
class Places:
    """The paths of one copy of the product."""

    root: Path  # the checkout
    state: Path  # the data folder

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.state / "logs"

    @property
    def plant(self) -> Path:
        """The folder of the demo plant: inventory, status, fixes."""
        return self.state / "plant"

    @property
    def mailbox(self) -> Path:
        """The folder of the local mailbox."""
        return self.state / "mailbox"

    @property
    def files(self) -> Path:
        """The folder of the sealed files of all workspaces."""
        return self.state / "files"

    @property
    def kernels(self) -> Path:
        """The folder of the compiled parts of the path engine."""
        return self.state / "kernels"

    @property
    def secrets(self) -> Path:
        """The keys and passwords of this copy."""
        return self.state / "secrets.json"

    @property
    def lock(self) -> Path:
        """The lock that a running product holds."""
        return self.state / "sightline.lock"

    @property
    def running(self) -> Path:
        """What the running product says about itself."""
        return self.state / "running.json"

    @property
    def environment(self) -> Path:
        """The environment of the running product's processes."""
        return self.state / "environment.json"

    @property
    def demo(self) -> Path:
        """The demo sign-ins, written when the demo customer has been made."""
        return self.state / "demo.json"

    @property
    def kept_aside(self) -> Path:
        """The old data while a backup is being restored."""
        return self.state / "before-restore"

    def log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.logs / f"{name}.log"

    def make(self) -> "Places":
        """Make the data folder and refuse one that is not ours."""
        try:
            _make_state(self.state)
        except PermissionError as error:
            raise Fault(
                f"{error.filename} cannot be written by this user."
                f" Choose a data folder: {PREFIX}HOME=/full/path"
            ) from error
        for folder in (self.logs, self.plant, self.files):
            folder.mkdir(mode=0o700, exist_ok=True)
        return self


def locate(root: Path, settings: Settings) -> Places:
    """Return the places of the checkout `root`; makes nothing.

    PostgreSQL must be able to enter the data folder under its own account, and the
    paths of its sockets must fit. A default place that does not serve is replaced by
    one under /var/tmp; one that the operator chose is refused instead.
    """
    chosen = settings.home
    state = chosen or root / ".sightline"
    if problem := _problem(state):
        if chosen:
            raise Fault(f"{PREFIX}HOME: {problem}.")
        tag = hashlib.sha256(os.fsencode(root)).hexdigest()[:10]
        state = Path("/var/tmp") / f"sightline-{os.geteuid()}-{tag}"  # noqa: S108 - owner checked
    return Places(root=root, state=state)


def _problem(state: Path) -> str | None:
    longest = state / f"test-{2**22}" / "pg" / "s" / ".s.PGSQL.5432"
    if len(os.fsencode(longest)) > SOCKET_PATH_LIMIT:
        room = SOCKET_PATH_LIMIT - len(os.fsencode(longest)) + len(os.fsencode(state))
        return f"the path is too long for a socket, expected at most {room} bytes"
    if os.geteuid() == 0 and not others_can_enter(state.parent):
        return (
            f"PostgreSQL's account cannot enter {state.parent}; choose another folder"
        )
    return None


def _make_state(state: Path) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    state.mkdir(mode=0o700, exist_ok=True)
    seen = state.lstat()
    if state.is_symlink() or seen.st_uid != os.geteuid():
        raise Fault(f"{state} belongs to another user; choose one with {PREFIX}HOME.")
    # A copy that starts at the same moment may be writing the mark.
    fresh = all(MARK in entry.name for entry in state.iterdir())
    if not fresh and not (state / MARK).exists():
        raise Fault(
            f"{state} holds other files; {PREFIX}HOME must name an empty folder"
            " or one that Sightline made."
        )
    if account := service_account():
        # Root alone may look inside; PostgreSQL's account may walk through to its own.
        os.chown(state, 0, account.pw_gid)
        state.chmod(0o710)
    else:
        state.chmod(0o700)
    if not (state / MARK).exists():
        write_private(state / MARK, "The data of one copy of Sightline.\n")
