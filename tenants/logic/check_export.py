"""Checks an exported ledger as a whole: files, checkpoints, details, signatures.

Part of the verifier that auditors run, see `verify_export`.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenants.logic.proofs import (
    ERASED,
    Checkpoint,
    Key,
    Unreadable,
    Walk,
    is_number,
    read_note,
    read_object,
)

MAX_LINE = 16 * 1024 * 1024
MAX_KEPT = 1024 * 1024  # bytes of a file that somebody kept
MAX_PROBLEMS = 1000
SMALL = 64 * 1024 * 1024  # bytes; what unpacks to more must not unpack 100-fold
ANSWERS = ("decision.signed", "decision.changes_requested", "decision.rejected")
# What the standard library raises for files that are damaged, encrypted or not there.
BROKEN = (OSError, KeyError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)


class Export:
    """The files of an export, in a folder or a zip."""

    def __init__(self, place: Path) -> None:
        """Open it; raises Unreadable."""
        try:
            self.zip = None if place.is_dir() else zipfile.ZipFile(place)
        except (*BROKEN, ValueError) as error:
            raise Unreadable(f"{place} is no export: {error}") from error
        self.place = place
        if self.zip:
            _check_members(self.zip.infolist())

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends."""
        number = 0
        try:
            opened = self.zip.open(name) if self.zip else (self.place / name).open("rb")
            with opened as stream:
                while line := stream.readline(MAX_LINE + 1):
                    number += 1
                    if len(line) > MAX_LINE:
                        raise Unreadable(f"line {number} of {name} is too long")
                    yield line[:-1] if line.endswith(b"\n") else line
        except BROKEN as error:
            raise Unreadable(f"{name}, after line {number}: {error}") from error

    def objects(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield where it stands, and the object, of each line of a file of JSON Lines."""
        for number, line in enumerate(self.lines(name), start=1):
            where = f"line {number} of {name}"
            yield where, read_object(line, where)

    def numbered(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the entry's number and the object of each line."""
        for where, row in self.objects(name):
            if not is_number(row.get("seq")):
                raise Unreadable(f"{where} names no entry")
            yield row["seq"], row

    def text(self, name: str) -> str:
        """Return the only line of a file."""
        return next(self.lines(name), b"").decode("utf-8", "replace")


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse what unpacks without end, or reads differently in another program."""
    if len({each.filename for each in members}) != len(members):
        raise Unreadable("the zip has a file twice")
    for each in members:
        if each.file_size > max(SMALL, 100 * each.compress_size):
            raise Unreadable(f"{each.filename} unpacks to far more than a ledger")
        if each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(f"{each.filename} is packed in another way than ours")


class Kept:
    """Checkpoints, each held against the ledger when the walk has come to its size."""

    def __init__(self, walk: Walk) -> None:
        """Start with none."""
        self.walk = walk
        self.at: dict[int, list[tuple[str, Checkpoint]]] = {}
        self.count = self.covered = 0

    def add(self, note: str, key: Key, where: str) -> int:
        """Take one in, return its size; a bad one is a problem at once and counts 0."""
        try:
            checkpoint = read_note(note, key)
        except Unreadable as error:
            self.walk.problems.append(f"{where}: {error}")
            return 0
        self.count += 1
        self.at.setdefault(checkpoint.size, []).append((where, checkpoint))
        return checkpoint.size

    def add_all(self, export: Export, key: Key) -> None:
        """Take in those of the export, which grow from line to line."""
        last = -1
        for number, (_, row) in enumerate(export.objects("checkpoints.jsonl"), start=1):
            where = f"checkpoint {number} of the export"
            size = self.add(str(row.get("note")), key, where)
            if 0 < size <= last:
                self.walk.problems.append(
                    f"{where}: it is older than the one before it: it was put in again"
                )
            last = max(last, size)
            if len(self.walk.problems) > MAX_PROBLEMS:
                return

    def compare(self) -> None:
        """Hold those of the present size against the ledger."""
        for where, checkpoint in self.at.pop(self.walk.tree.size, ()):
            same = checkpoint.root == self.walk.tree.root()
            if same and checkpoint.head == self.walk.head:
                self.covered = checkpoint.size
            else:
                self.walk.problems.append(
                    f"{where}: it was signed over other entries 1 to {checkpoint.size}: "
                    "one of them was changed, or the ledger was forked"
                )

    def compare_rest(self) -> None:
        """Those that are left say that there were more entries; none at all is bad too."""
        for size, rows in sorted(self.at.items()):
            for where, _ in rows:
                self.walk.problems.append(
                    f"{where}: it was signed over {size} entries, but only "
                    f"{self.walk.tree.size} are here: the end was cut off"
                )
        if not self.count and self.walk.tree.size:
            self.walk.problems.append(
                "no checkpoint of this key is here: nothing proves these entries"
            )


class Details:
    """The readable parts, which stand in the order of the entries."""

    def __init__(self, export: Export, walk: Walk) -> None:
        """Start before the first."""
        self.walk, self.rows = walk, export.numbered("details.jsonl")
        self.row = next(self.rows, None)

    def take(self, number: int) -> dict[str, Any] | None:
        """Return that of an entry, and name those that were passed over."""
        while self.row and self.row[0] < number and not is_full(self.walk):
            self._name(self.row[0])
            self.row = next(self.rows, None)
        if self.row is None or self.row[0] != number:
            return None
        found, self.row = self.row[1], next(self.rows, None)
        return found

    def end(self) -> None:
        """Name the first of those that are left."""
        if self.row:
            self._name(self.row[0])

    def _name(self, number: int) -> None:
        self.walk.problems.append(
            f"details.jsonl tells of entry {number}, which is not here, or twice, or in "
            "another order"
        )


def check(export: Export, key: Key, notes: dict[str, str]) -> tuple[Walk, Kept]:
    """Check everything in one pass; return the walk and the checkpoints."""
    walk = Walk(key.name.rpartition("/")[2])
    kept = Kept(walk)
    kept.add_all(export, key)
    for where, note in notes.items():
        kept.add(note, key, where)
    details, answers = Details(export, walk), _answers(export, walk)
    silent = []
    kept.compare()
    for line in export.lines("entries.jsonl"):
        body = walk.step(line)
        detail = details.take(walk.seq)
        if body and detail is None:
            silent.append(walk.seq)
            _check_silent(walk, body)
        elif body and detail:
            _check_answer(walk, body, walk.detail(walk.seq, body, detail), answers)
        kept.compare()
        if is_full(walk):
            walk.problems.append("there are more problems; it was stopped here")
            return walk, kept
    kept.compare_rest()
    details.end()
    _check_rest(walk, silent, answers)
    return walk, kept


def is_full(walk: Walk) -> bool:
    """Return whether enough problems were found."""
    return len(walk.problems) >= MAX_PROBLEMS


def _answers(export: Export, walk: Walk) -> dict[int, str]:
    """Return the hash of each signature's bytes by its entry; "" for broken ones."""
    answers: dict[int, str] = {}
    for number, row in export.numbered("signatures.jsonl"):
        if number in answers:
            walk.problems.append(f"entry {number}: signatures.jsonl has it twice")
        try:
            payload = base64.b64decode(row["payload"], validate=True)
            answers[number] = hashlib.sha256(payload).hexdigest()
        except (KeyError, TypeError, ValueError):
            answers[number] = ""
    return answers


def _check_silent(walk: Walk, body: dict[str, Any]) -> None:
    """An erasure must stay readable: what it names may be gone, it may not."""
    if body["action"] == ERASED:
        walk.problems.append(
            f"entry {walk.seq}: it tells what was erased, and its readable part is missing"
        )


def _check_answer(
    walk: Walk, body: dict[str, Any], readable: dict[str, Any], answers: dict[int, str]
) -> None:
    """Hold the stored bytes of a signature against the hash in the ledger."""
    after = readable.get("after")
    noted = after.get("payload_hash") if isinstance(after, dict) else None
    found = answers.pop(walk.seq, None)
    if (noted or body["action"] in ANSWERS) and (not found or found != noted):
        walk.problems.append(
            f"entry {walk.seq}: the signature it tells of is missing or was changed"
        )
    elif found and not noted:
        walk.problems.append(f"entry {walk.seq}: it tells of no signature, but has one")


def _check_rest(walk: Walk, silent: list[int], answers: dict[int, str]) -> None:
    for number in silent:
        if number not in walk.erased and not is_full(walk):
            walk.problems.append(
                f"entry {number}: its readable part is missing, and nothing says that "
                "it was erased"
            )
    for number in sorted(walk.erased.difference(silent))[:MAX_PROBLEMS]:
        walk.problems.append(
            f"entry {number}: it is said to be erased, and its readable part is here"
        )
    for number in sorted(answers)[:MAX_PROBLEMS]:
        walk.problems.append(
            f"there is a signature of entry {number}, which is none or was erased"
        )
