"""Ceilings hold in every window of one second, and no target is lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.collectors.pacing import Bucket, HostQueue, by_port


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


def drain(queue: HostQueue) -> list[tuple[float, str, int]]:
    """Take all targets as early as they may go; return when each went."""
    now, gone = 0.0, []
    while not queue.is_empty:
        if target := queue.next(now):
            gone.append((now, *target))
        else:
            now += queue.wait(now) or 0.001
    return gone


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=60))
def test_it_hands_out_every_target_once(targets: list[tuple[str, int]]) -> None:
    queue = HostQueue(targets, rate_per_host=10, held=5)

    gone = drain(queue)

    assert sorted(t[1:] for t in gone) == sorted(targets)


def test_it_keeps_each_host_to_its_share() -> None:
    queue = HostQueue(by_port("ab", range(20)), rate_per_host=10)

    gone = drain(queue)

    for host in "ab":
        times = [t for t, address, _ in gone if address == host]
        assert all(sum(a <= t < a + 1 for t in times) <= 10 for a in times)


def test_it_goes_on_with_other_hosts_while_one_waits() -> None:
    targets = [("slow", port) for port in range(30)] + [("other", 1)]
    queue = HostQueue(targets, rate_per_host=2)

    gone = drain(queue)

    assert next(t for t, address, _ in gone if address == "other") == 0.0


def test_it_reads_no_more_than_it_may_hold() -> None:
    read = []

    def endless():
        for port in itertools.count():
            read.append(port)
            yield "one", port

    queue = HostQueue(endless(), rate_per_host=2, held=100)
    queue.next(0.0)
    queue.next(0.0)

    assert len(read) <= 102
