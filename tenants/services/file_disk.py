"""The folder in which sealed files lie: private, outside of anything that is served.

A path is made of two ids of ours, never of a word that somebody sent. A file is complete
or not there: it is written beside its place, forced to the disk, then renamed.
"""

import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
PART = ".part"  # how a file is called while it is written
STALE_SECONDS = 24 * 3600


def path_of(workspace_id: uuid.UUID, file_id: uuid.UUID) -> Path:
    """Return where the content of a file lies."""
    return folder_of(workspace_id) / str(file_id)


def folder_of(workspace_id: uuid.UUID) -> Path:
    """Return where the files of a workspace lie."""
    return _root() / str(workspace_id)


def write(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a new private file; whatever fails or dies leaves nothing in its place."""
    _make_private(path.parent.parent)
    _make_private(path.parent)
    part = path.with_name(path.name + PART)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    handle = os.open(part, flags, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as out:
            for block in blocks:
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        _sync(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def size_of(path: Path) -> int | None:
    """Return how many bytes lie there; None if nothing does."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def sweep(workspace_id: uuid.UUID, *, keep: Collection[str]) -> int:
    """Remove what nothing refers to and what was never finished; return how many.

    Only what is older than a day: a younger one may belong to a transaction that has
    not committed yet. `keep` holds the ids that rows refer to.
    """
    folder = folder_of(workspace_id)
    if not folder.is_dir():
        return 0
    count, before = 0, time.time() - STALE_SECONDS
    for entry in folder.iterdir():
        if entry.name not in keep and entry.lstat().st_mtime < before:
            entry.unlink(missing_ok=True)
            count += 1
    return count


def _root() -> Path:
    return Path(settings.FILES_DIR)


def _make_private(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Force a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_all(workspace_id: uuid.UUID) -> None:
    """Remove every file of a workspace that is no more, and its folder."""
    shutil.rmtree(folder_of(workspace_id), ignore_errors=True)
