"""Ways, dominators and cuts in plants of 1k, 10k and 100k facts, beside networkx.

Run with `pytest -m bench -s tests/bench/test_routes_bench.py`; prints, asserts no time.
Both work on the same edges: of a step that needs two facts one is enough, and of edges
side by side the cheapest is left, because networkx knows neither. Figures are
milliseconds of one core; what takes networkx too long is measured on few targets and
given for all of them.
"""

import itertools
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from exposure.logic.paths.best import PathFinder, arcs_of, search_of
from exposure.logic.paths.cut import CERTAIN, SCALE, Cuts
from exposure.logic.paths.derive import Rules, net_of
from exposure.logic.paths.graph import NONE, Graph, indexed, keys_of
from exposure.logic.paths.kernels.dominators import dominators
from exposure.logic.paths.kernels.kpaths import Ground, loopless
from exposure.logic.paths.kernels.shortest import cheapest
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.stops import fewest_changes
from tests.bench.conftest import FULL
from tests.bench.measured import load
from tests.bench.plants import plant_graph

TARGETS = 100
K = 10
CHANGEABLE = ("conduit", "exposed", "vendor", "tunnel", "login", "phishing")


@dataclass
class Plant:
    """One size: the plant, its edges for both sides, and some lines."""

    whole: Graph
    edges: Graph
    drawn: nx.DiGraph
    lines: list[int]
    building: float


def one_edge_each(graph: Graph) -> Graph:
    """The graph with one step for each pair of facts, each with a cause of its own."""
    pairs = np.flatnonzero(graph.second != NONE)
    steps = np.concatenate([np.arange(len(graph.head)), pairs])
    tails = np.concatenate([graph.first, graph.second[pairs]])
    heads = graph.head[steps]
    chances = np.append(graph.chance, 1.0)[graph.cause[steps]]
    order = np.lexsort((-chances, heads, tails))
    fresh = np.ones(len(order), np.bool_)
    for column in (tails, heads):
        fresh[1:] &= column[order][1:] == column[order][:-1]
    kept = order[np.append(True, ~fresh[1:])]
    kept = kept[heads[kept] != 0]
    ids = tuple(f"edge:{number}" for number in range(len(kept)))
    return indexed(
        facts=graph.facts,
        cause_ids=ids,
        line_ids=graph.line_ids,
        first=tails[kept],
        second=np.full(len(kept), NONE, np.int32),
        head=heads[kept],
        cause=np.arange(len(kept), dtype=np.int32),
        origin=np.arange(len(kept), dtype=np.int32),
        chance=chances[kept],
        width=np.full(len(kept), 4.0),
        key=keys_of(ids),
        target=graph.target,
        points=graph.points,
    )


def drawing(graph: Graph) -> nx.DiGraph:
    """The edges as networkx has them, with their price and their room."""
    drawn = nx.DiGraph()
    drawn.add_nodes_from(range(len(graph.facts)))
    rooms = [
        CERTAIN / SCALE if chance >= 1.0 else -math.log1p(-chance)
        for chance in graph.chance.tolist()
    ]
    drawn.add_edges_from(
        (one, other, {"price": price, "room": room})
        for one, other, price, room in zip(
            graph.first.tolist(),
            graph.head.tolist(),
            net_of(graph).price.tolist(),
            rooms,
            strict=True,
        )
    )
    return drawn


def plant_of(assets: int) -> Plant:
    whole = plant_graph(assets)
    edges = one_edge_each(whole)
    drawn: list[nx.DiGraph] = []
    building = spent(lambda: drawn.append(drawing(edges)), turns=1)
    held = Rules(edges).forest.chains
    lines = [line for line in edges.target.tolist() if held.via[line] != NONE]
    luck = random.Random(1)  # noqa: S311 - reproducible, not a secret
    return Plant(
        whole, edges, drawn[0], luck.sample(lines, min(TARGETS, len(lines))), building
    )


def spent(act: Callable[[], Any], *, turns: int = 3) -> float:
    """Return the milliseconds of one core that something takes, at best."""
    times = []
    for _ in range(turns):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times) * 1000


def tell(what: str, own: float, peer: float | None = None) -> None:
    beside = f"{peer:12,.1f} {peer / own:8,.0f} x" if peer is not None else ""
    print(f"{what:44}{own:10.2f} {beside}")  # noqa: T201 - what a bench is for


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Nobody wants to know how long a compiler takes."""
    measure(replace(plant_of(640), lines=[]), peers=False)


@pytest.mark.bench
@pytest.mark.parametrize("assets", [640, 6_200, 62_000] if FULL else [640])
def test_ways_dominators_and_cuts_beside_networkx(assets):
    plant = plant_of(assets)
    print(  # noqa: T201 - what a bench is for
        f"\n{len(plant.whole.facts)} facts, {len(plant.whole.head)} steps; "
        f"{len(plant.edges.head)} edges, {len(plant.lines)} lines, {load()}"
        f"\n{'milliseconds of one core':44}{'own':>10}{'networkx':>13}"
    )
    measure(plant, peers=True)


def measure(plant: Plant, *, peers: bool) -> None:
    rules = Rules(plant.edges)
    net, works, near = rules.net, rules.forest.works, rules.forest.chains.cost
    streams = [plant.edges.first, plant.edges.head, net.price]
    tell("one pass over the edges", spent(lambda: [each.sum() for each in streams]))
    tell(
        "arrays with prices and ways", spent(lambda: Rules(plant.edges)), plant.building
    )
    tell(
        "cheapest ways to all facts (Dijkstra)",
        spent(lambda: cheapest(net, works, together=False)),
        spent(lambda: dijkstra(plant.drawn)) if peers else None,
    )
    tell(
        "dominators of all facts",
        spent(lambda: dominators(net, works)),
        spent(lambda: nx.immediate_dominators(plant.drawn, 0), turns=1)
        if peers
        else None,
    )
    ground = Ground(net, arcs_of(net), works, near)
    search = search_of(plant.edges, effort=10**6)
    some = plant.lines[: 3 if len(near) < 20_000 else 1] if peers else []
    theirs: list[list[int]] = []
    own = spent(lambda: [loopless(ground, search, line, K) for line in plant.lines])
    peer = spent(
        lambda: theirs.extend(ways(plant.drawn, line) for line in some), turns=1
    )
    tell(f"{K} loopless ways to each line", own, scaled(peer, plant, some))
    for line, costs in zip(some, theirs, strict=True):
        assert loopless(ground, search, line, K).cost.tolist() == costs
    cuts = Cuts(rules)
    names = [plant.edges.facts[line] for line in plant.lines]
    values: list[float] = []
    own = spent(lambda: [cuts.to(name) for name in names], turns=1)
    peer = spent(
        lambda: values.extend(
            nx.minimum_cut_value(plant.drawn, 0, line, "room") for line in some
        ),
        turns=1,
    )
    tell("minimum cut to each line", own, scaled(peer, plant, some))
    for name, value in zip(names, values, strict=False):
        assert cuts.to(name).bound == pytest.approx(-math.expm1(-value), abs=1e-4)
    whole_plant(plant)


def whole_plant(plant: Plant) -> None:
    """What networkx has no word for: bodies, shared causes, changes."""
    graph = plant.whole
    rules = Rules(graph)
    finder = PathFinder(rules)
    names = [graph.facts[line] for line in plant.lines]
    tell(
        "cheapest whole derivations (Knuth)",
        spent(lambda: cheapest(rules.net, rules.forest.works, together=True)),
    )
    tell(
        "4 different derivations, from 50 ways each",
        spent(lambda: [finder.steps_to(name) for name in names]),
    )
    tell(
        "facts needed for each line",
        spent(lambda: Rules(graph).needed_by(names), turns=1),
    )
    kinds = {each: each.partition(":")[0] for each in graph.cause_ids}
    closes = {each: [each] for each, kind in kinds.items() if kind in CHANGEABLE}
    first = names[:1]
    tell(
        f"fewest of {len(closes)} changes that stop one",
        spent(lambda: fewest_changes(rules, first, closes=closes), turns=1),
    )
    blocked = replace(graph, chance=np.where(graph.chance < 0.05, 0.0, graph.chance))
    unreached = Rules(blocked)
    walls = [
        name
        for name in (graph.facts[line] for line in graph.target.tolist())
        if unreached.number_of(name) == NONE
    ][:1]
    tell(
        f"fewest blocked causes that open {len(walls)}",
        spent(
            lambda: [fewest_openings(unreached, name, facts=()) for name in walls],
            turns=1,
        ),
    )


def dijkstra(drawn: nx.DiGraph) -> dict[int, int]:
    costs: dict[int, int] = nx.single_source_dijkstra_path_length(
        drawn, 0, weight="price"
    )
    return costs


def ways(drawn: nx.DiGraph, line: int) -> list[int]:
    found = nx.shortest_simple_paths(drawn, 0, line, "price")
    return [nx.path_weight(drawn, way, "price") for way in itertools.islice(found, K)]


def scaled(peer: float, plant: Plant, some: list[int]) -> float | None:
    return peer * len(plant.lines) / len(some) if some else None
