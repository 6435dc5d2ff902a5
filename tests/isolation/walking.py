"""Finds every address of the product, fills it with rows, and pictures what is stored."""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.html import escape

from tenants.models import LedgerPending, Membership, User, Workspace
from tenants.models.owned import WorkspaceOwned
from tenants.rights import ProviderRight, Right
from tenants.scope import workspace_scope
from tests.sessions import session_of

OWNED = [model for model in apps.get_models() if issubclass(model, WorkspaceOwned)]
# Nobody but the database reads it, and it is empty between transactions.
UNREAD = {LedgerPending}
METHODS = ("get", "head", "post", "put", "patch", "delete")
# A method is looked at before the reader is, so two readers try every one of them.
USUAL, TRY_EVERY_METHOD = ("get", "post"), 2
HTMX = {"HX-Request": "true", "HX-Target": "main"}
PARAMETER = re.compile(r"<[^>]+>")
WORKSPACE, PROVIDER, GROUP = "<slug:workspace>", "<slug:provider>", "<slug:group>"
Rows = Mapping[str, Any]
_SESSIONS: dict[Any, tuple[str, str]] = {}


@dataclass(frozen=True)
class Address:
    """One route of the product, with its converters."""

    route: str
    name: str
    view: Callable[..., Any]

    def __str__(self) -> str:
        """Return the route, which names the test."""
        return self.route

    @property
    def right(self) -> Right:
        """The right that the view asks for."""
        right = getattr(self.view, "right", None)
        assert right is not None, f"{self.route} asks for no right: use needs()."
        return Right(right)

    @property
    def staff_right(self) -> ProviderRight:
        """The right of a provider's page."""
        right = getattr(self.view, "right", None)
        assert right is not None, f"{self.route} asks for no right: use staff_needs()."
        return ProviderRight(right)

    @property
    def parameters(self) -> list[str]:
        """The parameters besides the workspace."""
        return [each for each in PARAMETER.findall(self.route) if each != WORKSPACE]

    def at(self, workspace: str, rows: Rows) -> str:
        """Return the path for a workspace's slug and some rows."""
        path = "/" + self.route.replace(WORKSPACE, workspace)
        for parameter, value in rows.items():
            if parameter.startswith("<"):  # others are ids for filters and forms
                path = path.replace(parameter, str(value))
        unknown = PARAMETER.findall(path)
        assert not unknown, (
            f"{self.route} has a parameter that no test fills: {unknown}. "
            "Give it a row of Northmill in tests/isolation/conftest.py."
        )
        return path


def every_address() -> list[Address]:
    """Return every route there is."""
    return list(_walk(get_resolver().url_patterns, ""))


def every_workspace_address() -> list[Address]:
    """Return every route of a workspace; one that is open to all is not one."""
    return [each for each in every_address() if each.route.startswith(f"w/{WORKSPACE}")]


def every_provider_address() -> list[Address]:
    """Return every route of a provider."""
    return [each for each in every_address() if each.route.startswith(f"p/{PROVIDER}")]


def every_group_address() -> list[Address]:
    """Return every route of a group."""
    return [each for each in every_address() if each.route.startswith(f"g/{GROUP}")]


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Address]:
    for each in patterns:
        assert isinstance(each.pattern, RoutePattern), (
            f"{prefix}{each.pattern} is a regular expression, which no test can fill."
        )
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        else:
            yield Address(route, each.name or "", each.callback)


def picture(*workspaces: Workspace) -> dict[str, object]:
    """Return a fingerprint of every tenant table of some workspaces, and of accounts."""
    tables = [model._meta.db_table for model in OWNED if model not in UNREAD]
    parts = " UNION ALL ".join(
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) "  # noqa: S608 - our own tables
        f"FROM {table} t"
        for table in tables
    )
    seen: dict[str, object] = {
        "accounts": list(
            User.objects.order_by("pk").values_list("email", "name", "is_active")
        ),
        "members": list(Membership.objects.order_by("pk").values()),
    }
    for workspace in workspaces:
        with workspace_scope(workspace.id), connection.cursor() as cursor:
            cursor.execute(parts)
            seen |= {f"{workspace.slug} {row[0]}": row[1] for row in cursor}
    return seen


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """Return what differs between two pictures."""
    return {name for name in before if before[name] != after[name]}


def ask(
    user: User | None,
    method: str,
    path: str,
    fields: Mapping[str, object] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Send one request as somebody; no answer may lack what protects a browser."""
    client = Client()
    if user is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = _session_of(user)
    return send(client, method, path, fields, headers=headers)


def _session_of(user: User) -> str:
    """Return the key of a session in which nothing was done yet.

    Signing in takes as long as a small page: one that is as it was serves again.
    """
    key, data = _SESSIONS.get(user.pk, ("", ""))
    if not Session.objects.filter(pk=key, session_data=data).exists():
        key = session_of(user)
        data = Session.objects.values_list("session_data", flat=True).get(pk=key)
        _SESSIONS[user.pk] = key, data
    return key


def send(
    client: Client,
    method: str,
    path: str,
    fields: Mapping[str, object] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Send one request from a browser; no answer may lack what protects it."""
    if method == "post":
        response = client.post(path, dict(fields or {}), headers=dict(headers or {}))
    else:
        response = getattr(client, method)(path, headers=dict(headers or {}))
    guarded(response)
    return _unpacked(response) if response.streaming else response


def answers(user: User | None, path: str, *, number: int = 0) -> list[Any]:
    """Return what somebody gets by every method, and from htmx.

    `number` is which of several readers it is, from 0.
    """
    plain = [ask(user, method, path) for method in methods_of(number)]
    return [*plain, *(ask(user, each, path, headers=HTMX) for each in USUAL)]


def methods_of(number: int) -> tuple[str, ...]:
    """Return what the reader with that number tries."""
    return METHODS if number < TRY_EVERY_METHOD else USUAL


def _unpacked(response: Any) -> HttpResponse:
    """Return what is in a downloaded archive, as text that no browser would run."""
    raw, texts = response.getvalue(), []
    if raw and not zipfile.is_zipfile(BytesIO(raw)):
        texts = [raw.decode()]
    elif raw:  # a HEAD has no body
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            texts = [archive.read(name).decode() for name in archive.namelist()]
    whole = HttpResponse(escape("\n".join(texts)), status=response.status_code)
    whole.headers = response.headers
    return whole


def guarded(response: Any) -> None:
    """Check what every answer carries, whatever it says."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.status_code < 500
