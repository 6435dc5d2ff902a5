"""Seals small secrets for the database: AES-256-GCM, tied to the place they belong."""

import hashlib
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.errors import DomainError

VERSION = 1
KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 1 + KEY_ID_BYTES
MAX_SECRET = 64 * 1024


class SealBroken(DomainError):
    """A sealed secret cannot be opened; the message never holds any part of it."""


def seal(plaintext: bytes, *, key: bytes, context: str) -> bytes:
    """Return the sealed form: version, key id, nonce, ciphertext with its tag.

    `key` is 32 bytes. `context` names the one place where the secret belongs, such
    as "workspace:<id>/channel:<id>/secret"; it is authenticated but not stored, so
    a sealed secret copied to another row does not open there.
    """
    if len(plaintext) > MAX_SECRET:
        raise SealBroken(f"A secret of more than {MAX_SECRET} bytes is not sealed.")
    header = bytes([VERSION]) + key_id(key)
    nonce = os.urandom(NONCE_BYTES)
    bound = _bound(header, context)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


def open_sealed(blob: bytes, *, key: bytes, context: str) -> bytes:
    """Return the plaintext; raises SealBroken for a wrong key, context or content."""
    header, rest = blob[:HEADER_BYTES], blob[HEADER_BYTES:]
    if len(rest) < NONCE_BYTES + TAG_BYTES or header[0] != VERSION:
        raise SealBroken("The stored secret is not in a form this version can open.")
    if header[1:] != key_id(key):
        raise SealBroken("The stored secret was sealed with another master key.")
    nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound(header, context))
    except InvalidTag as error:
        raise SealBroken(
            "The stored secret was changed or belongs to another place."
        ) from error


def sealed_with(blob: bytes) -> bytes:
    """Return the id of the key that opens a sealed secret; it is not secret."""
    if len(blob) < HEADER_BYTES or blob[0] != VERSION:
        raise SealBroken("The stored secret is not in a form this version can open.")
    return blob[1:HEADER_BYTES]


def open_with_any(blob: bytes, *, keys: Iterable[bytes], context: str) -> bytes:
    """Return the plaintext, opened with the one of `keys` that it was sealed with."""
    wanted = sealed_with(blob)
    for key in keys:
        if key_id(key) == wanted:
            return open_sealed(blob, key=key, context=context)
    raise SealBroken("The stored secret was sealed with a key that is not here.")


def key_id(key: bytes) -> bytes:
    """Return the 4 bytes that tell keys apart when one replaces another."""
    if len(key) != KEY_BYTES:
        raise SealBroken(f"The master key must be {KEY_BYTES} bytes long.")
    return hashlib.sha256(b"sightline sealing key\0" + key).digest()[:KEY_ID_BYTES]


def _bound(header: bytes, context: str) -> bytes:
    if not context:
        raise SealBroken("A secret is sealed for a named place only.")
    return header + context.encode()
