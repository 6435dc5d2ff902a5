"""Exposure over a time: units that stand from one count to the next, added up in days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Level:
    """From a moment on the exposure is so many units, until the next one says else."""

    at: dt.datetime
    units: float


@dataclass(frozen=True, slots=True)
class ExposureDays:
    """The sum of units x days over a window, and since when there was a count in it.

    `since` is the beginning of the window, or later where nothing was counted before.
    `mean` is the sum divided by the days that were counted, in units.
    """

    total: float
    since: dt.datetime
    mean: float


def exposure_days(
    levels: Sequence[Level], *, start: dt.datetime, end: dt.datetime
) -> ExposureDays | None:
    """Return the exposure-days between two moments; None where nothing was counted.

    `levels` come oldest first. Before the first of them nothing is known, so nothing is
    added. Moments are absolute: a day is 24 hours, whatever the clocks on the wall do.

    >>> day = lambda n: dt.datetime(2026, 11, n, tzinfo=dt.UTC)
    >>> levels = [Level(day(1), 4.0), Level(day(11), 1.0)]
    >>> exposure_days(levels, start=day(6), end=day(16)).total
    25.0
    """
    if not levels or levels[0].at >= end:
        return None
    since = max(start, levels[0].at)
    total = 0.0
    for level, after in pairwise([*levels, Level(end, 0.0)]):
        span = min(after.at, end) - max(level.at, start)
        if span > dt.timedelta(0):
            total += level.units * (span / DAY)
    return ExposureDays(total, since, total / ((end - since) / DAY))
