"""The best set is the one that trying every set finds, and its bound is honest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.frontier import along
from exposure.logic.paths.plans.greedy import Greedy
from exposure.logic.paths.plans.items import Limits, PlanRefused
from exposure.logic.paths.plans.milp import Best, best_set
from exposure.logic.paths.plans.pool import Pool
from tests.exposure.logic.paths.plannable import (
    change,
    exposed,
    ids_of,
    least_loss,
    random_changes,
    routes,
    sample_of,
    subsets,
)
from tests.exposure.logic.paths.plants import random_model

SEEDS = st.integers(0, 10**9)


def test_the_best_set_is_the_one_that_trying_every_set_finds():
    for _, changes, limits, sample in exposed(120):
        best = best_set(Pool(sample), Allowed(changes, limits))

        assert best.loss == least_loss(sample, changes, limits)
        assert sample.loss(best.chosen) == best.loss
        assert best.ended
        assert best.loss * (1 - 1e-4) <= best.bound <= best.loss


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sets(st.integers(0, 6), max_size=2))
def test_what_is_fixed_is_made_or_refused_in_words(seed, fixed):
    model = random_model(seed)
    changes = random_changes(seed, model)
    names = frozenset(f"c{number}" for number in fixed if number < len(changes))
    limits = Limits(hours=4, fixed=names)
    sample = sample_of(model, changes)
    least = least_loss(sample, changes, limits)
    if least is None:
        with pytest.raises(PlanRefused, match=r"^What is fixed does not fit: "):
            Allowed(changes, limits)
        return

    best = best_set(Pool(sample), Allowed(changes, limits))

    assert best.loss == least
    assert names <= ids_of(changes, best.chosen)


def test_nothing_in_a_plan_is_there_for_nothing():
    for _, changes, limits, sample in exposed(40):
        allowed = Allowed(changes, limits)
        chosen = best_set(Pool(sample), allowed).chosen
        for place in chosen:
            fewer = chosen - allowed.needing(place, chosen)
            assert sample.loss(fewer) > sample.loss(chosen)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_losses_are_those_of_the_effects(seed):
    model = random_model(seed)
    changes = random_changes(seed, model)
    sample = sample_of(model, changes)
    edits = [row.edit for row in changes]
    effects = Effects(graph_of(model), edits, seed=sample.seed, worlds=512)

    for chosen in list(subsets(len(changes)))[:40]:
        loss = effects.loss(effects.state(chosen))
        assert sample.loss(chosen) == pytest.approx(loss * 512, abs=1e-6)


def test_a_line_is_lost_exactly_while_a_cut_is_unmet():
    for _, changes, _, sample in exposed(25):
        pool, sets = Pool(sample), list(subsets(len(changes)))
        for chosen in sets:
            pool.look(chosen)
        groups = pool.groups()

        for chosen in sets:
            unmet = sum(
                weight
                for cuts, weight in groups
                if any(cut.isdisjoint(chosen) for cut in cuts)
            )
            assert unmet == sample.loss(chosen)


def test_each_greedy_step_takes_the_best_move_there_is():
    for _, changes, limits, sample in exposed(40):
        allowed = Allowed(changes, limits)

        chosen = Greedy(sample, allowed).by_gain()

        assert sample.loss(chosen) == pytest.approx(_greedily(sample, allowed))


def test_a_bound_is_never_below_what_a_change_removes():
    for _, changes, _, sample in exposed(40):
        for chosen in list(subsets(len(changes)))[:20]:
            bounds = sample.bounds(chosen)
            for place in range(len(changes)):
                removed = sample.loss(chosen) - sample.loss({*chosen, place})
                assert place in chosen or removed <= bounds[place]


def _greedily(sample, allowed):
    """The definition, word for word."""
    chosen, loss = frozenset(), sample.loss(())
    while True:
        moves = [
            chosen | allowed.with_needs([place])
            for place in range(len(allowed.candidates))
        ]
        best = min(filter(allowed.fits, moves), key=sample.loss, default=chosen)
        if sample.loss(best) >= loss:
            return loss
        chosen, loss = best, sample.loss(best)


def test_two_doors_are_closed_together_where_greedy_closes_neither():
    """Parallel routes: one door more is worth nothing until the last one."""
    model = routes(a=[(0.9,), (0.9,), (0.9,)], b=[(0.2,)])
    doors = [change(name, [name]) for name in ("a00", "a10", "a20", "b00")]
    sample, allowed = sample_of(model, doors), Allowed(doors, Limits(hours=3))
    greedy = Greedy(sample, allowed)

    first = min((greedy.by_gain(), greedy.by_gain_per_hour()), key=sample.loss)
    best = best_set(Pool(sample), allowed, warm=[first])

    assert "b00" in ids_of(doors, first)
    assert ids_of(doors, best.chosen) == {"a00", "a10", "a20"}
    assert best.loss < sample.loss(first)
    assert best.gap <= 1e-4


def test_partial_effects_on_one_cause_multiply():
    model = routes(a=[(1.0,)])
    both = [change("half", {"a00": 0.5}), change("again", {"a00": 0.5})]
    sample = sample_of(model, both)

    best = best_set(Pool(sample), Allowed(both, Limits()))

    assert best.chosen == {0, 1}
    assert best.loss / (100 * 512) == pytest.approx(0.25, abs=0.06)


def test_changes_beyond_sixty_four_are_told_apart():
    """A cut is a row of bits, 64 a word."""
    model = routes(**{f"l{number}": [(1.0,)] for number in range(70)})
    changes = [change(cause.id, [cause.id]) for cause in model.causes]
    sample = sample_of(model, changes)

    best = best_set(Pool(sample), Allowed(changes, Limits(hours=69)))

    assert len(best.chosen) == 69
    assert best.loss == 100 * 512


def test_a_stopped_search_gives_the_best_so_far_and_claims_nothing():
    model = routes(a=[(0.9,), (0.9,)])
    doors = [change("a00", ["a00"]), change("a10", ["a10"])]
    sample = sample_of(model, doors)

    best = best_set(
        Pool(sample), Allowed(doors, Limits()), warm=[{0}], stopped=lambda: True
    )

    assert best.loss == min(sample.loss(()), sample.loss({0}))
    assert not best.ended
    assert best.bound == 0.0


def test_the_curve_is_looked_at_where_most_is_at_stake():
    """An hour removes 60 of 100, ten hours more another 30."""
    asked = []

    def solve(minutes):
        asked.append(minutes)
        taken = max(each for each in (0, 60, 660) if each <= minutes)
        loss = {0: 100.0, 60: 40.0, 660: 10.0}[taken]
        return Best(frozenset({taken}), loss, loss, ended=True)

    curve = along(solve(660), solve=solve, minutes=max, points=5)

    assert [each.loss for each in curve] == [100.0, 40.0]
    assert asked == [660, 0, 330, 30, 45, 495]


def test_a_plan_without_downtime_has_no_curve_to_work_out():
    best = Best(frozenset(), 5.0, 5.0, ended=True)

    assert list(along(best, solve=lambda _: best, minutes=len, points=8)) == []
