"""The moves of a finding: on evidence only, as one table."""

from collections.abc import Mapping

from common.errors import DomainError

NEXT: Mapping[str, frozenset[str]] = {
    "validating": frozenset({"open", "disproved"}),
    "open": frozenset({"treated", "verifying", "disproved"}),
    "treated": frozenset({"open", "verifying"}),
    "verifying": frozenset({"closed", "open", "treated"}),
    "closed": frozenset({"open"}),  # only when it is detected again
    "disproved": frozenset({"open"}),
}


class IllegalMove(DomainError):
    """A finding cannot go there from where it is."""


def check_move(old: str, new: str) -> None:
    """Raise IllegalMove unless the table allows the move.

    >>> check_move("verifying", "closed")
    """
    if new not in NEXT[old]:
        raise IllegalMove(f"A finding cannot go from {old} to {new}.")
