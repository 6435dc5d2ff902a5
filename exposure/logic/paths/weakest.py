"""How well a hop and a path are known: no better than the worst of what they rest on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from exposure.logic.paths.hops import CERTAIN
from exposure.logic.paths.model import Cause
from exposure.logic.paths.results import CauseRow, FoundPath, Hop, PathAnalysis
from exposure.logic.paths.snapshot import Basis

WORST_FIRST = ("D", "E0", "assumed", "E1", "E2", "imported", "E3", "E4", "observed")
"""Grades and bases in one order: by the strength that the scoring policy gives them, and
by the chance where that is the same. What was seen and what was validated are as good;
then the weakness is named."""

DRAWN = {
    "E4": Basis.OBSERVED,
    "E3": Basis.OBSERVED,
    "observed": Basis.OBSERVED,
    "E2": Basis.IMPORTED,
    "imported": Basis.IMPORTED,
}
"""Grades as a map draws them; what is not named here is as good as assumed."""

Reason = TypeVar("Reason", Cause, CauseRow)


class Confidence(StrEnum):
    """How far a path can be relied on, by its weakest step."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


OF_BASIS = {
    Basis.OBSERVED: Confidence.HIGH,
    Basis.IMPORTED: Confidence.MEDIUM,
    Basis.ASSUMED: Confidence.LOW,
}


@dataclass(frozen=True, slots=True)
class Trust:
    """The confidence in a path; `hop` is its weakest step, and `cause` why that is weak.

    Both are None where all follows from the plant itself.
    """

    confidence: Confidence
    hop: Hop | None = None
    cause: CauseRow | None = None


def drawn(word: str) -> Basis:
    """Return how a grade or a basis is drawn.

    >>> [str(drawn(word)) for word in ("E3", "E2", "E1", "assumed")]
    ['observed', 'imported', 'assumed', 'assumed']
    """
    return DRAWN.get(word, Basis.ASSUMED)


def rests_on(hop: Hop, causes: Mapping[str, Reason]) -> list[Reason]:
    """Return the causes of a hop, the worst known first; `causes` are all by id."""
    return by_doubt(causes[key] for key in hop.cause_ids if key in causes)


def by_doubt(causes: Iterable[Reason]) -> list[Reason]:
    """Return causes, the worst known first."""
    return sorted(causes, key=_rank)


def weakest(hop: Hop, causes: Mapping[str, Reason]) -> Reason | None:
    """Return the worst known cause of a hop; None for one that needs no luck."""
    return next(iter(rests_on(hop, causes)), None)


def trust_in(path: FoundPath, causes: Mapping[str, CauseRow]) -> Trust:
    """Return how far a path can be relied on: as far as its weakest step."""
    found = [
        (hop, cause) for hop in path.hops if (cause := weakest(hop, causes)) is not None
    ]
    if not found:
        return Trust(Confidence.HIGH)
    hop, cause = min(found, key=lambda each: _rank(each[1]))
    return Trust(OF_BASIS[drawn(cause.word)], hop, cause)


def told_by_weakest(analysis: PathAnalysis) -> PathAnalysis:
    """Return an answer whose hops say how they are known at their weakest.

    Stored hops say it of what let the packets through alone, and an assumed password
    behind a port that was seen is no observed step. `basis` becomes that of the weakest
    cause, as it is drawn, and `way` names it unless it is the weakness itself.
    """
    causes = {row.id: row for row in analysis.causes}
    return replace(
        analysis,
        lines=tuple(
            replace(
                line,
                best=_path(line.best, causes) if line.best else None,
                others=tuple(_path(way, causes) for way in line.others),
            )
            for line in analysis.lines
        ),
    )


def _path(path: FoundPath, causes: Mapping[str, CauseRow]) -> FoundPath:
    return replace(path, hops=tuple(_hop(hop, causes) for hop in path.hops))


def _hop(hop: Hop, causes: Mapping[str, CauseRow]) -> Hop:
    cause = weakest(hop, causes)
    if cause is None or hop.basis == CERTAIN:
        return hop
    way = hop.way if cause.kind == "finding" else cause.label
    return replace(hop, basis=str(drawn(cause.word)), way=way)


def _rank(cause: Cause | CauseRow) -> int:
    return WORST_FIRST.index(cause.word) if cause.word in WORST_FIRST else 0
