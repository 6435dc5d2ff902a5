"""What each site adds to the exposure, and the one change that helps it most."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.changes import Change, candidates
from exposure.logic.paths.compile import Compiled
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.edits import closing, table_of
from exposure.logic.paths.graph import F64, Graph
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.intervals import intervals
from exposure.logic.paths.kernels.shift import shift
from exposure.logic.paths.results import ChangeValue, LineResult, PathAnalysis
from exposure.logic.paths.worlds import counted, sample

AT_ONCE = 32
"""So many changes are weighed before it is asked whether more could matter."""


@dataclass(frozen=True, slots=True)
class SiteChange:
    """The single change that removes most at a site: its own words, and the units there."""

    kind: str
    subject_id: str
    label: str
    removes: float


@dataclass(frozen=True, slots=True)
class SiteResult:
    """What the lines of one site add up to.

    `exposure` is the sum over its lines, in units, `low` and `high` its interval.
    `reached` of its `lines` have a path. `worst` is the name of the line with most
    units, "" where no line has any; `change` is None where no single change removes
    anything here.
    """

    site_id: str
    exposure: float
    low: float
    high: float
    lines: int
    reached: int
    worst: str
    change: SiteChange | None


def by_site(
    analysis: PathAnalysis,
    compiled: Compiled,
    sites: Mapping[str, str],
    *,
    cannot: Collection[str] = (),
) -> tuple[SiteResult, ...]:
    """Return a row for each site that has a line, ordered by its id.

    `sites` maps each line to its site; `compiled` is the model the answer came from. A
    change in `cannot` (ids) is nobody's best, because nobody can make it.
    All in the worlds of the answer, so the sites add up to the whole. One site costs
    nothing; with more, the redraws of the interval and the changes are done again.
    """
    lines: dict[str, list[LineResult]] = defaultdict(list)
    for line in analysis.lines:
        lines[sites[line.line_id]].append(line)
    names = sorted(lines)
    offered = [row for row in analysis.changes if row.id not in cannot]
    if len(names) == 1:
        spans = [(analysis.exposure_low, analysis.exposure_high)]
        changes = [_first(offered)]
    else:
        spans = _spans(analysis, compiled.graph, [lines[name] for name in names])
        changes = _changes(
            analysis, compiled, [lines[name] for name in names], offered=offered
        )
    return tuple(
        _result(name, lines[name], span, change)
        for name, span, change in zip(names, spans, changes, strict=True)
    )


def _result(
    site_id: str,
    lines: Sequence[LineResult],
    span: tuple[float, float],
    change: SiteChange | None,
) -> SiteResult:
    total = math.fsum(line.exposure for line in lines)
    worst = max(lines, key=lambda line: line.exposure)
    return SiteResult(
        site_id=site_id,
        exposure=total,
        low=min(span[0], total),
        high=max(span[1], total),
        lines=len(lines),
        reached=sum(1 for line in lines if line.best),
        worst=worst.name if worst.exposure else "",
        change=change,
    )


def _spans(
    analysis: PathAnalysis, graph: Graph, sites: Sequence[Sequence[LineResult]]
) -> list[tuple[float, float]]:
    if not sites:
        return []
    seed = seed_number(analysis.seed)
    worlds = sample(graph, count=analysis.worlds, seed=seed)
    found = intervals(
        worlds, seed=seed, parts=[_numbers(graph, each) for each in sites]
    )
    return [(span.low, span.high) for span in found.parts]


def _first(changes: Sequence[ChangeValue]) -> SiteChange | None:
    """Changes come with the one that removes most first."""
    if not changes or not changes[0].removes:
        return None
    first = changes[0]
    return SiteChange(first.kind, first.subject_id, first.label, first.removes)


def _changes(
    analysis: PathAnalysis,
    compiled: Compiled,
    sites: Sequence[Sequence[LineResult]],
    *,
    offered: Iterable[ChangeValue],
) -> list[SiteChange | None]:
    """Return for each site the change that removes most there, exactly.

    No change removes more at a site than in all, and they come with the one that
    removes most in all first: so it is known when none that is left can be better.
    """
    graph = compiled.graph
    known = {change.id: change for change in candidates(compiled.causes)}
    left = [(known[row.id], row.removes) for row in offered if row.removes]
    places = [_numbers(graph, lines) for lines in sites]
    best: list[SiteChange | None] = [None] * len(sites)
    ground = Ground(graph, seed=seed_number(analysis.seed), worlds=analysis.worlds)
    counts = [any(line.exposure for line in lines) for lines in sites]
    while left:
        most = left[0][1]
        if all(
            not counts[site] or (found is not None and found.removes >= most)
            for site, found in enumerate(best)
        ):
            break
        now, left = [change for change, _ in left[:AT_ONCE]], left[AT_ONCE:]
        removed = _removed(ground, now)
        for site, lines in enumerate(places):
            best[site] = _better(best[site], now, removed[:, lines].sum(axis=1))
    return best


def _removed(ground: Ground, changes: Sequence[Change]) -> F64:
    """Return what each change removes by itself at each line, in units.

    Each is made and taken back in every block, so that one pass serves all sites.
    """
    graph = ground.graph
    table = table_of(graph, [closing(change.id, change.causes) for change in changes])
    spans = [
        table.cause[table.ptr[place] : table.ptr[place + 1]]
        for place in range(len(changes))
    ]
    lost = np.zeros((len(changes), len(graph.target)), np.int64)
    for forest in ground.forests():
        before = counted(forest.held[graph.target])
        for place, causes in enumerate(spans):
            true = forest.true[causes]
            shift(ground.net, forest, ground.desk, causes, np.zeros_like(true))
            lost[place] += before - counted(forest.held[graph.target])
            shift(ground.net, forest, ground.desk, causes, true)
    return graph.points * lost / ground.worlds


def _better(
    best: SiteChange | None, changes: Sequence[Change], removes: F64
) -> SiteChange | None:
    for change, units in zip(changes, removes.tolist(), strict=True):
        if units > (best.removes if best else 0.0):
            best = SiteChange(change.kind, change.subject_id, change.label, units)
    return best


def _numbers(graph: Graph, lines: Iterable[LineResult]) -> list[int]:
    number = {line_id: place for place, line_id in enumerate(graph.line_ids)}
    return [number[line.line_id] for line in lines]
