"""Luck that can be calculated again, on any machine."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths import draws
from exposure.logic.paths.draws import (
    draw,
    draw_rows,
    everywhere,
    fill_plainly,
    mixed_seed,
    seed_number,
    thresholds,
)
from exposure.logic.paths.graph import keys_of
from exposure.logic.paths.kernels.draws import fill
from exposure.logic.paths.model import ModelRefused

CHANCES = st.floats(0.0, 1.0, allow_nan=False)
FIRST_OF_SPLITMIX64 = 0xE220A8397B1DCDAF
"""What SplitMix64 gives first when it is started with 0, as published."""


def test_the_digits_are_those_of_splitmix64():
    bits = draw(0, 0.5, worlds=64, seed=0)

    assert int(bits[0]) == ~FIRST_OF_SPLITMIX64 & (1 << 64) - 1


@pytest.mark.parametrize(
    ("cause", "chance", "seed", "words"),
    [
        ("finding:1", 0.5, "sightline", (0xB37F3F75203AFA0A, 0x0CDB3BCEB673398D)),
        ("finding:1", 0.32, "sightline", (0x835E3E01202A1A02, 0x0CD93AC490302185)),
        ("conduit:7", 0.8, "sightline", (0xB5FFAFFEEDFFFFEF, 0xFD9D7DFFBDCF7DEF)),
        ("conduit:7", 0.03, "another", (0x0201000000000000, 0x4000000000000010)),
    ],
)
def test_every_machine_draws_these_bits(cause, chance, seed, words):
    key = int(keys_of((cause,))[0])

    bits = draw(key, chance, worlds=128, seed=seed_number(seed))

    assert tuple(int(each) for each in bits) == words


def test_a_seed_in_words_is_this_number():
    assert seed_number("sightline") == 0xB952D21C224686EF


@given(CHANCES, CHANCES)
def test_a_smaller_chance_sets_a_subset_of_the_bits(one, other):
    low, high = sorted((one, other))

    fewer = draw(7, low, worlds=256, seed=1)
    more = draw(7, high, worlds=256, seed=1)

    assert not (fewer & ~more).any()


@pytest.mark.parametrize("chance", [0.001, 0.05, 0.32, 0.5, 0.8, 0.999])
def test_the_share_of_bits_is_the_chance(chance):
    worlds = 1 << 17

    share = np.bitwise_count(draw(7, chance, worlds=worlds, seed=1)).sum() / worlds

    assert share == pytest.approx(chance, abs=5 * math.sqrt(chance / worlds))


def test_causes_and_seeds_are_independent():
    one, other, again = (
        draw(key, 0.5, worlds=1 << 15, seed=seed)
        for key, seed in ((1, 1), (2, 1), (1, 2))
    )

    for pair in ((one, other), (one, again), (other, again)):
        both = np.bitwise_count(pair[0] & pair[1]).sum() / (1 << 15)
        assert both == pytest.approx(0.25, abs=0.015)


def test_zero_and_one_are_exact_and_nothing_else_is():
    assert not draw(7, 0.0, worlds=100, seed=1).any()
    assert list(draw(7, 1.0, worlds=100, seed=1)) == list(everywhere(100))
    assert list(thresholds(np.array([0.0, 1e-300, 1.0 - 1e-16, 1.0]))) == [
        0,
        1,
        (1 << 30) - 1,
        1 << 30,
    ]


def test_fewer_worlds_are_the_first_of_more():
    many = draw(7, 0.3, worlds=1000, seed=1)
    few = draw(7, 0.3, worlds=70, seed=1)

    assert few[0] == many[0]
    assert few[1] == many[1] & np.uint64((1 << 6) - 1)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), CHANCES), max_size=12),
    st.integers(0, 20),
    st.integers(0, 200),
    st.integers(0, 2**64 - 1),
)
def test_compiled_and_plain_give_the_same_bits(causes, words, start, seed):
    keys = np.array([key for key, _ in causes], np.uint64)
    limits = thresholds(np.array([chance for _, chance in causes], np.float64))
    compiled, plain = (np.zeros((len(causes), words), np.uint64) for _ in range(2))

    fill(compiled, keys, limits, mixed_seed(seed), start)
    fill_plainly(plain, keys, limits, mixed_seed(seed), start)

    assert (compiled == plain).all()


def test_without_the_compiler_the_same_is_drawn(monkeypatch):
    keys, chances = keys_of(("a", "b")), np.array([0.3, 0.7])
    compiled = draw_rows(keys, chances, words=9, seed=1, start=3)
    monkeypatch.setattr(draws, "COMPILED", False)

    assert (draw_rows(keys, chances, words=9, seed=1, start=3) == compiled).all()


def test_a_block_is_the_part_of_all_words_that_it_says():
    keys, chances = keys_of(("a", "b", "c")), np.array([0.1, 0.5, 0.9])
    everything = draw_rows(keys, chances, words=24, seed=1)

    block = draw_rows(keys, chances, words=8, seed=1, start=8)

    assert (block == everything[:, 8:16]).all()


@pytest.mark.parametrize("chance", [math.nan, -0.01, 1.01, math.inf])
def test_what_is_no_chance_is_refused(chance):
    with pytest.raises(ModelRefused, match="not a number from 0 to 1"):
        draw(7, chance, worlds=8, seed=1)


@pytest.mark.parametrize("count", [0, -1, (1 << 17) + 1])
def test_an_absurd_number_of_worlds_is_refused(count):
    with pytest.raises(ModelRefused, match="worlds"):
        draw(7, 0.5, worlds=count, seed=1)
