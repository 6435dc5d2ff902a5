"""The moves of a decision."""

import pytest

from workflows.logic.lifecycle import (
    COVERING,
    LIVE,
    NEXT,
    OPEN,
    WORDS,
    IllegalMove,
    check_move,
    happened,
)
from workflows.models import DecisionState


def test_it_knows_every_state_of_the_model() -> None:
    assert set(NEXT) == set(WORDS) == set(DecisionState.values)


def test_it_reaches_every_state_and_every_state_has_a_way_to_an_end() -> None:
    reached, todo = {"proposed"}, ["proposed"]
    while todo:
        for state in NEXT[todo.pop()] - reached:
            reached.add(state)
            todo.append(state)
    ends = {state for state in NEXT if not NEXT[state]}

    assert reached == set(NEXT)
    for state in NEXT:
        assert state in ends or ends & NEXT[state]


def test_it_starts_nothing_again_that_has_ended() -> None:
    for state in set(NEXT) - LIVE:
        assert NEXT[state] == frozenset()


def test_it_covers_a_finding_only_after_approval() -> None:
    entries = {old for old, new in NEXT.items() if new & COVERING}

    assert entries == OPEN | {"approved", "claimed"}
    assert "claimed" not in NEXT["proposed"] | NEXT["partly_answered"]


@pytest.mark.parametrize("old", sorted(NEXT))
@pytest.mark.parametrize("new", sorted(NEXT))
def test_it_refuses_what_the_table_does_not_list(old: str, new: str) -> None:
    if new in NEXT[old]:
        check_move(old, new)
        return
    with pytest.raises(IllegalMove, match=f"is {WORDS[old]} cannot become"):
        check_move(old, new)


@pytest.mark.parametrize(
    ("seen", "now", "holds", "words"),
    [
        ("open", "open", None, ()),
        ("open", "treated", None, ()),
        ("verifying", "closed", False, ("closed",)),
        ("treated", "closed", False, ("closed",)),
        ("verifying", "open", True, ("retest_positive",)),
        ("verifying", "open", None, ("retest_inconclusive",)),
        ("verifying", "open", False, ("closed", "reopened")),
        ("closed", "open", False, ("reopened",)),
        ("disproved", "open", None, ("reopened",)),
        ("open", "verifying", None, ()),
        ("validating", "disproved", None, ("disproved",)),
    ],
)
def test_it_tells_what_happened_to_a_finding(
    *, seen: str, now: str, holds: bool | None, words: tuple[str, ...]
) -> None:
    assert happened(seen, now, retest_holds=holds) == words
