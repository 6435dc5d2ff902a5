"""What proves a ledger: its chain, its Merkle tree, signed checkpoints, commitments.

Standard library only and good for Python 3.8: this text is also the first half of the
verifier that auditors run on machines of their own. The format is in docs/ledger.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tenants.logic.ed25519 import ed25519_holds

ERASED = "audit.erased"
LATEST = 4_000_000_000_000_000  # microseconds: the year 2096
OPTIONAL = (str, type(None))
FIELDS: dict[str, tuple[type, ...]] = {
    "action": (str,),
    "actor": OPTIONAL,
    "actor_kind": (str,),
    "after": OPTIONAL,
    "at_us": (int,),
    "before": OPTIONAL,
    "detail": (str,),
    "object": (str,),
    "on_behalf_of": OPTIONAL,
    "request": (str,),
    "site": OPTIONAL,
    "v": (int,),
}


class Unreadable(Exception):
    """Something is not in the form of a ledger; the text says what."""


def chain(head: bytes, line: bytes) -> bytes:
    """Return the chain's next hash: SHA-256(0x00, length of head, head, line)."""
    return hashlib.sha256(b"\0" + len(head).to_bytes(4, "big") + head + line).digest()


class Tree:
    """The Merkle tree of RFC 6962, kept as the roots of its complete subtrees."""

    def __init__(self, size: int = 0, peaks: tuple[bytes, ...] = ()) -> None:
        """Start empty, or where another tree stopped."""
        self.size, self.peaks = size, list(peaks)

    def add(self, line: bytes) -> None:
        """Append the leaf SHA-256(0x00, line) and join subtrees of the same size."""
        node, full = hashlib.sha256(b"\0" + line).digest(), self.size
        while full & 1:
            node = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest()
            full >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root; that of no leaves is the SHA-256 of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\1" + peak + node).digest()
        return node


class Key(NamedTuple):
    """The public key of a ledger: whose it is, and 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that stand before its signatures (C2SP signed note)."""
        return hashlib.sha256(self.name.encode() + b"\n\1" + self.public).digest()[:4]

    def text(self) -> str:
        """Return the key as people copy it: name, id, and 0x01 with the key."""
        coded = base64.b64encode(b"\1" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{coded}"


def read_key(text: str) -> Key:
    """Return the key that `Key.text` wrote; raises Unreadable."""
    try:
        name, shown, coded = text.strip().split("+", 2)
        raw = base64.b64decode(coded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Unreadable("the key is not in the form name+id+base64") from error
    key = Key(name, raw[1:])
    if len(raw) != 33 or raw[0] != 1 or key.id.hex() != shown:
        raise Unreadable("the key is damaged")
    return key


class Checkpoint(NamedTuple):
    """What a checkpoint states: how many entries, the tree's root, the chain's head."""

    size: int
    root: bytes
    head: bytes


def read_note(
    text: str,
    key: Key,
    holds: Callable[[bytes, bytes, bytes], bool] = ed25519_holds,
) -> Checkpoint:
    """Return what a checkpoint of this key states; raises Unreadable with the reason."""
    lines = signed_lines(text, key, holds)
    if len(lines) < 3:
        raise Unreadable("it is not a checkpoint of this ledger")
    return _stated(lines)


def signed_lines(
    text: str,
    key: Key,
    holds: Callable[[bytes, bytes, bytes], bool] = ed25519_holds,
) -> list[str]:
    """Return the lines of a C2SP note that this key signed; raises Unreadable."""
    body, found, signatures = text.replace("\r\n", "\n").partition("\n\n")
    lines = body.split("\n")
    if not found or lines[0] != key.name:
        raise Unreadable("it is not a checkpoint of this ledger")
    for line in signatures.splitlines():
        mark, _, rest = line.partition(" ")
        who, _, coded = rest.partition(" ")
        try:
            raw = base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error):
            continue
        ours = mark == "\u2014" and who == key.name and raw[:4] == key.id
        if ours and holds(key.public, body.encode() + b"\n", raw[4:]):
            return lines
    raise Unreadable("no signature of the key on it is valid")


def _stated(lines: list[str]) -> Checkpoint:
    more = dict(line.split(" ", 1) for line in lines[3:] if " " in line)
    try:
        root = base64.b64decode(lines[2], validate=True)
        return Checkpoint(int(lines[1]), root, bytes.fromhex(more["head"]))
    except (ValueError, KeyError, binascii.Error) as error:
        raise Unreadable("its size, root or head is damaged") from error


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a value of text and whole numbers, keys in ASCII."""
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()


def read_object(raw: bytes, what: str) -> dict[str, Any]:
    """Return the object of one line; raises Unreadable for anything else."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=once, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not an object")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def is_number(value: object) -> bool:
    """Return whether a value is a whole number; JSON's true is not one."""
    return type(value) is int


class Walk:
    """Goes along a ledger once; `problems` are sentences that name the entry."""

    def __init__(self, workspace: str = "") -> None:
        """Start before the first entry; without a workspace the first entry names it."""
        self.workspace, self.head, self.tree = workspace, b"", Tree()
        self.problems: list[str] = []
        self.erased: set[int] = set()
        self.at = (0, 0)  # of the first and the last entry, microseconds
        self.seq = 0  # what the last entry says that it is

    def step(self, line: bytes) -> dict[str, Any]:
        """Take the next entry and return its body; {} where it is none."""
        self.head = chain(self.head, line)
        self.tree.add(line)
        number, before = self.tree.size, self.seq
        self.seq = number
        try:
            entry = read_object(line, f"entry {number}")
            _check_form(entry)
            rewritten = canonical(entry) != line
        except Unreadable as error:
            self.problems.append(str(error))
            return {}
        except (KeyError, TypeError, ValueError, RecursionError):
            self.problems.append(f"entry {number} is not in the form of an entry")
            return {}
        body: dict[str, Any] = entry["body"]
        self.seq = entry["seq"]
        self.workspace = self.workspace or entry["workspace"]
        self.at = (self.at[0] or body["at_us"], body["at_us"])
        if rewritten:
            self.problems.append(
                f"entry {number} was written anew: its form is another"
            )
        # One entry that is gone shifts all that follow: said once, where it happened.
        if self.seq not in (number, before + 1):
            self.problems.append(
                f"entry {number} says that it is number {self.seq}: entries were "
                "removed, added or put in another order here"
            )
        if entry["workspace"] != self.workspace:
            self.problems.append(f"entry {number} belongs to another workspace")
        return body

    def detail(
        self, number: int, body: dict[str, Any], told: dict[str, Any]
    ) -> dict[str, Any]:
        """Hold the readable part of an entry against what the entry commits to.

        `told` has "salt" (hexadecimal) and the exact texts "detail", "before", "after".
        Returns the readable part; {} if it is not what the entry commits to.
        """
        try:
            salt = bytes.fromhex(told["salt"])
            readable = read_object(told["detail"].encode(), f"detail of entry {number}")
            same = all(
                _hashed(salt, told[name]) == body.get(name)
                for name in ("detail", "before", "after")
            ) and all(
                readable[name] == (json.loads(told[name]) if told[name] else None)
                for name in ("before", "after")
            )
        except (
            Unreadable,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            RecursionError,
        ):
            same = False
        if not same:
            self.problems.append(f"entry {number}: its readable part was changed")
            return {}
        if body.get("action") == ERASED:
            self._erase(number, readable["after"])
        return readable

    def _erase(self, number: int, after: object) -> None:
        """Believe an erasure of entries before itself, and nothing else."""
        seqs = after.get("seqs") if isinstance(after, dict) else None
        if isinstance(seqs, list) and all(
            is_number(s) and 0 < s < number for s in seqs
        ):
            self.erased.update(seqs)
        else:
            self.problems.append(
                f"entry {number}: it erases what was not there when it was written"
            )


def _check_form(entry: dict[str, Any]) -> None:
    """Raise ValueError for other members or types than an entry has."""
    body = entry["body"]
    if set(entry) != {"body", "seq", "workspace"} or set(body) != set(FIELDS):
        raise ValueError("other members")
    # The exact types, because Python takes true for the number 1.
    if any(type(body[name]) not in kinds for name, kinds in FIELDS.items()):
        raise ValueError("other types")
    if not (is_number(entry["seq"]) and isinstance(entry["workspace"], str)):
        raise ValueError("other types")
    if body["v"] != 1 or not 0 < body["at_us"] < LATEST:
        raise ValueError("another version, or no moment of ours")


def _hashed(salt: bytes, text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(salt + text.encode()).hexdigest()
