"""Reads a backup from beginning to end and refuses what is wrong, before anything is written."""

import base64
import binascii
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.fields import NOT_PROVIDED

from common.version import VERSION
from tenants.logic.ledger import signature_holds
from tenants.logic.proofs import Key, Unreadable, Walk, read_note, read_object
from tenants.portable.backup import ACCOUNTS, FILE, FORMAT, KEYS, KIND, MEMBERS
from tenants.portable.container import BackupRefused
from tenants.portable.tables import Column, Table, copied_tables, people_columns

ACCOUNT = {"email": str, "id": str, "is_active": bool, "name": str}
KEY = {"created_at", "id", "key", "key_id", "retired_at", "sealed"}


@dataclass(frozen=True, slots=True)
class Section:
    """What one line announced, and the lines that follow it."""

    name: str
    head: Mapping[str, Any]
    lines: Iterator[bytes]


@dataclass(slots=True)
class Checked:
    """What a restore needs to know before it begins."""

    workspace: dict[str, Any]
    provider: str
    at: str
    accounts: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def id(self) -> uuid.UUID:
        """Return the workspace's id."""
        return uuid.UUID(self.workspace["id"])


def tables_by_name() -> dict[str, Table]:
    """Return the tables that a backup may hold."""
    return {table.name: table for table in [MEMBERS, *copied_tables()]}


def sections(lines: Iterator[bytes]) -> Iterator[tuple[dict[str, Any], Section | None]]:
    """Yield the head once with each section; the one after the last is None."""
    head = _object(next(lines, b""), "the first line")
    if head.get("sightline") != KIND:
        raise BackupRefused("The first line does not tell of a backup of a workspace.")
    if head.get("format") != FORMAT:
        raise BackupRefused(
            f"This backup has the format {head.get('format')!r} of Sightline "
            f"{head.get('product')!r}; this is {VERSION}, which reads format {FORMAT}."
        )
    for line in lines:
        told = _object(line, "the head of a section")
        if told == {"end": True}:
            break
        name, count = told.get("section"), told.get("rows")
        if not isinstance(name, str) or type(count) is not int or count < 0:
            raise BackupRefused("A line stands where a section should begin.")
        yield head, Section(name, told, _exactly(lines, name, count))
    else:
        raise BackupRefused("The last line of this backup is missing.")
    if next(lines, None) is not None:
        raise BackupRefused("There are lines after the end of this backup.")
    yield head, None


def check(lines: Iterator[bytes]) -> Checked:
    """Return what is in a backup; raises BackupRefused with what is wrong and where."""
    found: Checked | None = None
    ledger, seen = _Ledger(), set[str]()
    for head, section in sections(lines):
        found = found or _begun(head)
        if section is None:
            break
        key = f"{section.name} {section.head.get('id', '')}"
        if key in seen:
            raise BackupRefused(f"{key.strip()} is in this backup twice.")
        seen.add(key)
        _check_section(section, found, ledger)
    assert found is not None  # noqa: S101 - the head came with the last section
    missing = [n for n in (ACCOUNTS, KEYS, MEMBERS.name) if f"{n} " not in seen]
    if missing:
        raise BackupRefused(f"This backup has no {' and no '.join(missing)}.")
    ledger.close()
    return found


def defaults_of(table: Table, names: Sequence[str]) -> list[tuple[Column, Any]]:
    """Return the columns that an older version did not have, with what they get.

    Raises BackupRefused for columns that this version does not know or cannot fill.
    """
    known = {column.name: column for column in table.columns}
    strange = sorted(set(names) - set(known))
    if strange or len(set(names)) != len(names):
        raise BackupRefused(
            f"{table.name} has columns that this version does not know: "
            f"{', '.join(strange) or 'one of them twice'}. Restore it with the version "
            "that wrote it, or a newer one."
        )
    filled = []
    for name in sorted(set(known) - set(names)):
        column = known[name]
        default = column.field.default
        if default is NOT_PROVIDED and not column.field.null:
            raise BackupRefused(f"{table.name} lacks the column {name}.")
        value = None if default is NOT_PROVIDED else column.field.get_default()
        filled.append((column, value))
    return filled


def _begun(head: Mapping[str, Any]) -> Checked:
    row = head.get("workspace")
    try:
        begun = Checked(dict(row or {}), str(head["provider"]), str(head["at"]))
        assert str(begun.id) == begun.workspace["id"]  # noqa: S101 - caught below
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise BackupRefused(
            "The first line does not tell of which workspace."
        ) from error
    return begun


def _check_section(section: Section, found: Checked, ledger: "_Ledger") -> None:
    if section.name == ACCOUNTS:
        found.accounts = [_account(row) for row in _objects(section)]
    elif section.name == KEYS:
        found.keys = [_key(row) for row in _objects(section)]
    elif section.name == FILE:
        found.files.append(_check_file(section))
    else:
        _check_table(section, found, ledger)


def _check_table(section: Section, found: Checked, ledger: "_Ledger") -> None:
    table = tables_by_name().get(section.name)
    if table is None:
        raise BackupRefused(
            f"This version knows no table {section.name[:80]!r}: the backup is of a "
            "newer one."
        )
    names = section.head.get("columns")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise BackupRefused(f"{section.name} does not say which columns it has.")
    defaults_of(table, names)
    people = [c.name for c in people_columns(table) if c.name in names]
    known = {row["id"] for row in found.accounts}
    here, wanted = found.workspace["id"], set(names)
    for number, row in enumerate(_objects(section), start=1):
        where = f"{section.name}, row {number}"
        if set(row) != wanted:
            raise BackupRefused(f"{where}: it has other columns than its table.")
        if row["workspace_id"] != here:
            raise BackupRefused(f"{where}: it belongs to another workspace.")
        strangers = [name for name in people if row[name] and row[name] not in known]
        if strangers:
            raise BackupRefused(
                f"{where}: {strangers[0]} names nobody of its accounts."
            )
        ledger.take(table.label, row, where)
    found.rows[section.name] = int(section.head["rows"])


def _check_file(section: Section) -> str:
    name, size = section.head.get("id"), 0
    try:
        good = str(uuid.UUID(str(name))) == name
    except ValueError:
        good = False
    if not good:
        raise BackupRefused(f"A file has the name {str(name)[:80]!r} and not an id.")
    for line in section.lines:
        size += len(file_bytes(line, str(name)))
    if size != section.head.get("bytes"):
        raise BackupRefused(f"The file {name} has another size than was said.")
    return str(name)


def file_bytes(line: bytes, name: str) -> bytes:
    """Return the bytes in one line of a file; raises BackupRefused."""
    try:
        text = json.loads(line)
        if not isinstance(text, str):
            raise BackupRefused(f"The file {name} is damaged.")
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BackupRefused(f"The file {name} is damaged.") from error


def _account(row: Mapping[str, Any]) -> dict[str, Any]:
    if {name: type(value) for name, value in row.items()} != ACCOUNT:
        raise BackupRefused("An account is not in the form of one.")
    return dict(row)


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if set(row) != KEY:
            raise BackupRefused("A key is not in the form of one.")
        return {
            **row,
            "key": base64.b64decode(row["key"], validate=True),
            "sealed": base64.b64decode(row["sealed"], validate=True),
        }
    except (TypeError, ValueError) as error:
        raise BackupRefused("A key is damaged.") from error


class _Ledger:
    """Follows the ledger of a backup: its chain, its head and its checkpoints."""

    def __init__(self) -> None:
        self.walk = Walk()
        self.notes: dict[int, str] = {}
        self.marks: dict[int, tuple[bytes, bytes]] = {}
        self.head: tuple[int, bytes] = (0, b"")
        self.key: Key | None = None

    def take(self, label: str, row: Mapping[str, Any], where: str) -> None:
        try:
            if label == "tenants.LedgerEntry":
                self.walk.step(base64.b64decode(row["line"]))
                if (
                    self.walk.problems
                    or base64.b64decode(row["chain"]) != self.walk.head
                ):
                    raise BackupRefused(f"{where}: the ledger's chain does not hold.")
                if self.walk.tree.size in self.notes:
                    mark = self.walk.tree.root(), self.walk.head
                    self.marks[self.walk.tree.size] = mark
            elif label == "tenants.Checkpoint":
                self.notes[int(row["size"])] = str(row["note"])
            elif label == "tenants.LedgerHead":
                self.head = int(row["size"]), base64.b64decode(row["head"])
            elif label == "tenants.LedgerKey":
                self.key = Key(str(row["name"]), base64.b64decode(row["public"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BackupRefused(
                f"{where}: it is not in the form of a ledger."
            ) from error

    def close(self) -> None:
        """Hold the end and the checkpoints against what was read."""
        if self.head != (self.walk.tree.size, self.walk.head):
            raise BackupRefused(
                f"The ledger should have {self.head[0]} entries and has "
                f"{self.walk.tree.size}, or its head is another."
            )
        for size, note in self.notes.items():
            where = f"The checkpoint over {size} entries"
            try:
                if self.key is None:
                    raise Unreadable("the key of the ledger is missing")
                told = read_note(note, self.key, signature_holds)
            except Unreadable as error:
                raise BackupRefused(f"{where}: {error}.") from error
            if (told.root, told.head) != self.marks.get(size):
                raise BackupRefused(f"{where} was signed over other entries.")


def _exactly(lines: Iterator[bytes], name: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        line = next(lines, None)
        if line is None:
            raise BackupRefused(f"{name} ends after {number} of {count} rows.")
        yield line


def _objects(section: Section) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(section.lines, start=1):
        yield _object(line, f"{section.name}, row {number}")


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        return read_object(line, where)
    except Unreadable as error:
        raise BackupRefused(f"{error}.") from error
