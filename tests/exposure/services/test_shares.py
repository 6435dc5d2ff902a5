"""However many sweeps there are, together they keep to one ceiling."""

import pytest

from exposure.collectors.targets import SweepLimits
from exposure.models import SweepShare
from exposure.services import shares
from exposure.services.shares import Share

MOST = SweepLimits(rate_per_second=900, max_half_open=300)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test moves, for everything but the database."""
    now = [1000.0]
    monkeypatch.setattr(shares.time, "monotonic", lambda: now[0])
    return now


def rate(share: Share) -> float:
    """Return what a sweep may send a second; 0 while it has to wait."""
    if not share.is_current():
        return 0.0
    return share.part_of(MOST, rate=1000, half_open=200).rate_per_second


def test_one_alone_has_its_own_limits_and_need_not_wait(
    db: None, clock: list[float]
) -> None:
    share = Share()

    share.renew()

    assert rate(share) == 900
    assert share.part_of(MOST, rate=1000, half_open=200).max_half_open == 200


def test_whoever_comes_later_waits_until_the_others_must_know(
    db: None, clock: list[float]
) -> None:
    first, second = Share(), Share()
    first.renew()
    second.renew()
    sums = [rate(first) + rate(second)]
    for _ in range(40):
        clock[0] += 0.1
        first.renew()
        second.renew()
        sums.append(rate(first) + rate(second))

    assert max(sums) <= 1000
    assert (rate(first), rate(second)) == (500, 500)


def test_whoever_cannot_renew_opens_nothing_before_another_one_takes_its_part(
    db: None, clock: list[float]
) -> None:
    first, second = Share(), Share()
    first.renew()
    second.renew()
    sums = []
    for _ in range(40):
        clock[0] += 0.1
        second.renew()
        sums.append(rate(first) + rate(second))

    # The first hung; its row is still there, so the second keeps to its half.
    assert max(sums) <= 1000
    assert (rate(first), rate(second)) == (0, 500)


def test_whoever_was_away_for_too_long_waits_again(
    db: None, clock: list[float]
) -> None:
    first, second = Share(), Share()
    first.renew()
    second.renew()
    clock[0] += 60
    SweepShare.objects.all().delete()
    second.renew()

    first.renew()

    assert rate(second) == 900
    assert rate(first) == 0


def test_the_end_of_one_leaves_its_part_to_the_others(
    db: None, clock: list[float]
) -> None:
    first, second = Share(), Share()
    first.renew()
    second.renew()

    first.end()
    clock[0] += 4
    second.renew()

    assert rate(second) == 900
    assert SweepShare.objects.count() == 1
