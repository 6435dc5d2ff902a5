"""Ways, dominators and cuts beside networkx, on the same graphs."""

import itertools
import math
import random

import networkx as nx
import pytest

from exposure.logic.paths.best import arcs_of, search_of
from exposure.logic.paths.cut import CERTAIN, SCALE, Cuts
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.export import as_networkx
from exposure.logic.paths.graph import NONE, graph_of
from exposure.logic.paths.kernels.dominators import dominators
from exposure.logic.paths.kernels.kpaths import Ground, loopless
from exposure.logic.paths.kernels.shortest import FAR
from exposure.logic.paths.model import AttackModel
from tests.bench.plants import plant_graph
from tests.exposure.logic.paths.plants import model_of, rules_of

SIZES = (40, 90, 1200)


def any_of_each_body(rules: Rules) -> nx.MultiDiGraph:
    """The steps that work at all, one edge for each fact of their body."""
    drawn = as_networkx(rules.graph)
    dead = [edge for edge in drawn.edges(keys=True) if not rules.forest.works[edge[2]]]
    drawn.remove_edges_from(dead)
    return drawn


def with_a_node_for_each_step(drawn: nx.MultiDiGraph) -> nx.DiGraph:
    """Edges side by side become ways of their own; who counts paths needs that."""
    split = nx.DiGraph()
    split.add_nodes_from(drawn)
    for one, other, step, price in drawn.edges(keys=True, data="price"):
        split.add_edge(one, (one, step), price=price)
        split.add_edge((one, step), other, price=0)
    return split


def net_with_own_causes(seed: int, *, facts: int, steps: int) -> AttackModel:
    """Steps of one fact and one cause each, with cycles."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    names = ["in", *(f"f{number}" for number in range(facts - 1))]
    chances = {f"c{number}": luck.uniform(0.05, 0.95) for number in range(steps)}
    moves = [(*luck.sample(names, 2), cause) for cause in chances]
    return model_of(chances, moves, *names[1:])


@pytest.mark.parametrize("assets", SIZES)
def test_the_cheapest_chains_are_those_of_dijkstra(assets):
    rules = Rules(plant_graph(assets))
    facts = rules.graph.facts

    theirs = nx.single_source_dijkstra_path_length(
        any_of_each_body(rules), facts[0], weight="price"
    )

    costs = rules.forest.chains.cost.tolist()
    ours = {fact: cost for fact, cost in zip(facts, costs, strict=True) if cost < FAR}
    assert ours == theirs


@pytest.mark.parametrize("assets", SIZES)
def test_dominators_are_those_of_networkx(assets):
    rules = Rules(plant_graph(assets))
    facts = rules.graph.facts

    theirs = nx.immediate_dominators(any_of_each_body(rules), facts[0])

    above = dominators(rules.net, rules.forest.works)
    ours = {
        facts[fact]: facts[over]
        for fact, over in enumerate(above.tolist())
        if over != NONE and fact
    }
    assert ours == {fact: over for fact, over in theirs.items() if fact != facts[0]}
    assert ours


@pytest.mark.parametrize("seed", range(12))
def test_the_ways_come_in_the_order_of_networkx(seed):
    rules = rules_of(net_with_own_causes(seed, facts=9, steps=26))
    check_ways(rules, most=40)


def test_the_ways_through_a_plant_come_in_the_order_of_networkx():
    check_ways(Rules(plant_graph(40)), most=12)


def check_ways(rules: Rules, *, most: int) -> None:
    graph, forest = rules.graph, rules.forest
    drawn = with_a_node_for_each_step(any_of_each_body(rules))
    ground = Ground(rules.net, arcs_of(rules.net), forest.works, forest.chains.cost)
    search = search_of(graph, effort=10**6)
    for target in graph.target[:5].tolist():
        name = graph.facts[target]
        chains = loopless(ground, search, target, most)
        size = int(chains.size[0])

        theirs: list[int] = []
        if nx.has_path(drawn, graph.facts[0], name):
            ways = nx.shortest_simple_paths(drawn, graph.facts[0], name, "price")
            theirs = [
                nx.path_weight(drawn, way, "price")
                for way in itertools.islice(ways, most)
            ]

        assert chains.cost[:size].tolist() == theirs
        seen = set()
        for spot in range(size):
            start = int(chains.start[spot])
            codes = chains.steps[start : start + int(chains.length[spot])]
            assert sum(rules.net.price[codes >> 1].tolist()) == chains.cost[spot]
            seen.add(tuple(codes.tolist()))
        assert len(seen) == size


@pytest.mark.parametrize(
    ("seed", "facts", "steps"), [(seed, 12, 30) for seed in range(9)] + [(9, 90, 700)]
)
def test_cuts_are_as_small_as_those_of_networkx(seed, facts, steps):
    model = net_with_own_causes(seed, facts=facts, steps=steps)
    cuts, chance = Cuts(rules_of(model)), {each.id: each.p for each in model.causes}
    drawn = nx.DiGraph()
    drawn.add_node("in")
    for step in model.steps:
        (body,), (cause,) = step.body, step.causes
        drawn.add_edge(body, step.id, capacity=room(chance[cause]))
        drawn.add_edge(step.id, step.head)

    for target in model.targets[:12]:
        cut = cuts.to(target.fact)
        reached = target.fact in drawn and nx.has_path(drawn, "in", target.fact)
        least = nx.minimum_cut_value(drawn, "in", target.fact) if reached else 0
        assert sum(room(chance[cause]) for cause in cut.causes) == least
        left = math.prod(1.0 - chance[cause] for cause in cut.causes)
        assert cut.bound == pytest.approx(1.0 - left)


def room(chance: float) -> int:
    return min(round(-math.log1p(-chance) * SCALE), CERTAIN)


def test_the_exported_graph_says_what_every_step_needs():
    model = model_of({"c": 0.5}, [("in", "a", ""), ("in+a", "b", "c")], "b")
    drawn = as_networkx(graph_of(model))

    assert list(drawn) == ["in", "a", "b"]
    assert [(*edge, drawn.edges[edge]["cause"]) for edge in drawn.edges] == [
        ("in", "a", 0, ""),
        ("a", "b", 1, "c"),
    ]
    assert drawn.edges["a", "b", 1]["p"] == 0.5
