"""The moves of a run, as one table."""

from collections.abc import Mapping

from common.errors import DomainError

NEXT: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"running", "stopped", "failed"}),
    "running": frozenset({"finished", "stopped", "failed"}),
    "finished": frozenset(),
    "stopped": frozenset(),
    "failed": frozenset(),
}
LIVE = frozenset({"queued", "running"})


class IllegalMove(DomainError):
    """A run cannot go there from where it is."""


def check_move(old: str, new: str) -> None:
    """Raise IllegalMove unless the table allows the move.

    >>> check_move("queued", "running")
    """
    if new not in NEXT[old]:
        raise IllegalMove(f"A run cannot go from {old} to {new}.")
