"""What proves a ledger: its chain, its Merkle tree, signed checkpoints, commitments.

Standard library only and good for Python 3.9: this text is also the first half of the
verifier that auditors run on machines of their own. The format is in docs/ledger.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

ERASED = "audit.erased"
LATEST = 4_000_000_000_000_000  # microseconds: the year 2096
Point = tuple[int, int, int, int]  # extended coordinates after RFC 8032


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


# Ed25519 after RFC 8032. Only public values are handled, so nothing has to be hidden.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _plus(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        number >>= 1
    return total


def _point(text: bytes) -> Point | None:
    """Return the point that 32 bytes stand for; None if they stand for none."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (not x and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether 64 bytes are the signature of a key of 32 bytes over a message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or BASE is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(s, BASE)
    right = _plus(r, _times(int.from_bytes(digest, "little") % L, a))
    x_differs = (left[0] * right[2] - right[0] * left[2]) % P
    y_differs = (left[1] * right[2] - right[1] * left[2]) % P
    return not (x_differs or y_differs)


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
    body, found, signatures = text.replace("\r\n", "\n").partition("\n\n")
    lines = body.split("\n")
    if not found or len(lines) < 3 or lines[0] != key.name:
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
            return _stated(lines)
    raise Unreadable("no signature of the key on it is valid")


def _stated(lines: list[str]) -> Checkpoint:
    more = dict(line.split(" ", 1) for line in lines[3:] if " " in line)
    try:
        root = base64.b64decode(lines[2], validate=True)
        return Checkpoint(int(lines[1]), root, bytes.fromhex(more["head"]))
    except (ValueError, KeyError, binascii.Error) as error:
        raise Unreadable("its size, root or head is damaged") from error


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a value without broken numbers."""
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
        value = json.loads(raw, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not an object")
    return value


class Walk:
    """Goes along a ledger once; `problems` are sentences that name the entry."""

    def __init__(self, workspace: str = "") -> None:
        """Start before the first entry; without a workspace the first entry names it."""
        self.workspace, self.head, self.tree = workspace, b"", Tree()
        self.problems: list[str] = []
        self.erased: set[int] = set()
        self.at = (0, 0)  # of the first and the last entry, microseconds

    def step(self, line: bytes) -> dict[str, Any]:
        """Take the next entry and return its body; {} where it is none."""
        self.head = chain(self.head, line)
        self.tree.add(line)
        number = self.tree.size
        try:
            entry = read_object(line, f"entry {number}")
            seq, workspace, body = entry["seq"], entry["workspace"], entry["body"]
            at = int(body["at_us"])
            rewritten = canonical(entry) != line
            if not 0 < at < LATEST:
                raise ValueError("no moment of ours")
        except Unreadable as error:
            self.problems.append(str(error))
            return {}
        except (KeyError, TypeError, ValueError):
            self.problems.append(f"entry {number} is not in the form of an entry")
            return {}
        self.workspace = self.workspace or str(workspace)
        self.at = (self.at[0] or at, at)
        if rewritten:
            self.problems.append(
                f"entry {number} was written anew: its form is another"
            )
        if seq != number:
            self.problems.append(
                f"entry {number} says that it is number {seq}: entries were removed, "
                "added or put in another order here"
            )
        if workspace != self.workspace:
            self.problems.append(f"entry {number} belongs to another workspace")
        return dict(body)

    def detail(self, number: int, body: dict[str, Any], told: dict[str, Any]) -> None:
        """Hold the readable part of an entry against what the entry commits to.

        `told` has "salt" (hexadecimal) and the exact texts "detail", "before", "after".
        """
        try:
            salt = bytes.fromhex(told["salt"])
            readable = read_object(told["detail"].encode(), f"detail of entry {number}")
            same = all(
                _hashed(salt, told[name]) == body.get(name)
                for name in ("detail", "before", "after")
            ) and all(
                readable.get(name) == (json.loads(told[name]) if told[name] else None)
                for name in ("before", "after")
            )
        except (Unreadable, KeyError, TypeError, ValueError, AttributeError):
            same, readable = False, {}
        if not same:
            self.problems.append(f"entry {number}: its readable part was changed")
        elif body.get("action") == ERASED:
            seqs = (readable.get("after") or {}).get("seqs", [])
            self.erased.update(seq for seq in seqs if isinstance(seq, int))


def _hashed(salt: bytes, text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(salt + text.encode()).hexdigest()
