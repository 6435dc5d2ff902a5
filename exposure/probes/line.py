"""One open connection: send, and read no more and no longer than allowed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from exposure.probes.base import Caps, Direction

CHUNK = 4096
QUIET_SECONDS = 1.5


class AnswerTooLong(ValueError):
    """The service sent more than a sane answer; the rest was not read."""


class Garbled(ValueError):
    """The answer's own length makes no sense."""


class HungUp(EOFError):
    """The service closed the connection before its answer was complete."""


class Line:
    """Reads and writes on one connection; every byte goes to `record`."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        caps: Caps,
        record: Callable[[Direction, bytes], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._caps = caps
        self._record = record
        self._buffer = b""
        self._heard = 0
        self._answer = 0

    async def send(self, data: bytes) -> None:
        """Send one message; what comes next counts as a new answer."""
        self._answer = 0
        self._record(Direction.SENT, data)
        self._writer.write(data)
        async with asyncio.timeout(self._caps.read_seconds):
            await self._writer.drain()

    async def exactly(self, count: int) -> bytes:
        """Read `count` bytes. Raises HungUp, TimeoutError or AnswerTooLong."""
        async with asyncio.timeout(self._caps.read_seconds):
            while len(self._buffer) < count:
                if not await self._fill():
                    raise HungUp("The service hung up in the middle of its answer.")
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    async def frame(self, header: int, *, size: Callable[[bytes], int]) -> bytes:
        """Read one message whose first `header` bytes tell its whole size.

        Raises Garbled when that size is smaller than the header or beyond the cap.
        """
        head = await self.exactly(header)
        total = size(head)
        if not header <= total <= self._caps.answer_bytes:
            raise Garbled(f"The answer claims to be {total} bytes long.")
        return head + await self.exactly(total - header)

    async def line(self, longest: int) -> bytes:
        """Read to the next line feed, which is included. Raises AnswerTooLong."""
        return await self.until(b"\n", longest)

    async def until(self, mark: bytes, longest: int) -> bytes:
        """Read to the next `mark`, which is included. Raises AnswerTooLong."""
        async with asyncio.timeout(self._caps.read_seconds):
            while mark not in self._buffer:
                if len(self._buffer) >= longest:
                    raise AnswerTooLong(f"A part is longer than {longest} bytes.")
                if not await self._fill():
                    raise HungUp("The service hung up in the middle of its answer.")
        head, _, self._buffer = self._buffer.partition(mark)
        return head + mark

    async def until_whole(
        self, *, is_whole: Callable[[bytes], bool], most: int | None = None
    ) -> bool:
        """Read until the answer is whole or the service hangs up.

        False when the cap, or `most` bytes, cut it short.
        """
        cap = min(most or self._caps.answer_bytes, self._caps.answer_bytes)
        async with asyncio.timeout(self._caps.read_seconds):
            while self._answer < cap:
                if not await self._fill() or is_whole(self._buffer):
                    return True
        return False

    async def until_quiet(self) -> bytes:
        """Read until the service pauses, hangs up or the time is over.

        For services that speak first and do not say when they are done. Raises
        AnswerTooLong.
        """
        pause = min(QUIET_SECONDS, self._caps.read_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._caps.read_seconds):
                while await asyncio.wait_for(self._fill(), pause):
                    pass
        heard, self._buffer = self._buffer, b""
        return heard

    async def _fill(self) -> bytes:
        room = min(
            CHUNK,
            self._caps.answer_bytes - self._answer,
            self._caps.probe_bytes - self._heard,
        )
        if room <= 0:
            raise AnswerTooLong("The service sent more than a sane answer.")
        chunk = await self._reader.read(room)
        if chunk:
            self._record(Direction.RECEIVED, chunk)
        self._heard += len(chunk)
        self._answer += len(chunk)
        self._buffer += chunk
        return chunk

    @property
    def tls(self) -> ssl.SSLObject | None:
        """Return the TLS side of the connection, if it has one."""
        tls: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return tls


@dataclass(frozen=True, slots=True)
class TlsTerms:
    """What a TLS handshake settled; `certificate` is DER, b"" when none was shown.

    `alpn` is the protocol that was agreed on for the inside, "" when none was.
    """

    version: str
    cipher: str
    certificate: bytes
    alpn: str = ""

    def to_bytes(self) -> bytes:
        """Return the terms as two lines of text and the certificate.

        The handshake itself is encrypted, so its raw bytes would prove nothing later.
        """
        version = f"{self.version} {self.alpn}".strip()
        return f"{version}\n{self.cipher}\n".encode() + self.certificate

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the terms that `to_bytes` wrote. Raises ValueError."""
        first, cipher, certificate = data.split(b"\n", 2)
        version, _, alpn = first.decode().partition(" ")
        return cls(version, cipher.decode(), certificate, alpn)


def tls_terms(line: Line) -> TlsTerms:
    """Return the terms of a connection over TLS. Raises ValueError without TLS."""
    if line.tls is None:
        raise ValueError("This connection does not use TLS.")
    cipher = line.tls.cipher()
    return TlsTerms(
        version=line.tls.version() or "",
        cipher=cipher[0] if cipher else "",
        certificate=line.tls.getpeercert(binary_form=True) or b"",
        alpn=line.tls.selected_alpn_protocol() or "",
    )
