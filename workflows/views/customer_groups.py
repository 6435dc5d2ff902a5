"""The roll-up of one group: which customers of the reader's are in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenants.models import Group, Membership


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups there are among the reader's customers, the chosen one, and its places."""

    groups: Sequence[Group]
    chosen: Group | None
    memberships: list[Membership]


def choose_group(slug: str, memberships: Sequence[Membership]) -> Choice:
    """Keep the places in one group; what is no group of these customers keeps all."""
    found = {
        row.workspace.group.slug: row.workspace.group
        for row in memberships
        if row.workspace.group is not None
    }
    chosen = found.get(slug)
    kept = [
        row
        for row in memberships
        if chosen is None or row.workspace.group_id == chosen.pk
    ]
    return Choice(sorted(found.values(), key=lambda each: each.name), chosen, kept)
