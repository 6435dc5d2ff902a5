"""Units that stand from one count to the next, added up in days."""

import datetime as dt
from zoneinfo import ZoneInfo

from exposure.logic.exposure_days import ExposureDays, Level, exposure_days


def day(number: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, number, hour, tzinfo=dt.UTC)


def counted(*levels: tuple[dt.datetime, float]) -> ExposureDays | None:
    rows = [Level(at, units) for at, units in levels]
    return exposure_days(rows, start=day(10), end=day(20))


def test_one_level_of_before_stands_for_the_whole_window():
    assert counted((day(1), 3.0)) == ExposureDays(30.0, day(10), 3.0)


def test_a_step_inside_the_window_divides_it():
    found = counted((day(1), 4.0), (day(12, 12), 2.0))

    assert found == ExposureDays(4.0 * 2.5 + 2.0 * 7.5, day(10), 2.5)


def test_what_was_over_before_the_window_adds_nothing():
    assert counted((day(1), 9.0), (day(5), 2.0)) == counted((day(5), 2.0))


def test_a_window_that_begins_before_the_first_count_says_since_when():
    assert counted((day(15), 2.0)) == ExposureDays(10.0, day(15), 2.0)


def test_steps_at_the_ends_of_the_window_count_once():
    found = counted((day(10), 1.0), (day(20), 50.0))

    assert found == ExposureDays(10.0, day(10), 1.0)


def test_a_level_of_nothing_is_a_count():
    assert counted((day(12), 0.0), (day(15), 6.0)) == ExposureDays(
        30.0, day(12), 30.0 / 8
    )


def test_before_anything_was_counted_there_is_no_figure():
    assert counted() is None
    assert counted((day(20), 1.0)) is None


def test_two_counts_at_one_moment_leave_the_later_one():
    assert counted((day(1), 7.0), (day(1), 2.0)) == counted((day(1), 2.0))


def test_a_day_has_24_hours_whatever_the_clocks_do():
    berlin = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 10, 25, tzinfo=berlin).astimezone(dt.UTC)
    end = dt.datetime(2026, 10, 26, tzinfo=berlin).astimezone(dt.UTC)

    found = exposure_days([Level(start, 24.0)], start=start, end=end)

    assert found is not None
    assert found.total == 25.0
