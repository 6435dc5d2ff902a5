"""The scope: which customer, and which of its sites, this thread works for right now."""

import contextlib
import contextvars
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections, transaction

_bound: contextvars.ContextVar[uuid.UUID | None] = contextvars.ContextVar(
    "workspace", default=None
)
# None: not limited. An empty set: only what is about no site.
_sites: contextvars.ContextVar[frozenset[uuid.UUID] | None] = contextvars.ContextVar(
    "sites", default=None
)

SETTING = "app.workspace_id"


class ScopeMissing(RuntimeError):
    """Customer data was asked for outside a workspace scope."""


def current_workspace_id() -> uuid.UUID:
    """Return the workspace this code works for, or raise ScopeMissing."""
    workspace_id = _bound.get()
    if workspace_id is None:
        raise ScopeMissing("Customer data can be read only inside a workspace scope.")
    return workspace_id


def bound_workspace_id() -> uuid.UUID | None:
    """Return the workspace this code works for, or None outside any scope."""
    return _bound.get()


@contextlib.contextmanager
def bind_workspace(workspace_id: uuid.UUID) -> Iterator[None]:
    """Name the workspace of a long task; each `workspace_scope()` opens a transaction."""
    outer = _bound.get()
    if outer is not None and outer != workspace_id:
        raise ScopeMissing("A task works for one workspace only.")
    token = _bound.set(workspace_id)
    try:
        yield
    finally:
        _bound.reset(token)


@contextlib.contextmanager
def workspace_scope(
    workspace_id: uuid.UUID | None = None, *, using: str = "default"
) -> Iterator[None]:
    """Open one transaction that sees and writes one workspace only.

    The setting that row-level security reads is local to the transaction, so a
    pooled connection never carries it to somebody else. Scopes nest only for the
    same workspace; another one raises ScopeMissing.
    """
    target = workspace_id or current_workspace_id()
    connection = connections[using]
    outer = _bound.get()
    if outer is not None and outer != target and connection.in_atomic_block:
        raise ScopeMissing("A transaction works for one workspace only.")
    nested = connection.in_atomic_block
    token = _bound.set(target)
    try:
        with transaction.atomic(using=using):
            previous = _setting(connection) if nested else ""
            _set(connection, str(target))
            yield
            if nested:  # at the end of a transaction the setting ends by itself
                _set(connection, previous)
    finally:
        _bound.reset(token)


def site_limit() -> frozenset[uuid.UUID] | None:
    """Return the sites that reading is limited to; None when it is not limited."""
    return _sites.get()


@contextlib.contextmanager
def site_scope(site_ids: Iterable[uuid.UUID]) -> Iterator[None]:
    """Limit reading to rows of these sites and to rows about no site; no id: no limit.

    The ids are those of a membership or a key, never of a request. Scopes nest, and a
    nested one only narrows: nobody sees more by opening another one.
    """
    asked, outer = frozenset(site_ids), _sites.get()
    both = asked if outer is None else outer & asked
    token = _sites.set(both if asked else outer)
    try:
        yield
    finally:
        _sites.reset(token)


@contextlib.contextmanager
def whole_workspace() -> Iterator[None]:
    """Read all sites, for an answer that must not depend on who asks.

    What is read in here is calculated with, or hashed; it is shown to nobody.
    """
    token = _sites.set(None)
    try:
        yield
    finally:
        _sites.reset(token)


def _setting(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [SETTING])
        row = cursor.fetchone()
    return (row[0] if row else None) or ""


def _set(connection: Any, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, value])
