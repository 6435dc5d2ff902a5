"""A zip that is handed on while it is written, with the hash of every member."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PIECE = 256 * 1024  # bytes that are handed on at once


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the zip, as the manifest tells of it."""

    name: str
    bytes: int
    lines: int
    sha256: str


class _Drain:
    """Takes what the zip writes and gives it away; nothing is kept twice."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Keep the interface of a file."""

    def close(self) -> None:
        """Keep the interface of a file."""

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts, self.size = [], 0
        return whole


class Parcel:
    """Writes members one after the other; each method yields the zip's next bytes.

    Memory stays flat however large a member is, because nothing is sought back to: sizes
    stand behind the data, as zip allows.
    """

    def __init__(self) -> None:
        """Start an empty zip."""
        self._drain = _Drain()
        self._zip = zipfile.ZipFile(self._drain, "w", zipfile.ZIP_DEFLATED)
        self.members: list[Member] = []

    def pieces(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Write a member from its bytes."""
        digest, size, lines = hashlib.sha256(), 0, 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
                lines += piece.count(b"\n")
                if self._drain.size >= PIECE:
                    yield self._drain.take()
        self.members.append(Member(name, size, lines, digest.hexdigest()))
        yield self._drain.take()

    def lines(self, name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Write a member from lines without their ends."""
        yield from self.pieces(name, (line + b"\n" for line in lines))

    def text(self, name: str, text: str) -> Iterator[bytes]:
        """Write a small member."""
        yield from self.pieces(name, [text.encode()])

    def close(self) -> Iterator[bytes]:
        """Write the end of the zip."""
        self._zip.close()
        yield self._drain.take()
