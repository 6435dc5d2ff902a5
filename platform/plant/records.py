"""What a third-party server noted about its clients, one JSON line per event."""

import json
from datetime import UTC, datetime
from pathlib import Path

RECORD_LIMIT = 8 * 1024 * 1024
"""Bytes above which a record is set aside as `<key>.1.jsonl` and a new one begun."""


class Record:
    """Appends events to a host's record; each line is on disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, text: str, *, code: int, at: float | None = None) -> None:
        """Write one event.

        `text` is the server's own wording, `code` its own number for the event and
        `at` its own clock in seconds since 1970 (without it: now).
        """
        moment = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
        line = {"time": moment.isoformat(), "text": text, "code": code}
        if self._path.exists() and self._path.stat().st_size > RECORD_LIMIT:
            self._path.replace(self._path.with_suffix(".1.jsonl"))
        with self._path.open("a") as out:
            out.write(json.dumps(line) + "\n")
