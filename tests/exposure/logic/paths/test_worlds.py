"""Many worlds at once."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step
from exposure.logic.paths.worlds import Worlds, draw
from tests.exposure.logic.paths.plants import random_model, reached_in_world

CHANCES = st.floats(0.0, 1.0, allow_nan=False)


@given(CHANCES, CHANCES)
def test_a_smaller_chance_sets_a_subset_of_the_bits(one, other):
    low, high = sorted((one, other))

    fewer = draw(low, worlds=256, seed="s", name="x")
    more = draw(high, worlds=256, seed="s", name="x")

    assert fewer & ~more == 0


@pytest.mark.parametrize("chance", [0.001, 0.05, 0.32, 0.5, 0.8, 0.999])
def test_the_share_of_bits_is_the_chance(chance):
    worlds = 1 << 17

    share = draw(chance, worlds=worlds, seed="s", name="x").bit_count() / worlds

    assert share == pytest.approx(chance, abs=5 * math.sqrt(chance / worlds))


def test_zero_and_one_are_exact():
    assert draw(0.0, worlds=100, seed="s", name="x") == 0
    assert draw(1.0, worlds=100, seed="s", name="x") == (1 << 100) - 1


@pytest.mark.parametrize("chance", [math.nan, -0.01, 1.01, math.inf])
def test_what_is_no_chance_is_refused_with_the_name_of_the_cause(chance):
    with pytest.raises(ModelRefused, match="rule 22"):
        draw(chance, worlds=8, seed="s", name="rule 22")
    with pytest.raises(ModelRefused, match="rule 22"):
        AttackModel(causes=(Cause("x", "conduit", "x", "rule 22", chance, "E2"),))


@given(st.integers(0, 10**9))
def test_every_world_is_the_least_fixpoint_of_its_own_draw(seed):
    model = random_model(seed)
    worlds = Worlds(model, seed="s", count=16)

    for number in range(16):
        true = {key for key, bits in worlds.causes.items() if bits >> number & 1}
        held = {fact for fact, bits in worlds.held.items() if bits >> number & 1}
        assert held == reached_in_world(model, true)


@given(st.integers(0, 10**9), st.data())
def test_closing_a_cause_is_bit_for_bit_a_new_calculation(seed, data):
    model = random_model(seed)
    worlds = Worlds(model, seed="s", count=512)
    ids = [cause.id for cause in model.causes]
    closed = data.draw(st.sets(st.sampled_from(ids), max_size=3))

    after = worlds.without(closed)

    causes = tuple(
        replace(cause, p=0.0) if cause.id in closed else cause for cause in model.causes
    )
    again = Worlds(replace(model, causes=causes), seed="s", count=512).held
    assert {fact: bits for fact, bits in after.items() if bits} == {
        fact: bits for fact, bits in again.items() if bits
    }


@given(st.integers(0, 10**9), st.data())
def test_a_lower_chance_helps_the_attacker_in_no_world(seed, data):
    model = random_model(seed)
    cause = data.draw(st.sampled_from(model.causes))
    lower = replace(cause, p=data.draw(st.floats(0.0, cause.p)))
    causes = tuple(lower if row == cause else row for row in model.causes)

    before = Worlds(model, seed="s", count=512).held
    after = Worlds(replace(model, causes=causes), seed="s", count=512).held

    assert all(bits & ~before.get(fact, 0) == 0 for fact, bits in after.items())


def test_a_new_cause_leaves_the_draws_of_the_others_alone():
    model = random_model(1)
    extra = Cause("new", "finding", "new", "new", 0.5, "E2")

    before = Worlds(model, seed="s", count=64).causes
    after = Worlds(replace(model, causes=(*model.causes, extra)), seed="s", count=64)

    assert after.causes == {**before, "new": after.causes["new"]}


@pytest.mark.parametrize("count", [0, -1, (1 << 17) + 1])
def test_an_absurd_number_of_worlds_is_refused(count):
    with pytest.raises(ModelRefused, match="worlds"):
        Worlds(AttackModel(), seed="s", count=count)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((Step("s", "a", ()),), "starts from nothing"),
        ((Step("s", "a", ("b",), ("ghost",)),), "ghost"),
        ((Step("s", "a", ("b",)), Step("s", "a", ("c",))), "same id"),
    ],
)
def test_a_model_that_points_at_nothing_is_refused(steps, sentence):
    with pytest.raises(ModelRefused, match=sentence):
        AttackModel(steps=steps)
