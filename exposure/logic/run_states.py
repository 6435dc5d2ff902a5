"""The moves of a run, as one table."""

from collections.abc import Mapping

from common.errors import DomainError

NEXT: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"running", "paused", "stopped", "failed"}),
    "running": frozenset({"paused", "finished", "stopped", "failed"}),
    # Going on means waiting for a worker again, or for the second check.
    "paused": frozenset({"queued", "running", "stopped", "failed"}),
    "finished": frozenset(),
    "stopped": frozenset(),
    "failed": frozenset(),
}
# Not over yet: a site has one of these at a time.
LIVE = frozenset({"queued", "running", "paused"})
# Something is sent, or will be without anybody saying so.
AT_WORK = frozenset({"queued", "running"})


class IllegalMove(DomainError):
    """A run cannot go there from where it is."""


def check_move(old: str, new: str) -> None:
    """Raise IllegalMove unless the table allows the move.

    >>> check_move("queued", "running")
    """
    if new not in NEXT[old]:
        raise IllegalMove(f"A run cannot go from {old} to {new}.")
