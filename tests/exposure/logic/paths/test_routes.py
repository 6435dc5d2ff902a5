"""Ways against the definitions, on random small models, and the same bits twice."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths import cut
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import NONE, Graph, graph_of
from exposure.logic.paths.kernels.shortest import FAR, cheapest
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.stops import fewest_changes
from tests.bench.plants import plant_graph
from tests.exposure.logic.paths.plain import without_a_compiler
from tests.exposure.logic.paths.plants import (
    CALM,
    exact_reach,
    finder_of,
    lively_model,
    possible,
    reached_in_world,
    rules_of,
    sets_by_size,
)

SEEDS = st.integers(0, 10**9)
ROOT = Path(__file__).parents[4]


@CALM
@given(SEEDS)
def test_a_derivation_costs_its_prices_added_up_over_its_bodies(seed):
    rules = rules_of(lively_model(seed))
    net, works = rules.net, rules.forest.works
    costs = [FAR] * len(rules.graph.facts)
    costs[0] = 0
    for _ in range(len(costs)):  # the definition: relax every step until nothing falls
        for step in np.flatnonzero(works).tolist():
            body = [int(net.first[step]), int(net.second[step])]
            costs_of_body = [costs[fact] for fact in body if fact != NONE]
            if FAR not in costs_of_body:
                total = int(net.price[step]) + sum(costs_of_body)
                costs[net.head[step]] = min(costs[net.head[step]], total)

    assert rules.forest.whole.cost.tolist() == costs


@CALM
@given(SEEDS, st.sets(st.integers(0, 5), max_size=3))
def test_closing_causes_gives_what_a_search_from_the_start_gives(seed, closed):
    rules = rules_of(lively_model(seed))

    forest = rules.without([f"finding:{number}" for number in closed])

    whole = cheapest(rules.net, forest.works, together=True)
    chains = cheapest(rules.net, forest.works, together=False)
    for ours, fresh in ((forest.whole, whole), (forest.chains, chains)):
        assert ours.cost.tolist() == fresh.cost.tolist()
        assert ours.via.tolist() == fresh.via.tolist()


@CALM
@given(SEEDS)
def test_the_best_way_found_is_at_least_the_cheapest_tree_and_at_most_the_best(seed):
    model = lively_model(seed)
    rules, finder = rules_of(model), finder_of(model)
    chance = {cause.id: cause.p for cause in model.causes}

    for target in model.targets:
        way = finder.likeliest(target.fact)
        if way is None:
            continue
        best = max(
            math.prod(chance[cause] for cause in causes)
            for causes in sets_by_size(sorted(possible(model)))
            if target.fact in reached_in_world(model, set(causes))
        )
        tree = math.exp(-(rules.cost(rules.number_of(target.fact)) >> 18) / 2**26)
        assert tree * (1 - 1e-6) <= way.p <= best * (1 + 1e-9)


@CALM
@given(SEEDS)
def test_a_way_without_a_cause_never_needs_it(seed):
    model = lively_model(seed)
    finder = finder_of(model)

    for target, cause in itertools.product(model.targets, model.causes):
        way = finder.likeliest(target.fact, without=[cause.id])
        left = possible(model) - {cause.id}
        assert (way is not None) == (target.fact in reached_in_world(model, left))
        assert way is None or cause.id not in way.causes


@CALM
@given(SEEDS)
def test_a_cut_found_in_a_hurry_is_still_a_bound_and_still_cuts(seed):
    model = lively_model(seed)
    exact = exact_reach(model)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "EFFORT", 0)
        cuts = Cuts(rules_of(model))
        for target in model.targets:
            found = cuts.to(target.fact)
            assert exact.get(target.fact, 0.0) <= found.bound + 1e-9
            if found.causes:
                true = possible(model) - {*found.causes}
                assert target.fact not in reached_in_world(model, true)


def routes_in(graph: Graph) -> list[object]:
    """All that is found in a graph, in a form that can be written down."""
    rules = Rules(graph)
    finder, cuts = PathFinder(rules), Cuts(rules)
    closes = {cause: [cause] for cause in graph.cause_ids[::2]}
    names = [graph.facts[number] for number in graph.target[:3].tolist()]
    return [
        [steps.tolist() for steps in finder.steps_to(name, most=10)] for name in names
    ] + [
        rules.forest.whole.via.tolist(),
        rules.without(graph.cause_ids[:2]).chains.cost.tolist(),
        [[cuts.to(name).bound.hex(), cuts.to(name).causes] for name in names],
        [sorted(rules.needed_for(name)) for name in names],
        repr([fewest_changes(rules, [name], closes=closes) for name in names]),
        repr([fewest_openings(rules, name, facts=graph.facts[1:9]) for name in names]),
    ]


def all_routes() -> str:
    """Some graphs' routes; printed by a process that has no compiler."""
    graphs = [graph_of(lively_model(seed)) for seed in range(12)]
    return json.dumps([routes_in(graph) for graph in (*graphs, plant_graph(40))])


def test_the_same_bits_come_out_without_a_compiler():
    plain = without_a_compiler(__name__, "all_routes()")

    assert plain == all_routes()
