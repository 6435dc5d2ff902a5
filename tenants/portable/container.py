"""The outside of a backup: lines, packed and sealed with a passphrase.

`sightline workspace backup 1`, a line feed, 16 bytes of salt, one byte with the cost, then
the sealed stream of `common.sealed_stream` over zlib over lines of JSON. The key is
scrypt(passphrase, salt, N = 2^cost, r = 8, p = 1).
"""

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from common.errors import DomainError
from common.sealed_stream import open_stream, seal_stream
from common.sealing import KEY_BYTES, SealBroken

MAGIC = b"sightline workspace backup 1\n"
FAMILY = b"sightline workspace backup "
SALT_BYTES = 16
COST, LEAST_COST, MOST_COST = 16, 14, 20  # 2^16 x 8 x 128 bytes: 64 MB
MAX_LINE = 64 * 1024 * 1024
PIECE = 1024 * 1024
SHORTEST = 12  # characters


class BackupRefused(DomainError):
    """A backup that is not restored; the text says what is wrong and where."""


def seal(lines: Iterable[bytes], passphrase: str) -> Iterator[bytes]:
    """Yield the backup that holds some lines."""
    salt = os.urandom(SALT_BYTES)
    key = _key(passphrase, salt, COST)
    yield MAGIC + salt + bytes([COST])
    yield from seal_stream(_packed(lines), key=key, context=_context(salt, COST))


def lines_of(stream: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """Yield the lines of a backup, each authenticated before it is given.

    Raises BackupRefused for another passphrase, another format, and whatever was changed,
    cut off or added; the last one is known to be the last when the iterator ends.
    """
    mark = stream.read(len(MAGIC))
    if mark != MAGIC:
        if mark.startswith(FAMILY):
            raise BackupRefused("This backup is in the format of a newer version.")
        raise BackupRefused("This file is not a backup of a workspace.")
    salt, cost = stream.read(SALT_BYTES), stream.read(1)
    if len(salt) < SALT_BYTES or not cost or not LEAST_COST <= cost[0] <= MOST_COST:
        raise BackupRefused("The head of this backup is damaged.")
    key = _key(passphrase, salt, cost[0])
    chunks = open_stream(stream, key=key, context=_context(salt, cost[0]))
    yield from _unpacked(_told(chunks))


def _told(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            yield chunk
    except SealBroken as error:
        where = f"after byte {size} of what is in it" if size else "at its beginning"
        raise BackupRefused(
            f"The passphrase is another one, or the backup was changed or cut off, {where}."
        ) from error


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    pack = zlib.compressobj()
    for line in lines:
        if piece := pack.compress(line + b"\n"):
            yield piece
    yield pack.flush()


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pack, waiting = zlib.decompressobj(), b""
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                waiting += pack.decompress(rest, PIECE)
                rest = pack.unconsumed_tail
                *whole, waiting = waiting.split(b"\n")
                yield from whole
                if len(waiting) > MAX_LINE:
                    raise BackupRefused("A line of this backup has no end.")
    except zlib.error as error:
        raise BackupRefused(f"This backup cannot be unpacked: {error}.") from error
    if not pack.eof or pack.unused_data or waiting:
        raise BackupRefused("This backup ends in the middle.")


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    if len(passphrase) < SHORTEST:
        raise BackupRefused(f"A passphrase has at least {SHORTEST} characters.")
    return hashlib.scrypt(
        passphrase.encode(),
        salt=salt,
        n=1 << cost,
        r=8,
        p=1,
        maxmem=(1 << cost) * 8 * 128 * 2,
        dklen=KEY_BYTES,
    )


def _context(salt: bytes, cost: int) -> str:
    return f"workspace-backup/1/{salt.hex()}/{cost}"
