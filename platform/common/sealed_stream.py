"""Seals long content chunk by chunk: AES-256-GCM in the STREAM construction.

Whoever changes, cuts, lengthens, reorders or exchanges chunks is found out at the first
wrong one, and no more than two chunks are ever in memory.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.sealing import SealBroken

MAGIC = b"SLS1"  # form and version; authenticated with every chunk
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
INDEX_BYTES = 11  # with the flag of the last chunk these are the 12 bytes of a nonce


def seal_stream(
    content: Iterable[bytes], *, key: bytes, context: str
) -> Iterator[bytes]:
    """Yield the sealed form of `content`: a mark, then every chunk with its tag.

    `key` is 32 random bytes that seal nothing else, ever: the nonces only count. `context`
    names the one place where the content belongs; it is authenticated, not stored.
    """
    cipher = AESGCM(key)
    yield MAGIC
    for index, (chunk, last) in enumerate(_chunks(content)):
        yield cipher.encrypt(_nonce(index, last=last), chunk, _bound(index, context))


def open_stream(sealed: BinaryIO, *, key: bytes, context: str) -> Iterator[bytes]:
    """Yield the content chunk by chunk; raises SealBroken at the first wrong chunk.

    What was yielded before is genuine, but the content is whole only when the iterator
    ends by itself.
    """
    cipher = AESGCM(key)
    if sealed.read(len(MAGIC)) != MAGIC:
        raise SealBroken("The stored content is not in a form this version can open.")
    index, block = 0, sealed.read(SEALED_CHUNK_BYTES)
    while True:
        following = sealed.read(SEALED_CHUNK_BYTES)
        nonce = _nonce(index, last=not following)
        try:
            yield cipher.decrypt(nonce, block, _bound(index, context))
        except InvalidTag as error:
            raise SealBroken(
                "The stored content was changed, cut or belongs to another place."
            ) from error
        if not following:
            return
        index, block = index + 1, following


def sealed_size(size: int) -> int:
    """Return how long the sealed form of `size` bytes is.

    >>> sealed_size(0), sealed_size(65536), sealed_size(65537)
    (20, 65556, 65573)
    """
    chunks = max(1, -(-size // CHUNK_BYTES))
    return len(MAGIC) + size + chunks * TAG_BYTES


def _chunks(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield whole chunks, and whether each is the last; an empty content is one chunk."""
    waiting = bytearray()
    for piece in content:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # one more byte: so it is not the last
            yield bytes(waiting[:CHUNK_BYTES]), False
            del waiting[:CHUNK_BYTES]
    yield bytes(waiting), True


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(INDEX_BYTES, "big") + bytes([last])


def _bound(index: int, context: str) -> bytes:
    if not context:
        raise SealBroken("Content is sealed for a named place only.")
    return MAGIC + index.to_bytes(INDEX_BYTES, "big") + context.encode()
