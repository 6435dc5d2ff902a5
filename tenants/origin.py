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
    the person whose eyes somebody of the provider borrows.
    """

    request: str = ""
    ip: str = ""
    kind: str = "person"
    seen_as: uuid.UUID | None = None
    seen_as_name: str = ""


NOWHERE = Origin()
_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar(
    "origin", default=NOWHERE
)


def origin() -> Origin:
    """Return where the running code was asked from; empty in background work."""
    return _origin.get()


@contextlib.contextmanager
def coming_from(source: Origin) -> Iterator[None]:
    """Name the origin of everything inside."""
    token = _origin.set(source)
    try:
        yield
    finally:
        _origin.reset(token)
