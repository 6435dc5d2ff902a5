"""When a schedule is due next: local times that survive the change of clocks."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

WEEKDAYS: Final = tuple(calendar.day_name)
ONE_DAY: Final = dt.timedelta(days=1)
# From any day on, a daily, weekly or monthly day comes within this many.
LONGEST: Final = 64


class Every(StrEnum):
    """How often."""

    DAY = "daily"
    WEEK = "weekly"
    MONTH = "monthly"


@dataclass(frozen=True, slots=True)
class Cadence:
    """A local time on some days; `zone` is a name such as "Europe/London".

    `weekday` (Monday 0) counts for a weekly one, `day` (1 to 31) for a monthly one; in
    a shorter month its last day stands in.
    """

    every: Every
    at: dt.time
    zone: str
    weekday: int = 0
    day: int = 1

    def falls_on(self, date: dt.date) -> bool:
        """Say whether it is due on that day."""
        if self.every is Every.WEEK:
            return date.weekday() == self.weekday
        if self.every is Every.MONTH:
            last = calendar.monthrange(date.year, date.month)[1]
            return date.day == min(self.day, last)
        return True

    def next_after(self, moment: dt.datetime) -> dt.datetime:
        """Return the first time after `moment`, in UTC.

        A time that comes twice, when clocks go back, counts once: the first. One that
        is skipped, when they go forward, is as much later as the clocks moved.
        """
        zone = ZoneInfo(self.zone)
        date = moment.astimezone(zone).date()
        for _ in range(LONGEST):
            if self.falls_on(date):
                local = dt.datetime.combine(date, self.at, tzinfo=zone)
                due = local.replace(fold=0).astimezone(dt.UTC)
                if due > moment:
                    return due
            date += ONE_DAY
        raise AssertionError("Every cadence comes round within two months.")

    def words(self) -> str:
        """Return it for people.

        >>> Cadence(Every.WEEK, dt.time(2, 0), "Europe/London", weekday=6).words()
        'every Sunday at 02:00 (Europe/London)'
        """
        when = f"at {self.at:%H:%M} ({self.zone})"
        if self.every is Every.WEEK:
            return f"every {WEEKDAYS[self.weekday]} {when}"
        if self.every is Every.MONTH:
            return f"on day {self.day} of every month {when}"
        return f"every day {when}"
