"""Ceilings hold in every window of one second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.collectors.pacing import Bucket


@pytest.mark.parametrize("rate", [1, 2, 7, 40, 500])
@given(gaps=st.lists(st.floats(0, 0.2), min_size=1, max_size=200))
def test_it_never_exceeds_the_rate_in_any_second(rate: int, gaps: list[float]) -> None:
    bucket = Bucket(rate)
    taken = []
    now = 0.0
    for gap in gaps:
        now = max(now + gap, bucket.ready_at())
        bucket.take(now)
        taken.append(now)

    assert all(sum(a <= t < a + 1 for t in taken) <= rate for a in taken)


def test_it_uses_most_of_the_rate() -> None:
    bucket = Bucket(500)
    now = 0.0
    for _ in range(5000):
        now = max(now, bucket.ready_at())
        bucket.take(now)

    assert 9.5 < now < 10.6
