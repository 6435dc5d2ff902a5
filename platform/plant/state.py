"""The state folder of the plant: where each file is, and how it is written."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOG_LIMIT = 512 * 1024
"""Bytes of a host's log above which its older half is dropped."""


@dataclass(frozen=True)
class State:
    """The folder that a supervisor and its hosts share."""

    folder: Path

    def prepare(self) -> None:
        """Make the folders that hosts write to."""
        for name in ("logs", "records", "hosts", "certificates"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def inventory(self) -> Path:
        """What stands where, for those who scan."""
        return self.folder / "inventory.json"

    @property
    def status(self) -> Path:
        """Which hosts are up and which fixes hold."""
        return self.folder / "status.json"

    @property
    def wanted_fixes(self) -> Path:
        """Written from outside: the fixes that shall hold."""
        return self.folder / "fixes.json"

    @property
    def certificates(self) -> Path:
        """Keys and certificates, kept so that fingerprints stay the same."""
        return self.folder / "certificates"

    def log(self, key: str) -> Path:
        """What a host's stack prints."""
        return self.folder / "logs" / f"{key}.log"

    def record(self, key: str) -> Path:
        """What a host's stack says that its clients asked."""
        return self.folder / "records" / f"{key}.jsonl"

    def report(self, key: str) -> Path:
        """What a host says about itself."""
        return self.folder / "hosts" / f"{key}.json"


def write_json(path: Path, content: object) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in the file; {} if the file is missing or holds none."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def read_fixed(path: Path) -> frozenset[str]:
    """Return the names under "fixed" in a fixes file; none if it is missing."""
    names = read_json(path).get("fixed", [])
    if not isinstance(names, list):
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str))


def cap_log(path: Path) -> None:
    """Drop the older half of a log that has grown above the limit.

    The host appends to the same file, so it is cut in place; lines that are written
    in that instant may be lost.
    """
    if not path.exists() or path.stat().st_size <= LOG_LIMIT:
        return
    newest = path.read_bytes()[-LOG_LIMIT // 2 :]
    os.truncate(path, 0)
    with path.open("ab") as log:
        log.write(newest)
