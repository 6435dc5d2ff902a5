"""Closing causes in the same worlds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.bigints import Worlds
from tests.exposure.logic.paths.plants import random_model


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
