"""The engine against the definitions, word for word, on random small models."""

import math

from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.model import AttackModel
from tests.exposure.logic.paths.plants import (
    CALM,
    exact_reach,
    finder_of,
    random_model,
    reached_in_world,
    rules_of,
)

SEEDS = st.integers(0, 10**9)
ROUNDING = 1e-9


@CALM
@given(SEEDS)
def test_the_best_path_is_a_lower_and_the_cut_an_upper_bound(seed):
    model = random_model(seed)
    exact, finder, cuts = exact_reach(model), finder_of(model), Cuts(rules_of(model))

    for target in model.targets:
        reach = exact.get(target.fact, 0.0)
        ways = finder.ways(target.fact)
        assert all(way.p <= reach + ROUNDING for way in ways)
        assert reach <= cuts.to(target.fact).bound + ROUNDING


@CALM
@given(SEEDS)
def test_a_path_is_found_exactly_when_there_is_one(seed):
    model = random_model(seed)
    exact, finder = exact_reach(model), finder_of(model)

    for target in model.targets:
        assert bool(finder.ways(target.fact)) == (exact.get(target.fact, 0.0) > 0.0)


@CALM
@given(SEEDS)
def test_a_path_wins_its_target_with_its_own_causes_alone(seed):
    model = random_model(seed)
    chance = {cause.id: cause.p for cause in model.causes}

    for target in model.targets:
        for way in finder_of(model).ways(target.fact):
            only = AttackModel(causes=model.causes, steps=way.steps)
            assert target.fact in reached_in_world(only, set(way.causes))
            product = math.prod(chance[cause] for cause in way.causes)
            assert math.isclose(way.p, product)


@CALM
@given(SEEDS)
def test_its_paths_share_at_most_half_of_their_uncertain_causes(seed):
    model = random_model(seed)
    doubt = {cause.id for cause in model.causes if 0.0 < cause.p < 1.0}

    for target in model.targets:
        ways = finder_of(model).ways(target.fact)
        for spot, way in enumerate(ways):
            for other in ways[:spot]:
                either = way.causes | other.causes
                among = either & doubt or either
                shared = way.causes & other.causes & among
                assert 2 * len(shared) <= len(among)
                assert either


@CALM
@given(SEEDS)
def test_closing_the_cut_closes_every_way(seed):
    model = random_model(seed)

    for target in model.targets:
        cut = Cuts(rules_of(model)).to(target.fact)
        if cut.causes:
            possible = {cause.id for cause in model.causes if cause.p > 0.0}
            true = possible - set(cut.causes)
            assert target.fact not in reached_in_world(model, true)


@CALM
@given(SEEDS)
def test_needed_facts_are_those_whose_removal_stops_everything(seed):
    model = random_model(seed)
    rules = rules_of(model)
    true = {cause.id for cause in model.causes if cause.p > 0.0}
    possible = reached_in_world(model, true)

    for target in possible:
        needed = {
            fact
            for fact in possible
            if target not in reached_in_world(model, true, without=frozenset({fact}))
        }
        assert rules.needed_for(target) == needed
    assert rules.derivable() == possible
