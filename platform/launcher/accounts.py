"""Which account PostgreSQL runs under, and where that account may go."""

import os
import pwd
from pathlib import Path
from typing import TypedDict

from launcher.terminal import Fault


class RunAs(TypedDict, total=False):
    """The arguments of subprocess.run() that change the account."""

    user: int
    group: int
    extra_groups: list[int]


def service_account() -> pwd.struct_passwd | None:
    """Return the account for PostgreSQL when we are root, which it refuses to run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Fault(
        "PostgreSQL never runs as root, and this machine has neither an account"
        " 'postgres' nor 'nobody'. Start Sightline as an ordinary user."
    )


def run_as(account: pwd.struct_passwd | None) -> RunAs:
    """Return the arguments that make subprocess.run() use the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    """Make the account the owner of a file or folder."""
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def others_can_enter(path: Path) -> bool:
    """Return whether any account may walk down to `path`; missing folders count as open."""
    real = path.resolve()
    folders = [folder for folder in (real, *real.parents) if folder.is_dir()]
    return all(folder.stat().st_mode & 0o001 for folder in folders)
