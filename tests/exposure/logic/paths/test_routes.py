"""Ways, stops and openings against the definitions, on random small models."""

import itertools
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths import cut, hitting
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import NONE, Graph, graph_of
from exposure.logic.paths.kernels.shortest import FAR, cheapest
from exposure.logic.paths.model import AttackModel, ModelRefused
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.stops import fewest_changes
from tests.bench.plants import plant_graph
from tests.exposure.logic.paths.plants import (
    CALM,
    exact_reach,
    finder_of,
    lively_model,
    model_of,
    random_model,
    reached_in_world,
    rules_of,
)

SEEDS = st.integers(0, 10**9)
ROOT = Path(__file__).parents[4]


def possible(model: AttackModel) -> set[str]:
    return {cause.id for cause in model.causes if cause.p > 0.0}


def sets_by_size(items: list[str]) -> itertools.chain[tuple[str, ...]]:
    return itertools.chain.from_iterable(
        itertools.combinations(items, size) for size in range(len(items) + 1)
    )


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
def test_no_smaller_set_of_changes_cuts_every_way(seed):
    model, luck = lively_model(seed), random.Random(seed)  # noqa: S311 - no secret
    ids = [cause.id for cause in model.causes]
    closes = {
        f"change{number}": luck.sample(ids, luck.choice((1, 1, 2)))
        for number in range(5)
    }
    weights = {change: luck.choice((0.5, 1.0, 3.0)) for change in closes}
    targets = [target.fact for target in model.targets[:2]]

    def cuts(changes: tuple[str, ...]) -> bool:
        gone = {cause for change in changes for cause in closes[change]}
        held = reached_in_world(model, possible(model) - gone)
        return held.isdisjoint(targets)

    enough = [changes for changes in sets_by_size(sorted(closes)) if cuts(changes)]
    few = fewest_changes(rules_of(model), targets, closes=closes)
    light = fewest_changes(rules_of(model), targets, closes=closes, weights=weights)

    if not enough:
        assert few is None
        assert light is None
        return
    assert few is not None
    assert light is not None
    assert cuts(few.changes)
    assert cuts(light.changes)
    assert few.is_proven
    assert light.is_proven
    assert len(few.changes) == len(enough[0])
    assert light.weight == pytest.approx(
        min(sum(weights[each] for each in changes) for changes in enough)
    )


@CALM
@given(SEEDS)
def test_a_set_found_in_a_hurry_cuts_every_way_but_is_not_called_proven(seed):
    model = lively_model(seed)
    closes = {cause.id: [cause.id] for cause in model.causes}
    targets = [target.fact for target in model.targets]
    proven = fewest_changes(rules_of(model), targets, closes=closes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hitting, "MOST_ROUNDS", 0)
        stop = fewest_changes(rules_of(model), targets, closes=closes)

    assert (stop is None) == (proven is None)
    if stop is not None and proven is not None:
        held = reached_in_world(model, possible(model) - {*stop.changes})
        assert held.isdisjoint(targets)
        assert stop.at_least <= proven.weight <= stop.weight
        assert stop.is_proven == (stop.changes == ())


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


@CALM
@given(SEEDS)
def test_nothing_smaller_opens_a_path(seed):
    model = random_model(seed)
    rules, names = rules_of(model), ["f1", "f2", "f3", "elsewhere"]
    blocked = [cause.id for cause in model.causes if cause.p == 0.0]

    def opens(supposed: tuple[str, ...], target: str) -> bool:
        given_ = {each for each in supposed if each in names}
        held = reached_in_world(
            with_entries(model, given_), possible(model) | set(supposed)
        )
        return target in held

    for target in ("f0", "f3", "f5"):
        opening = fewest_openings(rules, target, facts=names)
        enough = next(
            (
                supposed
                for supposed in sets_by_size([*names[:3], *blocked])
                if opens(supposed, target)
            ),
            None,
        )
        if enough is None or opening is None:
            assert enough is None
            assert opening is None
        else:
            assert opening.is_proven
            assert opens((*opening.facts, *opening.causes), target)
            assert len(opening.facts) + len(opening.causes) == len(enough)


def with_entries(model: AttackModel, facts: set[str]) -> AttackModel:
    """The model with these facts to be had from the start."""
    doors = model_of({}, [("in", fact, "") for fact in sorted(facts)]).steps
    moves = tuple(
        type(step)(f"door:{step.id}", step.head, (model.source,)) for step in doors
    )
    return AttackModel(
        source=model.source, causes=model.causes, steps=(*model.steps, *moves)
    )


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
    program = (
        "import sys; sys.modules['numba'] = None\n"
        "from exposure.logic.paths.kernels.compiled import COMPILED\n"
        "from tests.exposure.logic.paths.test_routes import all_routes\n"
        "assert not COMPILED\n"
        "print(all_routes())"
    )

    plain = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        text=True,
        timeout=120,
    )

    assert plain.stdout.strip() == all_routes()


def test_two_doors_must_both_be_closed():
    model = model_of(
        {"a": 0.5, "b": 0.5, "c": 1.0},
        [("in", "hall", "a"), ("in", "hall", "b"), ("hall", "vault", "c")],
        "vault",
    )
    rules = rules_of(model)
    doors = {"lock a": ["a"], "lock b": ["b"]}

    both = fewest_changes(rules, ["vault"], closes=doors)
    inner = fewest_changes(rules, ["vault"], closes={**doors, "lock c": ["c"]})
    cheap = fewest_changes(
        rules,
        ["vault"],
        closes={**doors, "lock c": ["c"]},
        weights={"lock a": 1, "lock b": 2, "lock c": 40},
    )

    assert both is not None
    assert both.changes == ("lock a", "lock b")
    assert inner is not None
    assert inner.changes == ("lock c",)
    assert cheap is not None
    assert cheap.changes == ("lock a", "lock b")
    assert cheap.weight == 3
    assert fewest_changes(rules, ["vault"], closes={"lock a": ["a"]}) is None


def test_one_password_on_forty_hosts_is_one_change():
    hosts = [f"host{number}" for number in range(40)]
    moves = [("in", host, "password") for host in hosts]
    moves += [(host, "line", "") for host in hosts]
    rules = rules_of(model_of({"password": 0.3}, moves, "line"))

    stop = fewest_changes(rules, ["line"], closes={"new password": ["password"]})

    assert stop is not None
    assert stop.changes == ("new password",)


def test_what_needs_two_things_is_stopped_by_either():
    model = model_of(
        {"key": 0.5, "door": 0.5},
        [("in", "key", "key"), ("in", "yard", "door"), ("yard+key", "vault", "")],
        "vault",
    )

    stop = fewest_changes(
        rules_of(model), ["vault"], closes={"a": ["key"], "b": ["door"]}
    )

    assert stop is not None
    assert len(stop.changes) == 1


def test_a_blocked_rule_is_named_when_nothing_else_is_in_the_way():
    model = model_of(
        {"rule": 0.0, "flaw": 0.4},
        [("in", "dmz", ""), ("dmz", "cell", "rule"), ("cell", "line", "flaw")],
        "line",
    )
    rules = rules_of(model)

    opening = fewest_openings(rules, "line", facts=[])

    assert opening is not None
    assert opening.causes == ("rule",)
    assert opening.facts == ()
    assert fewest_openings(rules, "dmz", facts=[]) is not None
    assert fewest_openings(rules, "nowhere", facts=["cell"]) is None


@pytest.mark.parametrize("weight", [math.nan, math.inf, -1.0])
def test_a_change_that_weighs_nonsense_is_refused(weight):
    rules = rules_of(model_of({"a": 0.5}, [("in", "vault", "a")], "vault"))

    with pytest.raises(ModelRefused, match="change c weighs"):
        fewest_changes(rules, ["vault"], closes={"c": ["a"]}, weights={"c": weight})
