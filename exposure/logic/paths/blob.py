"""A graph as one string of bytes: what a stored revision holds, read back in no time."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.canonical import canonical_bytes
from common.errors import DomainError
from exposure.logic.paths.graph import Graph, indexed

SCHEMA = 1
MAGIC = b"SLPATHS1"
ALIGNED = 64
"""Arrays begin at multiples of a cache line, so that they can be used where they lie."""

MOST_BYTES = 1 << 30
LEVEL = 1

NAMES = ("facts", "cause_ids", "line_ids")
COLUMNS = {
    "first": "<i4",
    "second": "<i4",
    "head": "<i4",
    "cause": "<i4",
    "origin": "<i4",
    "chance": "<f8",
    "width": "<f8",
    "key": "<u8",
    "target": "<i4",
    "points": "<f8",
}


class BlobRefused(DomainError, ValueError):
    """Stored bytes that are not a graph, or not the graph that was stored."""


def pack(graph: Graph) -> bytes:
    """Return a graph as bytes; equal graphs give equal bytes.

    Eight bytes that name the format, the SHA-256 of what follows them once unpacked,
    then zlib at level 1 of: the length of a header (8 bytes, little endian), the header
    (canonical JSON: schema, and for each array name, type, length and place), and the
    arrays, each at a multiple of 64 bytes. Texts are UTF-8 behind each other, with an
    array of where each one ends. The indices follow from the columns and are not stored.
    """
    arrays: list[tuple[str, NDArray[Any]]] = []
    for name in NAMES:
        arrays += _texts(name, getattr(graph, name))
    for name, kind in COLUMNS.items():
        arrays.append((name, getattr(graph, name).astype(kind)))
    body = _laid_out(arrays)
    return MAGIC + hashlib.sha256(body).digest() + zlib.compress(body, LEVEL)


def unpack(blob: bytes) -> Graph:
    """Return the graph that `pack` wrote.

    Raises `BlobRefused` when it was cut, changed, or written in another format.
    """
    # Arrays that may be written to: kernels are compiled for such ones only.
    parts = _Parts(bytearray(_body(bytes(blob))))
    return indexed(
        facts=parts.texts("facts"),
        cause_ids=parts.texts("cause_ids"),
        line_ids=parts.texts("line_ids"),
        first=parts.array("first"),
        second=parts.array("second"),
        head=parts.array("head"),
        cause=parts.array("cause"),
        origin=parts.array("origin"),
        chance=parts.array("chance"),
        width=parts.array("width"),
        key=parts.array("key"),
        target=parts.array("target"),
        points=parts.array("points"),
    )


def digest_of(blob: bytes) -> str:
    """Return the SHA-256 that a blob says it has, in hexadecimal; `unpack` checks it."""
    return bytes(blob[len(MAGIC) : len(MAGIC) + 32]).hex()


def _texts(name: str, texts: Sequence[str]) -> list[tuple[str, NDArray[Any]]]:
    raw = [each.encode(errors="surrogatepass") for each in texts]
    ends = np.cumsum([len(each) for each in raw], dtype=np.int64)
    letters = np.frombuffer(b"".join(raw), np.uint8)
    return [(f"{name}.ends", ends.astype("<i8")), (f"{name}.letters", letters)]


def _laid_out(arrays: Sequence[tuple[str, NDArray[Any]]]) -> bytes:
    rows, place = [], 0
    for name, array in arrays:
        rows.append(
            {
                "name": name,
                "type": array.dtype.str,
                "length": len(array),
                "place": place,
            }
        )
        place += _padded(array.nbytes)
    header = canonical_bytes({"schema": SCHEMA, "arrays": rows})
    head = len(header).to_bytes(8, "little") + header
    parts = [head.ljust(_padded(len(head)), b"\0")]
    for _, array in arrays:
        parts.append(array.tobytes().ljust(_padded(array.nbytes), b"\0"))
    return b"".join(parts)


def _padded(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def _body(blob: bytes) -> bytes:
    digest, packed = blob[8:40], blob[40:]
    if blob[:8] != MAGIC:
        raise BlobRefused("The stored paths are of another format.")
    machine = zlib.decompressobj()
    try:
        body = machine.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise BlobRefused("The stored paths are damaged.") from error
    if machine.unconsumed_tail or hashlib.sha256(body).digest() != digest:
        raise BlobRefused("The stored paths are damaged.")
    return body


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    length: int
    place: int


class _Parts:
    """The arrays of one body, looked at where they lie."""

    def __init__(self, body: bytearray) -> None:
        size = int.from_bytes(body[:8], "little")
        header = json.loads(body[8 : 8 + size])
        if header["schema"] != SCHEMA:
            raise BlobRefused("The stored paths are of another format.")
        self._body = body
        self._begin = _padded(8 + size)
        self._rows = {
            row["name"]: _Row(row["type"], row["length"], row["place"])
            for row in header["arrays"]
        }

    def array(self, name: str) -> NDArray[Any]:
        row = self._rows[name]
        return np.frombuffer(
            self._body, row.kind, count=row.length, offset=self._begin + row.place
        )

    def texts(self, name: str) -> tuple[str, ...]:
        letters = self.array(f"{name}.letters").tobytes()
        found, begin = [], 0
        for end in self.array(f"{name}.ends").tolist():
            found.append(letters[begin:end].decode(errors="surrogatepass"))
            begin = end
        return tuple(found)
