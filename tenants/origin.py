"""Where a change comes from: the request that the ledger names beside each entry."""

import contextlib
import contextvars
import uuid
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request, as far as the ledger keeps it.

    `request` is a random id, `ip` the address it came from, `kind` whether
    the customer's people asked ("person") or the provider's ("provider"). `seen_as` is
    the person whose eyes somebody of the provider borrows. `key` is the name of the key
    of the API with which a program asked, in the name of whoever made it.
    """

    request: str = ""
    ip: str = ""
    kind: str = "person"
    seen_as: uuid.UUID | None = None
    seen_as_name: str = ""
    key: str = ""


NOWHERE = Origin()
_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar(
    "origin", default=NOWHERE
)


def origin() -> Origin:
    """Return where the running code was asked from; empty in background work."""
    return _origin.get()


def named(person: object) -> str:
    """Return who acts, in words: the person, or the key that acts in their name."""
    key = origin().key
    return f"key {key} of {person}" if key else str(person)


@contextlib.contextmanager
def coming_from(source: Origin) -> Iterator[None]:
    """Name the origin of everything inside."""
    token = _origin.set(source)
    try:
        yield
    finally:
        _origin.reset(token)
