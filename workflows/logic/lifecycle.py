"""The moves of a decision as one table, and what a change of its finding means."""

from collections.abc import Mapping

from common.errors import DomainError

OPEN = frozenset({"proposed", "partly_answered"})
COVERING = frozenset({"approved", "claimed"})
LIVE = OPEN | COVERING

_WHILE_OPEN = frozenset(
    {"approved", "rejected", "returned", "disputed", "withdrawn", "voided"}
)
NEXT: Mapping[str, frozenset[str]] = {
    "proposed": _WHILE_OPEN | {"partly_answered"},
    "partly_answered": _WHILE_OPEN | {"partly_answered"},
    "approved": frozenset({"claimed", "completed", "voided"}),
    # Back to approved: somebody said it was done, and the re-test did not agree.
    "claimed": frozenset({"approved", "completed", "voided"}),
    # Ends are never edited and never used again; the next try is a new version.
    "completed": frozenset(),
    "rejected": frozenset(),
    "returned": frozenset(),
    "disputed": frozenset(),
    "withdrawn": frozenset(),
    "voided": frozenset(),
}
WORDS: Mapping[str, str] = {
    "proposed": "proposed",
    "partly_answered": "partly answered",
    "approved": "approved",
    "claimed": "said to be done",
    "completed": "completed",
    "rejected": "rejected",
    "returned": "sent back for changes",
    "disputed": "disputed",
    "withdrawn": "withdrawn",
    "voided": "void",
}

ENDED = frozenset({"closed", "disproved"})
_STILL_THERE = frozenset({"open", "treated"})


class IllegalMove(DomainError):
    """A decision cannot go there from where it is."""


def check_move(old: str, new: str) -> None:
    """Raise IllegalMove unless the table allows the move.

    >>> check_move("approved", "claimed")
    """
    if new not in NEXT[old]:
        raise IllegalMove(
            f"A decision that is {WORDS[old]} cannot become {WORDS[new]}."
        )


def happened(seen: str, now: str, *, retest_holds: bool | None) -> tuple[str, ...]:
    """Return what happened to a finding since its state was `seen`, in order.

    Words: "closed", "disproved", "reopened", "retest_positive" and
    "retest_inconclusive". `retest_holds` is the result of the last re-test. It tells
    a re-test that found nothing, after which the finding came back before anybody
    looked, from one that failed.

    >>> happened("verifying", "open", retest_holds=True)
    ('retest_positive',)
    """
    if seen == now:
        return ()
    if now in ENDED:
        return (now,)
    if seen in ENDED:
        return ("reopened",)
    if seen == "verifying" and now in _STILL_THERE:
        if retest_holds is None:
            return ("retest_inconclusive",)
        return ("retest_positive",) if retest_holds else ("closed", "reopened")
    return ()
