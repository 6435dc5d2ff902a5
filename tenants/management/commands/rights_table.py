"""Prints the rights table of the documentation from the code that enforces it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.group_access import GROUP_RIGHTS, GroupRight
from tenants.key_scopes import NEVER_BY_KEY, RIGHT_OF, KeyScope
from tenants.models import GroupRole, Portal, ProviderRole, Role
from tenants.rights import (
    ADMIN_RIGHTS,
    KEPT,
    LOOKING,
    PROVIDER_RIGHTS,
    RIGHTS,
    WHOLE_WORKSPACE,
    ProviderRight,
    Right,
)

TITLE = """# Who may do what

This page is printed by `./sightline manage rights_table` from the tables that the code
enforces; a test compares them. Whoever is no member of a workspace, or whose access has
ended, gets the same "not found" as for a workspace that is not there. A member without a
right gets a refusal that names it. Signing takes more than a right: the side, the site, a
sign-in of the last five minutes, and not having proposed it (docs/workflow.md).
"""

KEYS = """A key has what its scopes say, of its sites, and never more than its maker may at that
moment: each request looks. Once the maker is removed or the access has ended, the key is as
good as none. Where the portal is closed, or the maker's role needs a second factor that
the maker lacks, the key does not get in either.
"""
PUBLIC = {"api/v1/openapi.json"}


class Command(BaseCommand):
    """Writes Markdown to standard output."""

    help = "Print the table of rights, as in docs/rights.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Print."""
        self.stdout.write(rights_table(), ending="")


def rights_table() -> str:
    """Return the page."""
    parts = (_members(), _portal(), _staff(), _group(), _keys(), _api(), _routes())
    return "\n".join([TITLE, *(line for part in parts for line in part), ""])


def _members() -> Iterator[str]:
    yield "## In a workspace\n"
    yield f"| may | {' | '.join(role.label for role in Role)} | administrator besides |"
    yield f"| --- |{' --- |' * (len(Role) + 1)}"
    for right in Right:
        marks = [_mark(role in RIGHTS[right]) for role in Role]
        yield f"| {right.label} | {' | '.join(marks)} | {_mark(right in ADMIN_RIGHTS)} |"
    over_all = ", ".join(f'"{r.label}"' for r in Right if r in WHOLE_WORKSPACE)
    yield f"\nWhoever is limited to some sites may not, whatever the role: {over_all}.\n"


def _portal() -> Iterator[str]:
    yield "## How far the portal is open\n"
    for level in Portal:
        yield f"- {level.label}"
    yield (
        f"\nReading only leaves the customer's people {_named(LOOKING)}, and leaving. "
        "However far it is closed,\nadministrators of the customer keep "
        f"{_named(KEPT)}.\n"
    )


def _named(rights: frozenset[Right]) -> str:
    return ", ".join(f'"{right.label}"' for right in Right if right in rights)


def _staff() -> Iterator[str]:
    yield "## At the provider, outside of any workspace\n"
    yield f"| may | {' | '.join(role.label for role in ProviderRole)} |"
    yield f"| --- |{' --- |' * len(ProviderRole)}"
    for right in ProviderRight:
        marks = [_mark(role in PROVIDER_RIGHTS[right]) for role in ProviderRole]
        yield f"| {right.label} | {' | '.join(marks)} |"
    yield ""


def _group() -> Iterator[str]:
    yield "## In a group, which opens no workspace\n"
    yield f"| may | {' | '.join(role.label for role in GroupRole)} |"
    yield f"| --- |{' --- |' * len(GroupRole)}"
    for right in GroupRight:
        marks = [_mark(role in GROUP_RIGHTS[right]) for role in GroupRole]
        yield f"| {right.label} | {' | '.join(marks)} |"
    yield ""


def _keys() -> Iterator[str]:
    yield "## What a key of the API may do\n"
    yield KEYS
    yield "| scope | a key with it may | if its maker may |"
    yield "| --- | --- | --- |"
    for scope, right in RIGHT_OF.items():
        yield f"| `{scope.value}` | {scope.label} | {right.label} |"
    never = ", ".join(f'"{right.label}"' for right in Right if right in NEVER_BY_KEY)
    yield f"\nNo key may, whoever made it: {never}.\n"


def _api() -> Iterator[str]:
    yield "## Every address of the API and the scope it asks for\n"
    yield "| address | reading | doing |"
    yield "| --- | --- | --- |"
    for route, view in _walk(get_resolver().url_patterns, ""):
        scopes = getattr(view, "scopes", None)
        if scopes is not None:
            cells = [_scope(scopes, method) for method in ("GET", "POST")]
            yield f"| `/{route}` | {' | '.join(cells)} |"
    yield ""


def _scope(scopes: Mapping[str, KeyScope | None], method: str) -> str:
    if method not in scopes:
        return ""
    scope = scopes[method]
    return f"`{scope.value}`" if scope else "any key"


def _routes() -> Iterator[str]:
    yield "## Every other address and the right it asks for\n"
    yield "| address | right |"
    yield "| --- | --- |"
    for route, view in sorted(
        _walk(get_resolver().url_patterns, ""), key=lambda each: each[0]
    ):
        if hasattr(view, "scopes"):
            continue
        right = getattr(view, "right", None)
        if right is None:
            told = "anybody" if route in PUBLIC else "signing in, or none"
        else:
            told = right.label
        yield f"| `/{route}` | {told} |"


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        else:
            yield route, each.callback


def _mark(yes: bool) -> str:  # noqa: FBT001 - one cell
    return "yes" if yes else ""
