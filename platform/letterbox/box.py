"""Keeps what was received: one file each, whole or not at all, the oldest dropped."""

import os
import re
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

from common.ids import uuid7

MAX_KEPT = 500
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNFINISHED = ".part"


class Box:
    """One folder of received things, named by ids that sort by time."""

    def __init__(self, folder: Path, *, suffix: str, kept: int = MAX_KEPT) -> None:
        self.folder, self.suffix, self.kept = folder, suffix, kept
        self._adding = threading.Lock()
        # Mails hold links that sign people in: nobody else on the machine reads them.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in folder.glob(f"*{UNFINISHED}"):
            path.unlink(missing_ok=True)

    def add(self, raw: bytes) -> str:
        """Store the bytes on disk and return their id; raises OSError if it cannot."""
        made = str(uuid7())
        path = self._path(made)
        unfinished = path.with_suffix(UNFINISHED)
        with self._adding:
            with unfinished.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            for old in self.ids()[self.kept :]:
                self._path(old).unlink(missing_ok=True)
        return made

    def ids(self) -> list[str]:
        """Return the ids, newest first."""
        names = (path.stem for path in self.folder.glob(f"*{self.suffix}"))
        return sorted((name for name in names if ID.fullmatch(name)), reverse=True)

    def read(self, wanted: str, *, limit: int) -> bytes | None:
        """Return the first `limit` bytes, or None if there is no such id."""
        if not ID.fullmatch(wanted):
            return None
        try:
            with self._path(wanted).open("rb") as file:
                return file.read(limit)
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{self.suffix}"


def received_at(wanted: str) -> datetime:
    """Return the moment that an id carries, in UTC."""
    milliseconds = uuid.UUID(wanted).int >> 80
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
