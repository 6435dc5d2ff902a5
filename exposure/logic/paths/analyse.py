"""The whole question in one call: what reaches which line, and what stops it."""

from dataclasses import dataclass
from functools import partial

from common.canonical import canonical_sha256
from exposure.logic.paths.best import Derivation, PathFinder
from exposure.logic.paths.bigints import Bits, Worlds
from exposure.logic.paths.changes import Change, Worth, exposure, worth_of_changes
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.intervals import Interval, intervals
from exposure.logic.paths.model import (
    AttackModel,
    Cause,
    Target,
)
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.reached import (
    asset_results,
    facts_of_assets,
    unknown_services,
)
from exposure.logic.paths.reasons import why_no_path
from exposure.logic.paths.results import (
    CauseRow,
    ChangeValue,
    ChokePoint,
    FindingResult,
    LineResult,
    PathAnalysis,
)
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.through import through_cause
from exposure.logic.paths.words import choke_words, summary
from exposure.logic.paths.worlds import sample

ENGINE = "paths-2"
WORLDS = 10_240


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
    model = compile_model(snapshot, policy=policy)
    plant, graph, number = Plant(snapshot), graph_of(model), seed_number(seed)
    rules, groups = Rules(graph), facts_of_assets(plant, graph)
    sampled = sample(graph, count=worlds, seed=number, groups=groups)
    sure = intervals(sampled, seed=number)
    run = _Run(
        plant=plant,
        model=model,
        causes={cause.id: cause for cause in model.causes},
        worlds=Worlds(model, seed=seed, count=worlds),
        rules=rules,
        finder=PathFinder(rules, steps=model.steps),
        reaches=dict(zip(graph.line_ids, sampled.reaches.tolist(), strict=True)),
        intervals=dict(zip(graph.line_ids, sure.lines, strict=True)),
    )
    total = sampled.exposure
    spread = sure.exposure.around(total)
    lines = _lines(run)
    worth = worth_of_changes(model, run.worlds, detours=partial(_detour, run))
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
        changes=tuple(_change(row) for row in worth),
        findings=_findings(run, worth),
        assets=asset_results(plant, sampled),
        unknown_services=unknown_services(plant, sampled),
        causes=tuple(_cause(cause) for cause in model.causes),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """What the parts of one answer share."""

    plant: Plant
    model: AttackModel
    causes: dict[str, Cause]
    worlds: Worlds
    rules: Rules
    finder: PathFinder
    reaches: dict[str, float]
    intervals: dict[str, Interval]


def _lines(run: _Run) -> tuple[LineResult, ...]:
    cuts = Cuts(run.rules)
    rows = [_line(run, target, cuts=cuts) for target in run.model.targets]
    return tuple(sorted(rows, key=lambda row: (-row.exposure, -row.reach, row.line_id)))


def _line(run: _Run, target: Target, *, cuts: Cuts) -> LineResult:
    line = run.plant.line(target.line_id)
    reach = run.reaches[line.id]
    spread = run.intervals[line.id].around(reach)
    ways = run.finder.ways(target.fact)
    paths = [found_path(way, plant=run.plant, causes=run.causes) for way in ways]
    cut = cuts.to(target.fact)
    held = run.rules.derivable()
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
        choke_points=_choke_points(run, target, ways=ways),
        reasons=() if paths else why_no_path(run.plant, line.id, held=held),
    )


def _choke_points(
    run: _Run, target: Target, *, ways: list[Derivation]
) -> tuple[ChokePoint, ...]:
    """Every derivation holds all of them, so those of one give the order."""
    needed = run.rules.needed_for(target.fact)
    facts = ways[0].facts if ways else ()
    return tuple(
        ChokePoint(fact=fact, words=choke_words(fact, plant=run.plant))
        for fact in facts
        if fact in needed and fact != target.fact
    )


def _detour(run: _Run, change: Change) -> set[str]:
    """Return the causes of the ways that lead to the same lines without the change."""
    causes: set[str] = set()
    lines = {
        fact
        for cause_id in change.causes
        for fact, bits in _through(run, cause_id).items()
        if bits
    }
    for fact in sorted(lines):
        way = run.finder.likeliest(fact, without=change.causes)
        causes |= way.causes if way else set()
    return causes


def _through(run: _Run, cause_id: str) -> dict[str, Bits]:
    return through_cause(run.model, run.worlds, run.rules, cause_id=cause_id)


def _change(row: Worth) -> ChangeValue:
    return ChangeValue(
        id=row.change.id,
        kind=row.change.kind,
        subject_id=row.change.subject_id,
        label=row.change.label,
        removes=row.removes,
        leaves=row.leaves,
        nothing_alone=row.nothing_alone,
        works_with=row.works_with,
    )


def _findings(run: _Run, worth: list[Worth]) -> tuple[FindingResult, ...]:
    removes = {row.change.id: row.removes for row in worth}
    rows = []
    for finding in run.plant.open_findings():
        cause_id = f"finding:{finding.id}"
        won = _through(run, cause_id)
        rows.append(
            FindingResult(
                finding_id=finding.id,
                ref=finding.ref,
                through=exposure(run.model, run.worlds, won),
                removes=removes.get(cause_id, 0.0),
                line_ids=tuple(
                    target.line_id for target in run.model.targets if won[target.fact]
                ),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.through, row.finding_id)))


def _cause(cause: Cause) -> CauseRow:
    return CauseRow(
        id=cause.id,
        kind=cause.kind,
        subject_id=cause.subject_id,
        label=cause.label,
        p=cause.p,
        word=cause.word,
    )
