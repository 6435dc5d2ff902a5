"""Plans for a plant of 5 000 assets, beside what simpler rankings would choose.

Run with `pytest -m bench -s tests/bench/test_plans_bench.py`; prints, asserts no time.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest

from exposure.logic.paths.edits import Edit
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import Graph, graph_of
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.board import order_to_make
from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.plans.greedy import Greedy
from exposure.logic.paths.plans.items import Candidate, Limits
from exposure.logic.paths.plans.judge import Judge
from exposure.logic.paths.plans.milp import best_set
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.plans.pool import Pool
from exposure.logic.paths.plans.sample import Sample
from exposure.logic.paths.whatif import WhatIf, what_if
from tests.bench.conftest import FULL
from tests.bench.measured import p50_p95
from tests.bench.plants import plant_graph
from tests.exposure.logic.paths.plannable import change, routes

KINDS = frozenset(
    {"exploit", "privilege", "login", "tunnel", "exposed", "vendor", "conduit"}
)

# The full size only when it is asked for: SIGHTLINE_BENCH_FULL=1.
ASSETS = 5_000 if FULL else 500
SIZES = [(50, 0.15), (198, 0.15), (495, 0.05)] if FULL else [(50, 0.15)]

T = TypeVar("T")


def made_up(graph: Graph, *, count: int) -> list[Candidate]:
    """Changes of causes that many steps share, with hours and downtime by luck."""
    luck = np.random.default_rng(5)
    uses = np.diff(graph.guards.ptr)
    causes = [
        place
        for place in np.argsort(-uses, kind="stable").tolist()
        if graph.cause_ids[place].partition(":")[0] in KINDS
    ][: 2 * count]
    picked = luck.choice(causes, count, replace=False).tolist()
    return [_change(graph, cause, luck) for cause in sorted(picked)]


def _change(graph: Graph, cause: int, luck: np.random.Generator) -> Candidate:
    name, line = graph.cause_ids[cause], luck.choice(list(graph.line_ids))
    stands = float(luck.choice([0, 0, 0.5, 1, 2, 4, 8]))
    return Candidate(
        edit=Edit(f"fix {name}", {name: float(luck.choice([0, 0, 0, 0.1]))}),
        kind=ChangeKind.PATCH,
        subject_kind="finding",
        subject_id=name,
        label=name,
        hours=float(luck.integers(1, 41)),
        downtime={str(line): stands} if stands else {},
    )


def cpu(act: Callable[[], T]) -> tuple[T, float]:
    """Return what something returns, and the seconds of CPU that it took."""
    began = time.process_time()
    return act(), time.process_time() - began


def by_score(allowed: Allowed, scores: Sequence[float]) -> frozenset[int]:
    """Take what scores most per hour, as long as it fits."""
    chosen: frozenset[int] = frozenset()
    rates = [
        (-score / allowed.candidates[place].hours, place)
        for place, score in enumerate(scores)
    ]
    for rate, place in sorted(rates):
        if rate < 0 and allowed.fits(chosen | {place}):
            chosen |= {place}
    return chosen


@pytest.mark.bench
@pytest.mark.parametrize(("count", "share"), SIZES)
def test_one_budget(count: int, share: float) -> None:
    graph = plant_graph(ASSETS)
    changes = made_up(graph, count=count)
    edits = [row.edit for row in changes]
    hours = share * sum(row.hours for row in changes)
    allowed = Allowed(changes, Limits(hours=hours))
    sample = Sample(graph, edits, blocks=4, seed=1)
    judge = Judge(graph, edits, seed=2, worlds=10_240)
    effects = Effects(graph, edits, seed=sample.seed, worlds=sample.worlds)
    effects.gains(effects.state())  # compile
    Pool(sample).look(())

    chance = dict(zip(graph.cause_ids, graph.chance.tolist(), strict=True))
    severity = [chance[row.subject_id] for row in changes]
    single, took = cpu(lambda: effects.gains(effects.state()))
    print(f"\n{count} changes, {share:.0%} of {hours / share:.0f} h; loss after:")  # noqa: T201 - what a bench is for
    _show("nothing", judge.exposure(()))
    _show("severity an hour", judge.exposure(by_score(allowed, severity)))
    once = by_score(allowed, single.tolist())
    _show("single gains an hour, once", judge.exposure(once), took)
    greedy = Greedy(sample, allowed)
    found, took = cpu(lambda: (greedy.by_gain_per_hour(), greedy.by_gain()))
    first = min(found, key=sample.loss)
    _show("two exact greedies", judge.exposure(first), took)
    best, took = cpu(lambda: best_set(Pool(sample), allowed, warm=found))
    _show(f"program, gap {best.gap:.2%}", judge.exposure(best.chosen), took)
    cold, took = cpu(lambda: best_set(Pool(sample), allowed))
    _show(f"program alone, gap {cold.gap:.2%}", judge.exposure(cold.chosen), took)


@pytest.mark.bench
def test_parallel_routes() -> None:
    """Lines with one, two and three doors: one door is little, the last one is much."""
    lines = {f"l{n}": [(0.9,)] * (1, 2, 3)[n % 3] for n in range(30)}
    model = routes(**lines)
    targets = [
        replace(target, points=100 if n % 3 else 25)
        for n, target in enumerate(model.targets)
    ]
    model = replace(model, targets=tuple(targets))
    changes = [change(cause.id, [cause.id]) for cause in model.causes]
    graph = graph_of(model)
    edits = [row.edit for row in changes]
    for budget in (10, 20, 30, 40):
        allowed = Allowed(changes, Limits(hours=budget))
        sample = Sample(graph, edits, blocks=2, seed=1)
        greedy = Greedy(sample, allowed)
        before = sample.loss(())
        found = min((greedy.by_gain_per_hour(), greedy.by_gain()), key=sample.loss)
        best, took = cpu(
            lambda: best_set(Pool(sample), allowed, warm=[found])  # noqa: B023 - called at once
        )
        share = (before - sample.loss(found)) / (before - best.loss)
        print(f"{budget} of 60 doors: greedy reaches {share:.0%}, {took:.1f} s")  # noqa: T201 - as above


@pytest.mark.bench
def test_a_whole_plan() -> None:
    graph = plant_graph(ASSETS)
    changes = made_up(graph, count=198)
    limits = Limits(hours=0.3 * sum(row.hours for row in changes))
    settings = Settings(seed="bench")
    began = time.process_time()
    print()  # noqa: T201 - as above
    answer = plan(
        graph,
        changes,
        limits,
        settings=settings,
        on_point=lambda point: print(  # noqa: T201 - as above
            f"{time.process_time() - began:6.1f} s: {point.downtime:5.1f} h of downtime "
            f"leave {point.exposure:7.2f}, {len(point.change_ids)} changes, "
            f"gap {point.gap:.2%}"
        ),
    )
    print(f"{time.process_time() - began:6.1f} s: {answer.sentence}")  # noqa: T201 - as above


@pytest.mark.bench
def test_a_tick_on_the_board_of_a_plan() -> None:
    """A box is ticked or cleared: the whole set, and what of it stops no line."""
    graph, luck = plant_graph(ASSETS), np.random.default_rng(7)
    changes = made_up(graph, count=198)
    edits, allowed = [row.edit for row in changes], Allowed(changes, Limits())
    alone = [1.0] * len(changes)
    began = time.process_time()
    quietly, board = (WhatIf(graph, edits, seed=2, worlds=10_240) for _ in range(2))
    first = time.process_time() - began
    ticked = set(luck.choice(len(changes), 40, replace=False).tolist())

    def tick() -> float:
        order, quiet = order_to_make(allowed, ticked, alone=alone)
        ids = [changes[place].id for place in order]
        quietly.ask(ids[:quiet])
        return board.ask(ids).after

    tick()
    times = []
    for place in luck.integers(0, len(changes), 40).tolist():
        ticked ^= {place}
        left, took = cpu(tick)
        times.append(1000 * took)
    again, over = cpu(
        lambda: what_if(
            graph, [edits[place] for place in sorted(ticked)], seed=2, worlds=10_240
        )
    )
    assert left == again.after
    middle, slow = p50_p95(times)
    print(  # noqa: T201 - as above
        f"\n{ASSETS} assets: ready after {1000 * first:.0f} ms; a tick {middle:.0f} ms, "
        f"p95 {slow:.0f} ms; starting over {1000 * over:.0f} ms ({1000 * over / middle:.1f} x)"
    )


def _show(name: str, loss: float, seconds: float = 0.0) -> None:
    took = f"{seconds:6.1f} s" if seconds else ""
    print(f"  {name:32} {loss:9.2f} {took}")  # noqa: T201 - as above
