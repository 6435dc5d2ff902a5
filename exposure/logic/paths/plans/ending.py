"""The fewest changes of a plant that end every way to a target, or the way that stays."""

import math
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.paths.derive import Rules
from exposure.logic.paths.hitting import NEARLY
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.stops import fewest_changes

BURDENS = 0.5
"""All burdens together weigh less than one change, so they decide between equals."""

ROUNDS = 100
MOST_SEARCHES = 16
SECONDS = 5.0
"""A page waits for it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """All of `changes` together end every way; no set of fewer than `at_least` does.

    `changes` None: a way needs none of `closed`, the causes that all changes together
    could end.
    """

    changes: tuple[Candidate, ...] | None
    at_least: int
    is_proven: bool
    closed: frozenset[str] = frozenset()


def fewest_that_end(
    rules: Rules,
    target: str,
    candidates: Sequence[Candidate],
    *,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
) -> Ending:
    """Return the fewest of the candidates after which nobody gets to the target.

    Of sets as small, one with least downtime is chosen, then with least work, as far as
    the solver tells them apart (`hitting.NEARLY`).
    A change counts for what it ends: a cause of which it leaves a share stays open.
    What a change needs is made with it and counts. What cannot be made here, or needs
    what cannot, is left out; of the ways to change one thing, one is made. A target
    that nobody reaches needs no change. As exact as `fewest_changes`, unless `is_proven`
    says that the search ended early: after `rounds`, searches or `seconds`; a program
    that is being solved is not interrupted.
    """
    search = _Search(rules, target, rounds, until=time.monotonic() + seconds)
    able = _able(candidates)
    chosen, low = search.within(able)
    if chosen is None:
        closed = frozenset(cause for causes in _ends(able).values() for cause in causes)
        return Ending(None, at_least=0, is_proven=search.in_time, closed=closed)
    low = min(low, len(chosen))
    rows = tuple(able[each] for each in chosen)
    return Ending(rows, at_least=low, is_proven=len(rows) <= low)


class _Search:
    """Looks for the fewest changes; what the plant allows only one of is tried in turn."""

    def __init__(self, rules: Rules, target: str, rounds: int, *, until: float) -> None:
        self._until = until
        self._rules, self._target, self._rounds = rules, target, rounds
        self._left = MOST_SEARCHES
        self.in_time = True

    def within(
        self, able: Mapping[str, Candidate]
    ) -> tuple[tuple[str, ...] | None, int]:
        """Return the changes, and below how many there are none; None: there are none."""
        is_first = self._left == MOST_SEARCHES
        if not self._left or (self._is_over() and not is_first):
            self.in_time = False
            return None, 0
        self._left -= 1
        weights = _weights(able)
        stop = fewest_changes(
            self._rules,
            [self._target],
            closes=_ends(able),
            weights=weights,
            needs={key: row.needs for key, row in able.items()},
            rounds=self._rounds,
            stopped=self._is_over,
        )
        if stop is None:
            return None, 0
        # Without regard to groups there are more sets, so its bound holds with it.
        low = math.ceil(stop.at_least - BURDENS - NEARLY)
        twice = _twice(able[each] for each in stop.changes)
        if not twice:
            return stop.changes, low
        found = [self.within(_without(able, {each}))[0] for each in sorted(twice)]
        whole = [each for each in found if each is not None]
        whole.sort(key=lambda ids: math.fsum(weights[each] for each in ids))
        return (whole[0] if whole else None), low

    def _is_over(self) -> bool:
        return time.monotonic() >= self._until


def _able(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    rows = {row.id: row for row in candidates}
    return _without(rows, {row.id for row in rows.values() if row.cannot})


def _without(
    rows: Mapping[str, Candidate], gone: Collection[str]
) -> dict[str, Candidate]:
    """Leave out what is gone, and what needs it or what is not there at all."""
    left = {key: row for key, row in rows.items() if key not in gone}
    while True:
        lame = [key for key, row in left.items() if not left.keys() >= {*row.needs}]
        if not lame:
            return left
        for key in lame:
            del left[key]


def _ends(able: Mapping[str, Candidate]) -> dict[str, frozenset[str]]:
    """Return which causes each change ends.

    Of two ways to change one thing that end the same, the one with less downtime does,
    then the one with less work. The other ends nothing then, unless it is asked for or
    itself asks for less.
    """
    ends: dict[str, frozenset[str]] = {}
    asked_for = {each for row in able.values() for each in row.needs}
    taken: dict[tuple[str, frozenset[str]], list[frozenset[str]]] = {}
    for row in sorted(able.values(), key=_burden):
        closed = frozenset(each for each, keep in row.edit.keep.items() if not keep)
        others = taken.setdefault((row.group, closed), [])
        is_spare = row.group and any(each <= {*row.needs} for each in others)
        others.append(frozenset(row.needs))
        ends[row.id] = frozenset() if is_spare and row.id not in asked_for else closed
    return ends


def _weights(able: Mapping[str, Candidate]) -> dict[str, float]:
    """Return 1 for each change, and a little more for its downtime, then its work.

    A minute of downtime weighs more than all work.
    """
    minute = math.fsum(row.hours for row in able.values()) + 1.0
    burdens = {
        key: _downtime(row) * 60 * minute + row.hours for key, row in able.items()
    }
    share = BURDENS / (math.fsum(burdens.values()) + 1.0)
    return {key: 1.0 + share * burden for key, burden in burdens.items()}


def _downtime(row: Candidate) -> float:
    return sum(row.downtime.values())


def _burden(row: Candidate) -> tuple[float, float, str]:
    return _downtime(row), row.hours, row.id


def _twice(rows: Iterable[Candidate]) -> frozenset[str]:
    """Return two changes of one group, by id; none: nothing."""
    seen: dict[str, str] = {}
    for row in rows:
        if row.group and row.group in seen:
            return frozenset({row.id, seen[row.group]})
        seen[row.group] = row.id
    return frozenset()
