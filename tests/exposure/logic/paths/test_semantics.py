"""The engine against the definitions, word for word, on random small models."""

import math

from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.bigints import Worlds
from exposure.logic.paths.changes import exposure, worth_of_changes
from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.through import through_cause
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
def test_the_sampled_reach_is_near_the_enumerated_one(seed):
    model = random_model(seed)
    exact, worlds = exact_reach(model), Worlds(model, seed="s", count=10_240)

    for target in model.targets:
        reach = exact.get(target.fact, 0.0)
        error = 6 * math.sqrt(max(reach * (1 - reach), 1e-6) / 10_240)
        assert abs(worlds.reach(target.fact) - reach) <= error


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


@CALM
@given(SEEDS)
def test_what_goes_through_a_cause_lies_between_its_worth_and_everything(seed):
    model = random_model(seed)
    worlds, rules = Worlds(model, seed="s", count=512), rules_of(model)
    total = exposure(model, worlds, worlds.held)

    for worth in worth_of_changes(model, worlds, detours=lambda _: ()):
        won = through_cause(model, worlds, rules, cause_id=worth.change.id)
        alone = worlds.without(worth.change.causes)
        for fact, bits in won.items():
            held = worlds.held.get(fact, 0)
            assert bits & ~held == 0
            assert (held & ~alone.get(fact, 0)) & ~bits == 0
        assert exposure(model, worlds, won) <= total


@CALM
@given(SEEDS)
def test_the_worth_of_a_change_is_before_minus_after(seed):
    model = random_model(seed)
    worlds = Worlds(model, seed="s", count=512)
    before = exposure(model, worlds, worlds.held)

    rows = worth_of_changes(model, worlds, detours=lambda _: ())

    for row in rows:
        assert math.isclose(row.removes + row.leaves, before, abs_tol=ROUNDING)
        assert row.removes >= 0.0
        assert not (row.nothing_alone and row.removes)
    assert [row.removes for row in rows] == sorted(
        (row.removes for row in rows), reverse=True
    )


def test_a_step_back_to_what_was_needed_for_it_goes_through_nothing():
    steps = (
        Step("in", "yard", ("net:internet",)),
        Step("on", "shed", ("yard",)),
        Step("back", "yard", ("shed",), ("finding:1",)),
    )
    model = AttackModel(
        causes=(Cause("finding:1", "finding", "1", "SL-1", 1.0, "E4"),),
        steps=steps,
        targets=(Target("yard", "yard", 10),),
    )
    worlds = Worlds(model, seed="s", count=8)

    won = through_cause(model, worlds, rules_of(model), cause_id="finding:1")

    assert won == {"yard": 0}
