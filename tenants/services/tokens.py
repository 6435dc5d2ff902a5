"""Links that work once: what is sent is random, what is kept is its hash."""

import datetime as dt
import hashlib
import secrets

LASTS = dt.timedelta(days=7)
GONE = "This link works no more. Ask for another invitation."


def new_token() -> str:
    """Return what stands in a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
