"""A shuffled order leaves nothing out, says nothing twice, and can be had again."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exposure.collectors.order import shuffled


@given(count=st.integers(1, 3000), seed=st.integers(0, 2**64))
def test_every_item_comes_once(count: int, seed: int) -> None:
    order = list(shuffled(range(7, 7 + count), seed=seed))

    assert sorted(order) == list(range(7, 7 + count))
    assert order == list(shuffled(range(7, 7 + count), seed=seed))


def test_neighbours_are_apart_and_seeds_differ() -> None:
    order = list(shuffled(range(1, 65536), seed=1))

    assert len(set(order)) == 65535
    near = sum(abs(a - b) < 10 for a, b in pairwise(order))
    assert near < 100
    assert order[:50] != list(shuffled(range(1, 65536), seed=2))[:50]


def test_no_ports_are_no_order() -> None:
    assert list(shuffled([], seed=1)) == []
