"""Checks an exported ledger as a whole: the second half of the auditor's verifier.

    python3 verify_ledger.py EXPORT [--key KEY] [--checkpoint FILE ...]

EXPORT is the folder or zip file that was exported. KEY is the ledger's public key as you
learned it earlier, not from this export. FILE holds a checkpoint that you kept, such as a
mail. Exit codes: 0 the ledger holds, 1 it does not, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenants.logic.proofs import (
    Checkpoint,
    Key,
    Unreadable,
    Walk,
    read_key,
    read_note,
    read_object,
)

MAX_LINE = 16 * 1024 * 1024
ANSWERS = ("decision.signed", "decision.changes_requested", "decision.rejected")


class Export:
    """The files of an export, in a folder or a zip."""

    def __init__(self, place: Path) -> None:
        """Open it; raises Unreadable."""
        try:
            self.zip = None if place.is_dir() else zipfile.ZipFile(place)
        except (OSError, zipfile.BadZipFile) as error:
            raise Unreadable(f"{place} is no export: {error}") from error
        self.place = place

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends."""
        try:
            stream = self.zip.open(name) if self.zip else (self.place / name).open("rb")
        except (OSError, KeyError) as error:
            raise Unreadable(f"{name} is missing") from error
        with stream:
            number = 0
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise Unreadable(f"line {number} of {name} is too long")
                yield line.rstrip(b"\n")

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a file of JSON Lines."""
        for number, line in enumerate(self.lines(name), start=1):
            yield read_object(line, f"line {number} of {name}")

    def text(self, name: str) -> str:
        """Return the only line of a file."""
        return next(self.lines(name), b"").decode("utf-8", "replace")


class Kept:
    """Checkpoints, each held against the ledger when the walk has come to its size."""

    def __init__(self, walk: Walk) -> None:
        """Start with none."""
        self.walk = walk
        self.at: dict[int, list[tuple[str, Checkpoint]]] = {}
        self.count = 0

    def add(self, note: str, key: Key, where: str) -> None:
        """Take one in; a bad one is a problem at once."""
        try:
            checkpoint = read_note(note, key)
        except Unreadable as error:
            self.walk.problems.append(f"{where}: {error}")
            return
        self.count += 1
        self.at.setdefault(checkpoint.size, []).append((where, checkpoint))

    def compare(self) -> None:
        """Hold those of the present size against the ledger."""
        for where, checkpoint in self.at.pop(self.walk.tree.size, ()):
            same = checkpoint.root == self.walk.tree.root()
            if not same or checkpoint.head != self.walk.head:
                self.walk.problems.append(
                    f"{where}: it was signed over other entries 1 to {checkpoint.size}: "
                    "one of them was changed, or the ledger was forked"
                )

    def compare_rest(self) -> None:
        """Those that are left say that there were more entries."""
        for size, rows in sorted(self.at.items()):
            for where, _ in rows:
                self.walk.problems.append(
                    f"{where}: it was signed over {size} entries, but only "
                    f"{self.walk.tree.size} are here: the end was cut off"
                )


def check(export: Export, key: Key, notes: dict[str, str]) -> tuple[Walk, int, int]:
    """Check everything; return the walk, how many checkpoints and how many erased."""
    walk = Walk(key.name.rpartition("/")[2])
    kept = Kept(walk)
    for number, row in enumerate(export.objects("checkpoints.jsonl"), start=1):
        kept.add(str(row.get("note")), key, f"checkpoint {number} of the export")
    for where, note in notes.items():
        kept.add(note, key, where)
    told = {row.get("seq"): row for row in export.objects("details.jsonl")}
    answers = {row.get("seq"): row for row in export.objects("signatures.jsonl")}
    silent = []
    kept.compare()
    for line in export.lines("entries.jsonl"):
        body = walk.step(line)
        number = walk.tree.size
        detail = told.pop(number, None)
        if detail is None:
            silent.append(number)
        else:
            walk.detail(number, body, detail)
            if body.get("action") in ANSWERS:
                _check_answer(walk, detail, answers.pop(number, None))
        kept.compare()
    kept.compare_rest()
    _check_rest(walk, silent, [*told, *answers])
    return walk, kept.count, len(walk.erased)


def _check_answer(walk: Walk, told: dict[str, Any], row: dict[str, Any] | None) -> None:
    """Hold the stored bytes of a signature against the hash in the ledger."""
    number = walk.tree.size
    try:
        noted = (read_object(told["detail"].encode(), "")["after"] or {})[
            "payload_hash"
        ]
        payload = base64.b64decode(row["payload"], validate=True) if row else b""
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError):
        noted, payload = None, b""
    if hashlib.sha256(payload).hexdigest() != noted:
        walk.problems.append(
            f"entry {number}: the signature it tells of is missing or was changed"
        )


def _check_rest(walk: Walk, silent: list[int], unknown: list[Any]) -> None:
    for number in silent:
        if number not in walk.erased:
            walk.problems.append(
                f"entry {number}: its readable part is missing, and nothing says that "
                "it was erased"
            )
    for seq in unknown:
        walk.problems.append(
            f"there is a detail or signature of entry {seq}, which is none"
        )


def main(words: list[str]) -> int:
    """Check an export and say what was found."""
    parser = argparse.ArgumentParser(description="Verifies an exported ledger.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", help="the public key as you learned it earlier")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    options = parser.parse_args(words)
    try:
        export = Export(options.export)
        found = read_key(export.text("key.txt"))
        key = read_key(options.key) if options.key else found
        notes = {str(path): path.read_text("utf-8") for path in options.checkpoint}
        walk, checkpoints, erased = check(export, key, notes)
    except (Unreadable, OSError, UnicodeError) as error:
        sys.stderr.write(f"Cannot be read: {error}.\n")
        return 2
    if found != key:
        walk.problems.insert(0, f"the export carries another key: {found.text()}")
    for problem in walk.problems:
        sys.stdout.write(f"PROBLEM  {problem}.\n")
    first, last = (
        datetime.datetime.fromtimestamp(at // 1_000_000, datetime.timezone.utc)  # noqa: UP017 - older Python
        for at in walk.at
    )
    sys.stdout.write(
        f"{walk.tree.size} entries from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, "
        f"{checkpoints} checkpoints, {erased} details erased.\n"
    )
    if not options.key:
        sys.stdout.write(
            f"The key came with the export. Compare it with the one you know: {key.text()}\n"
        )
    sys.stdout.write(
        "The ledger does NOT hold.\n" if walk.problems else "The ledger holds.\n"
    )
    return 1 if walk.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
