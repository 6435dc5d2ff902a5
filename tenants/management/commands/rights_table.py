"""Prints the rights table of the documentation from the code that enforces it."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.access import (
    ADMIN_RIGHTS,
    KEPT,
    LOOKING,
    PROVIDER_RIGHTS,
    RIGHTS,
    ProviderRight,
    Right,
)
from tenants.group_access import GROUP_RIGHTS, GroupRight
from tenants.models import GroupRole, Portal, ProviderRole, Role

TITLE = """# Who may do what

This page is printed by `./sightline manage rights_table` from the tables that the code
enforces; a test compares them. Whoever is no member of a workspace, or whose access has
ended, gets the same "not found" as for a workspace that is not there. A member without a
right gets a refusal that names it. Signing takes more than a right: the side, the site, a
sign-in of the last five minutes, and not having proposed it (docs/workflow.md).
"""


class Command(BaseCommand):
    """Writes Markdown to standard output."""

    help = "Print the table of rights, as in docs/rights.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Print."""
        self.stdout.write(rights_table(), ending="")


def rights_table() -> str:
    """Return the page."""
    return "\n".join(
        [TITLE, *_members(), *_portal(), *_staff(), *_group(), *_routes(), ""]
    )


def _members() -> Iterator[str]:
    yield "## In a workspace\n"
    yield f"| may | {' | '.join(role.label for role in Role)} | administrator besides |"
    yield f"| --- |{' --- |' * (len(Role) + 1)}"
    for right in Right:
        marks = [_mark(role in RIGHTS[right]) for role in Role]
        yield f"| {right.label} | {' | '.join(marks)} | {_mark(right in ADMIN_RIGHTS)} |"
    yield ""


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


def _routes() -> Iterator[str]:
    yield "## Every address and the right it asks for\n"
    yield "| address | right |"
    yield "| --- | --- |"
    for route, view in sorted(_walk(get_resolver().url_patterns, "")):
        yield f"| `/{route}` | {view} |"


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, str]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        else:
            right = getattr(each.callback, "right", None)
            yield route, right.label if right else "signing in, or none"


def _mark(yes: bool) -> str:  # noqa: FBT001 - one cell
    return "yes" if yes else ""
