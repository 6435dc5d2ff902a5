"""The few pieces of OPC UA binary encoding that a list of endpoints is made of.

Source: OPC 10000-6, 5.2 (encoding) and OPC 10000-4, 7.14 (EndpointDescription).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
MOST_ITEMS = 64


class Reader:
    """Reads values one after the other. Raises ValueError where the bytes run out."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count < 0 or self._at + count > len(self._data):
            raise ValueError("The answer ends in the middle of a value.")
        piece = self._data[self._at : self._at + count]
        self._at += count
        return piece

    def number(self) -> int:
        """Return an unsigned number of four bytes."""
        return int.from_bytes(self.take(4), "little")

    def text(self) -> bytes:
        """Return a string or byte string; null counts as empty."""
        size = int.from_bytes(self.take(4), "little", signed=True)
        return self.take(size) if size > 0 else b""

    def many(self, read: Callable[[], T]) -> list[T]:
        """Return an array, of at most `MOST_ITEMS`."""
        count = int.from_bytes(self.take(4), "little", signed=True)
        if count > MOST_ITEMS:
            raise ValueError(f"The answer claims to hold {count} items.")
        return [read() for _ in range(max(count, 0))]

    def localized(self) -> bytes:
        """Return the text of a localised text, without its language."""
        mask = self.take(1)[0]
        if mask & 1:
            self.text()
        return self.text() if mask & 2 else b""

    def response_header(self) -> int:
        """Skip the header of a response and return its result, 0 for good."""
        self.take(8 + 4)
        result = self.number()
        # Diagnostics were not asked for, so a server sends an empty mask.
        if self.take(1) != b"\0":
            raise ValueError("The answer carries diagnostics nobody asked for.")
        self.many(self.text)
        self.take(3)
        return result


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way into a server; all texts as they came."""

    application: bytes
    product: bytes
    mode: int
    policy: bytes
    tokens: tuple[int, ...]


def read_endpoint(reader: Reader) -> Endpoint:
    """Return the next EndpointDescription. Raises ValueError."""
    reader.text()
    reader.text()
    product = reader.text()
    application = reader.localized()
    reader.take(4)
    reader.text()
    reader.text()
    reader.many(reader.text)
    reader.text()
    mode, policy = reader.number(), reader.text()
    tokens = reader.many(lambda: _read_token(reader))
    reader.text()
    reader.take(1)
    return Endpoint(application, product, mode, policy, tuple(tokens))


def _read_token(reader: Reader) -> int:
    reader.text()
    kind = reader.number()
    for _ in range(3):
        reader.text()
    return kind
