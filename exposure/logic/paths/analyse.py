"""The whole question in one call: what reaches which line, and what stops it."""

from dataclasses import dataclass

from common.canonical import canonical_sha256
from exposure.logic.paths.best import Derivation, PathFinder
from exposure.logic.paths.closing import Closings
from exposure.logic.paths.compile import Compiled, compile_plant
from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.information import most_worth_knowing, uncertain
from exposure.logic.paths.intervals import Interval, intervals
from exposure.logic.paths.model import Cause, Target
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.rare import rare_reaches
from exposure.logic.paths.reached import (
    asset_results,
    facts_of_assets,
    unknown_services,
)
from exposure.logic.paths.reasons import why_no_path
from exposure.logic.paths.results import (
    CauseRow,
    ChokePoint,
    LineResult,
    PathAnalysis,
)
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.words import choke_words, summary
from exposure.logic.paths.worlds import Tally

ENGINE = "paths-3"
WORLDS = 10_240
MOST_UNKNOWNS = 5


def analyse(
    snapshot: PlantSnapshot,
    *,
    policy: ScoringPolicy,
    seed: str,
    worlds: int = WORLDS,
) -> PathAnalysis:
    """Return what an outsider reaches in this plant, with everything behind it.

    The same snapshot (rows in any order), policy, seed and number of worlds give the
    same bytes. `worlds` is 1 to 131 072; the sampling error of a reach r is about
    sqrt(r (1 - r) / worlds), half a percent at most with the default. Raises
    `ModelRefused` (a `DomainError`) with a sentence when a row points at nothing, a
    chance is no probability or the plant is too big to calculate.
    """
    compiled = compile_plant(snapshot, policy=policy)
    return analyse_compiled(compiled, snapshot, policy=policy, seed=seed, worlds=worlds)


def analyse_compiled(
    compiled: Compiled,
    snapshot: PlantSnapshot,
    *,
    policy: ScoringPolicy,
    seed: str,
    worlds: int,
) -> PathAnalysis:
    """Do what `analyse` does, with what the snapshot compiles to by this policy."""
    plant, graph, number = compiled.plant, compiled.graph, seed_number(seed)
    rules, groups = Rules(graph), facts_of_assets(plant, graph)
    ground, doubts = Ground(graph, seed=number, worlds=worlds), uncertain(graph)
    tally = Tally(graph, count=worlds, groups=groups)
    closings = Closings(
        compiled.causes, ground, plant, needed=rules.needed_by, alone=doubts
    )
    for forest in ground.forests():
        tally.add(forest.held)
        closings.add(forest)
    sampled, closed = tally.found(), closings.found()
    sure = intervals(sampled, seed=number)
    run = _Run(
        plant=plant,
        targets=compiled.targets,
        causes={cause.id: cause for cause in compiled.causes},
        rules=rules,
        finder=PathFinder(rules, steps=compiled),
        reaches=dict(zip(graph.line_ids, sampled.reaches.tolist(), strict=True)),
        intervals=dict(zip(graph.line_ids, sure.lines, strict=True)),
        rare={
            graph.line_ids[line]: reach
            for line, reach in rare_reaches(sampled, seed=number).items()
        },
    )
    total = sampled.exposure
    spread = sure.exposure.around(total)
    lines = _lines(run)
    inputs = {
        "engine": ENGINE,
        "snapshot_sha256": snapshot.sha256,
        "policy_version": policy.version,
        "policy_sha256": policy.sha256,
        "seed": seed,
    }
    return PathAnalysis(
        revision=canonical_sha256({**inputs, "worlds": worlds}),
        **inputs,
        worlds=worlds,
        exposure=total,
        exposure_low=spread.low,
        exposure_high=spread.high,
        sentence=summary(lines, exposure=total),
        lines=lines,
        changes=closed.changes,
        findings=closed.findings,
        assets=asset_results(plant, sampled),
        unknown_services=unknown_services(plant, sampled),
        causes=tuple(_cause(cause) for cause in compiled.causes),
        unknowns=most_worth_knowing(
            ground, doubts, closings.worths, most=MOST_UNKNOWNS
        ),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """What the parts of one answer share."""

    plant: Plant
    targets: tuple[Target, ...]
    causes: dict[str, Cause]
    rules: Rules
    finder: PathFinder
    reaches: dict[str, float]
    intervals: dict[str, Interval]
    rare: dict[str, float]


def _lines(run: _Run) -> tuple[LineResult, ...]:
    cuts = Cuts(run.rules)
    needed = run.rules.needed_by(target.fact for target in run.targets)
    rows = [
        _line(run, target, cuts=cuts, needed=needed[target.fact])
        for target in run.targets
    ]
    return tuple(sorted(rows, key=lambda row: (-row.exposure, -row.reach, row.line_id)))


def _line(
    run: _Run, target: Target, *, cuts: Cuts, needed: frozenset[str]
) -> LineResult:
    line = run.plant.line(target.line_id)
    reach = run.reaches[line.id]
    spread = run.intervals[line.id].around(reach)
    ways = run.finder.ways(target.fact)
    paths = [found_path(way, plant=run.plant, causes=run.causes) for way in ways]
    cut = cuts.to(target.fact)
    return LineResult(
        line_id=line.id,
        name=line.name,
        points=line.points,
        reach=reach,
        low=spread.low,
        high=spread.high,
        exposure=line.points * reach,
        best=paths[0] if paths else None,
        others=tuple(paths[1:]),
        cut_bound=cut.bound,
        cut_cause_ids=cut.causes,
        choke_points=_choke_points(run, ways, needed=needed - {target.fact}),
        reasons=() if paths else _reasons(run, line.id),
        rare=run.rare.get(line.id),
    )


def _choke_points(
    run: _Run, ways: list[Derivation], *, needed: frozenset[str]
) -> tuple[ChokePoint, ...]:
    """Every derivation holds all of them, so those of one give the order."""
    facts = ways[0].facts if ways else ()
    return tuple(
        ChokePoint(fact=fact, words=choke_words(fact, plant=run.plant))
        for fact in facts
        if fact in needed
    )


def _reasons(run: _Run, line_id: str) -> tuple[str, ...]:
    return why_no_path(run.plant, line_id, held=run.rules.derivable())


def _cause(cause: Cause) -> CauseRow:
    return CauseRow(
        id=cause.id,
        kind=cause.kind,
        subject_id=cause.subject_id,
        label=cause.label,
        p=cause.p,
        word=cause.word,
    )
