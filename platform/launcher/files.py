"""Files that must never be half-written, seen by others, or used by two at once."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from launcher.terminal import Fault


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace a file in one step; only the owner may read it unless `mode` says more."""
    new = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Replace a private JSON file in one step."""
    write_private(path, json.dumps(content, indent=1) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or {} when there is no readable one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that the kernel frees when this process dies, however it dies.

    Yield whether the lock is ours; with `wait` it always is.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise Fault(f"{path} cannot be written by this user.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Return whether somebody holds the lock now."""
    if not path.exists():
        return False
    with locked(path, wait=False) as ours:
        return not ours


def tail(path: Path, *, lines: int = 12) -> str:
    """Return the last lines of a text file, or nothing when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 200 * lines))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def rotate(path: Path, *, limit: int = 5_000_000, keep: int = 3) -> None:
    """Put a log file aside when it has grown beyond `limit` bytes; keep the last few."""
    if not path.exists() or path.stat().st_size <= limit:
        return
    for number in range(keep - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
