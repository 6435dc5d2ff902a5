"""What changes are worth and what-if, beside starting over and beside networkx.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_gains_bench.py`;
prints, asserts no time. CPU milliseconds on one core.
"""

import statistics
import time
from collections.abc import Iterable

import numpy as np
import pytest

from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.information import worth_knowing
from exposure.logic.paths.whatif import WhatIf, what_if
from exposure.logic.paths.worlds import sample
from tests.bench.measured import load, p50_p95
from tests.bench.plants import plant_graph
from tests.bench.test_worlds_bench import (
    ASSETS,
    SIZES,
    cpu,
    one_fact_a_body,
    one_world,
)

CHANGES = 500
WORLDS = 1_024
TICKS = 60
SHARED = ("exposed", "tunnel", "exploit", "privilege", "login")
OWN = ("conduit", "protocol", "vendor", "dump", "phishing")

pytestmark = pytest.mark.bench


def changes_of(graph: Graph, luck: np.random.Generator) -> list[Edit]:
    """One in five closes a cause that many steps share; one in three works in part."""
    few = CHANGES // 5
    causes = [*_some(graph, SHARED, few, luck), *_some(graph, OWN, CHANGES - few, luck)]
    return [
        Edit(f"part:{cause}", {cause: 0.1})
        if number % 3 == 0
        else closing(cause, [cause])
        for number, cause in enumerate(causes)
    ]


def _some(
    graph: Graph, kinds: Iterable[str], most: int, luck: np.random.Generator
) -> list[str]:
    among = [each for each in graph.cause_ids if each.partition(":")[0] in kinds]
    return [str(each) for each in luck.permutation(among)[:most]]


@pytest.mark.parametrize("size", SIZES)
def test_gains_are_measured_beside_starting_over_and_networkx(size):
    assets, peer_worlds = ASSETS[size]
    graph, luck = plant_graph(assets), np.random.default_rng(1)
    edits = changes_of(graph, luck)
    what_if(plant_graph(40), [], seed=1, worlds=1)
    effects = Effects(graph, edits, seed=1, worlds=WORLDS)

    grown = cpu(effects.state)
    state = effects.state()
    small = Effects(plant_graph(40), [], seed=1, worlds=1)
    small.gains(small.state())  # compiled before the clock starts
    ours = cpu(lambda: effects.gains(state), repeats=1)
    over = cpu(lambda: sample(graph, count=WORLDS, seed=1)) * len(edits)
    projected = one_fact_a_body(graph)
    world = cpu(lambda: one_world(projected, luck), repeats=peer_worlds)
    theirs = world * WORLDS * len(edits)
    known = cpu(lambda: worth_knowing(graph, seed=1, worlds=WORLDS), repeats=1)

    picked = luck.permutation(len(edits))[:3].tolist()
    for place in picked:
        left = effects.loss(effects.state((place,)))
        assert effects.gain(state, place) == pytest.approx(effects.loss(state) - left)
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n{size}: {len(graph.facts)} facts, {len(graph.head)} steps, {load()}\n"
        f"  {len(edits)} exact gains, {WORLDS} worlds: {ours:.0f} ms after {grown:.0f} ms "
        f"for the forests; starting over for each {over:.0f} ms ({over / ours:.0f} times), "
        f"networkx about {theirs / 1000:.0f} s ({theirs / ours:.0f} times)\n"
        f"  value of information of all {len(graph.chance)} causes: {known:.0f} ms"
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("worlds", [WORLDS, 10 * WORLDS])
def test_what_if_is_measured_beside_starting_over(size, worlds):
    if size == "100k" and worlds > WORLDS:
        pytest.skip("keeps 64 bytes a step and 512 worlds: 1.2 GiB")
    graph, luck = plant_graph(ASSETS[size][0]), np.random.default_rng(1)
    edits = changes_of(graph, luck)
    what_if(plant_graph(40), edits[:0], seed=1, worlds=1)
    asked = WhatIf(graph, edits, seed=1, worlds=worlds)
    asked.ask([edits[0].id])

    ticks = [
        _ticked(asked, edits[place]) for place in luck.permutation(len(edits))[:TICKS]
    ]
    over = cpu(lambda: sample(graph, count=worlds, seed=1))
    once = cpu(lambda: what_if(graph, edits[:5], seed=1, worlds=worlds))

    assert asked.ask([each.id for each in edits[:5]]) == what_if(
        graph, edits[:5], seed=1, worlds=worlds
    )
    usual, slow = p50_p95(ticks)
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n{size}, {worlds} worlds: a tick {usual:.2f} ms (p95 {slow:.1f}, worst "
        f"{max(ticks):.0f}); starting over {over:.0f} ms: {over / usual:.0f} times "
        f"({over / statistics.mean(ticks):.1f} times on average); asking once, "
        f"nothing kept: {once:.0f} ms, {load()}"
    )


def _ticked(asked: WhatIf, edit: Edit) -> float:
    asked.ask()
    began = time.process_time()
    asked.ask([edit.id])
    return (time.process_time() - began) * 1000
