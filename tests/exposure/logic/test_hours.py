"""Signed hours by the plant's clock, blackouts, and when the next opening is."""

from datetime import UTC, datetime, time, timedelta

import pytest

from exposure.logic.hours import Closed, Opening, Weekly, in_words

VIENNA = "Europe/Vienna"
WEEK = frozenset(range(7))
NIGHTS = Weekly(frozenset({0, 1, 2, 3, 4}), time(22), time(5))


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T20:59:59", False),  # Monday, 21:59 in Vienna
        ("2026-11-23T21:00:00", True),
        ("2026-11-24T03:59:59", True),
        ("2026-11-24T04:00:00", False),
        ("2026-11-28T03:00:00", True),  # Saturday morning belongs to Friday's night
        ("2026-11-28T22:00:00", False),  # Saturday's night is nobody's
        ("2026-11-30T03:00:00", False),  # and Monday morning would be Sunday's
        # Summer time: the same clock on the wall, another hour in UTC.
        ("2026-07-06T20:00:00", True),
        ("2026-07-07T03:00:00", False),
    ],
)
def test_hours_are_by_the_clock_on_the_wall(moment: str, *, is_open: bool) -> None:
    assert (Opening(VIENNA, (NIGHTS,)).why_closed(at(moment)) == "") is is_open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        # 25 October 2026, 03:00 becomes 02:00: the hour from two to three comes twice.
        ("2026-10-25T00:30:00", True),
        ("2026-10-25T01:30:00", True),
        ("2026-10-25T02:00:00", False),
        # 29 March 2026, 02:00 becomes 03:00: it does not come at all.
        ("2026-03-29T00:59:59", False),
        ("2026-03-29T01:00:00", False),
    ],
)
def test_changes_of_the_clocks_are_survived(moment: str, *, is_open: bool) -> None:
    early = Weekly(WEEK, time(2), time(3))

    assert (Opening(VIENNA, (early,)).why_closed(at(moment)) == "") is is_open


def test_a_blackout_wins_over_hours_and_says_until_when() -> None:
    rush = Closed(at("2026-11-23T21:30:00"), at("2026-11-23T23:00:00"), "Rush order")
    opening = Opening(VIENNA, (NIGHTS,), (rush,))

    assert opening.why_closed(at("2026-11-23T22:00:00")) == (
        "There is a blackout until 24 November 2026, 00:00: Rush order."
    )
    assert opening.why_closed(at("2026-11-23T23:00:00")) == ""


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23T12:00:00", "2026-11-23T21:00:00"),
        ("2026-11-23T21:10:00", "2026-11-23T21:10:00"),
        ("2026-11-23T21:40:00", "2026-11-23T23:00:00"),
        ("2026-11-28T12:00:00", "2026-11-30T21:00:00"),
    ],
)
def test_the_next_opening_is_after_hours_and_blackouts(now: str, then: str) -> None:
    rush = Closed(at("2026-11-23T21:30:00"), at("2026-11-23T23:00:00"), "Rush order")
    opening = Opening(VIENNA, (NIGHTS,), (rush,))

    found = opening.next_opening(at(now), before=at("2027-01-01T00:00:00"))

    assert found == at(then)
    assert opening.why_closed(at(then)) == ""


def test_there_is_no_opening_after_the_end() -> None:
    opening = Opening(VIENNA, (NIGHTS,))

    assert (
        opening.next_opening(
            at("2026-11-23T12:00:00"), before=at("2026-11-23T20:00:00")
        )
        is None
    )


def test_thousands_of_blackouts_end_the_search() -> None:
    day = at("2026-01-01T00:00:00")
    shut = tuple(
        Closed(day + timedelta(hours=n), day + timedelta(hours=n + 1), "Shift")
        for n in range(2100)
    )

    assert Opening("UTC", (), shut).next_opening(day, before=at("2030-01-01")) is None


def test_it_stays_as_it_is_only_up_to_the_next_edge() -> None:
    now = at("2026-11-23T21:29:59.250000")
    edge = at("2026-11-23T21:29:59.900000")
    opening = Opening(blackouts=(Closed(edge, edge + timedelta(hours=1), "Tests"),))

    assert opening.steady_until(now) == edge
    assert Opening().steady_until(now) == at("2026-11-23T21:30:00")


def test_hours_are_said_in_words() -> None:
    assert in_words(Weekly(WEEK, time(0), time(6))) == "every day 00:00 to 06:00"
    assert in_words(Weekly(frozenset({0, 2}), time(1), time(2))).startswith(
        "Monday and Wednesday"
    )
    assert Opening().words() == "at any hour"
