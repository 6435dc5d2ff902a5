"""The text of an API key: it names its workspace, and secret scanners recognise it."""

import base64
import binascii
import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass

HANDLE_BYTES, SECRET_BYTES = 5, 32
TOKEN = re.compile(r"sl_([a-z2-7]{8})([a-z2-7]{26})_([a-z2-7]{52})")


@dataclass(frozen=True, slots=True)
class Token:
    """A secret as it is given out: whose it is, what it is called, and all of it."""

    workspace_id: uuid.UUID
    handle: str
    text: str

    @property
    def sha256(self) -> str:
        """Return what is stored. The secret has 256 random bits, so nothing is guessed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def new_token(workspace_id: uuid.UUID) -> Token:
    """Return a new secret of a workspace."""
    handle = _letters(secrets.token_bytes(HANDLE_BYTES))
    random = _letters(secrets.token_bytes(SECRET_BYTES))
    place = _letters(workspace_id.bytes)
    return Token(workspace_id, handle, f"sl_{handle}{place}_{random}")


def read_token(text: str) -> Token | None:
    """Return what a text says that may be a secret; None for anything else.

    >>> read_token("sl_nonsense") is None
    True
    """
    found = TOKEN.fullmatch(text)
    if found is None:
        return None
    try:
        place = base64.b32decode(found[2].upper() + "=" * 6)
    except binascii.Error:  # pragma: no cover - the pattern lets only its letters in
        return None
    return Token(uuid.UUID(bytes=place), found[1], text)


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
