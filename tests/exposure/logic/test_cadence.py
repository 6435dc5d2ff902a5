"""When a schedule is due, above all in the nights when clocks change."""

import datetime as dt
from itertools import pairwise

import pytest

from exposure.logic.cadence import Cadence, Every

LONDON = "Europe/London"
DAILY = Cadence(Every.DAY, dt.time(1, 30), LONDON)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cadence", "after", "due"),
    [
        # Winter, summer, and the nights between: at 01:00 UTC on these Sundays.
        (DAILY, "2026-01-10T12:00", "2026-01-11T01:30"),
        (DAILY, "2026-07-10T12:00", "2026-07-11T00:30"),
        # 28 March 2027: 01:00 to 02:00 does not exist, so it is an hour later there.
        (DAILY, "2027-03-27T12:00", "2027-03-28T01:30"),
        (DAILY, "2027-03-28T01:30", "2027-03-29T00:30"),
        # 25 October 2026: 01:30 comes twice; the first counts, and only that.
        (DAILY, "2026-10-24T12:00", "2026-10-25T00:30"),
        (DAILY, "2026-10-25T00:30", "2026-10-26T01:30"),
        (
            Cadence(Every.WEEK, dt.time(2), LONDON, weekday=6),
            "2026-11-27T00:00",
            "2026-11-29T02:00",
        ),
        (
            Cadence(Every.WEEK, dt.time(2), LONDON, weekday=6),
            "2026-11-29T02:00",
            "2026-12-06T02:00",
        ),
        (
            Cadence(Every.MONTH, dt.time(2), LONDON, day=31),
            "2027-02-01T00:00",
            "2027-02-28T02:00",
        ),
        (
            Cadence(Every.MONTH, dt.time(2), LONDON, day=31),
            "2026-12-31T02:00",
            "2027-01-31T02:00",
        ),
        # Local midnight in Auckland is the day before in UTC.
        (
            Cadence(Every.WEEK, dt.time(0, 15), "Pacific/Auckland", weekday=0),
            "2026-11-27T00:00",
            "2026-11-29T11:15",
        ),
    ],
)
def test_it_is_due_at_the_local_time(cadence: Cadence, after: str, due: str) -> None:
    assert cadence.next_after(utc(after)) == utc(due)


@pytest.mark.parametrize("zone", [LONDON, "America/Sao_Paulo", "Australia/Lord_Howe"])
@pytest.mark.parametrize("hour", [0, 2, 23])
def test_a_year_of_days_has_each_day_once(zone: str, hour: int) -> None:
    cadence = Cadence(Every.DAY, dt.time(hour, 15), zone)
    moments = [utc("2026-03-01T00:00")]
    for _ in range(366):
        moments.append(cadence.next_after(moments[-1]))

    gaps = {after - before for before, after in pairwise(moments[1:])}

    assert min(gaps) >= dt.timedelta(hours=23)
    assert max(gaps) <= dt.timedelta(hours=25)


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (DAILY, "every day at 01:30 (Europe/London)"),
        (
            Cadence(Every.MONTH, dt.time(2), LONDON, day=3),
            "on day 3 of every month at 02:00 (Europe/London)",
        ),
    ],
)
def test_it_is_told_in_words(cadence: Cadence, words: str) -> None:
    assert cadence.words() == words
