"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.logic.retry import WAITS, next_attempt, parse_retry_after

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def dice(seed=1):
    return Random(seed)  # noqa: S311 - spreads load, keeps no secret


def wait(made, *, seed=1, retry_after=None):
    at = next_attempt(made, now=NOON, random=dice(seed), retry_after=retry_after)
    return at - NOON


def test_it_tries_ten_times_over_about_three_days():
    assert len(WAITS) == 10
    assert sum(WAITS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert wait(0) == timedelta(0)
    assert next_attempt(10, now=NOON, random=dice()) is None
    assert next_attempt(99, now=NOON, random=dice()) is None


@given(made=st.integers(0, 9), seed=st.integers())
def test_it_varies_each_wait_by_a_fifth(made, seed):
    assert 0.8 * WAITS[made] <= wait(made, seed=seed) <= 1.2 * WAITS[made]


def test_it_does_not_bring_back_together_what_failed_together():
    assert len({wait(4, seed=seed) for seed in range(20)}) == 20


def test_it_waits_as_long_as_the_receiver_asks_up_to_a_day():
    assert wait(1, retry_after=3600) == timedelta(hours=1)
    assert wait(1, retry_after=1e308) == timedelta(hours=24)
    assert wait(1, retry_after=float("inf")) == timedelta(hours=24)


@pytest.mark.parametrize("asked", [0, -5, float("nan"), float("-inf"), 1])
def test_it_never_comes_back_earlier_than_its_own_table(asked):
    assert wait(3, retry_after=asked) == wait(3)


def test_it_gives_up_even_if_the_receiver_asks_for_more():
    at = next_attempt(10, now=NOON, random=dice(), retry_after=5)

    assert at is None


def test_it_refuses_a_negative_count():
    with pytest.raises(ValueError, match="negative"):
        next_attempt(-1, now=NOON, random=dice())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 400, 9999999999.0),
        ("Mon, 05 Jan 2026 12:02:00 GMT", 120.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 12:02:00", None),
        ("Mon, 99 Jan 2026 12:02:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("soon", None),
    ],
)
def test_it_reads_both_forms_of_the_header(text, seconds):
    assert parse_retry_after(text, now=NOON) == seconds
