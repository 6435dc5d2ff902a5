"""May anything be sent at this hour? Weekly hours in the plant's time zone, and blackouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours on some weekdays (Monday is 0), from `begins` until before `ends`.

    If `ends` is not later than `begins`, they last until the next morning. They are
    what a clock on the plant's wall shows: an hour that a change of the clocks repeats
    counts twice, one that it leaves out does not come.
    """

    days: frozenset[int]
    begins: time
    ends: time

    def holds(self, wall: datetime) -> bool:
        """Say whether a moment of the plant's clock is inside."""
        today, now = wall.weekday() in self.days, wall.time()
        if self.begins < self.ends:
            return today and self.begins <= now < self.ends
        yesterday = (wall.weekday() - 1) % 7 in self.days
        return (today and now >= self.begins) or (yesterday and now < self.ends)


@dataclass(frozen=True, slots=True)
class Closed:
    """A blackout from `begins` until before `ends`, both with a time zone."""

    begins: datetime
    ends: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """When work is allowed: no weekly hours mean at any hour; blackouts always win."""

    zone: str = "UTC"
    weekly: tuple[Weekly, ...] = ()
    blackouts: tuple[Closed, ...] = ()

    def why_closed(self, now: datetime) -> str:
        """Return why nothing is sent now, in words; "" when work is allowed.

        >>> nights = Weekly(frozenset({0, 1, 2, 3, 4}), time(22), time(5))
        >>> noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
        >>> Opening("Europe/Vienna", (nights,)).why_closed(noon)
        'It is outside the signed hours (Monday to Friday 22:00 to 05:00).'
        """
        if blackout := self._blackout_at(now):
            until = blackout.ends.astimezone(ZoneInfo(self.zone))
            return (
                f"There is a blackout until {until:%-d %B %Y, %H:%M}: {blackout.reason}"
            ).rstrip(".") + "."
        if self._in_hours(now):
            return ""
        return f"It is outside the signed hours ({self.words()})."

    def next_opening(self, now: datetime, *, before: datetime) -> datetime | None:
        """Return the first moment from `now` on at which work is allowed.

        None when there is none earlier than `before`. Where the clocks skip the
        beginning of the hours the answer is late by what they skip.
        """
        moment = now
        for _ in range(MOST_STEPS):
            if moment >= before:
                return None
            if blackout := self._blackout_at(moment):
                moment = blackout.ends
            elif self._in_hours(moment):
                return moment
            else:
                moment = min(self._beginnings(moment), default=before)
        return None

    def steady_until(self, now: datetime) -> datetime:
        """Return a moment up to which `why_closed` stays as it is now: a second at most.

        So whoever asks thousands of times a second may keep the answer that long.
        """
        edges = [now.replace(microsecond=0) + timedelta(seconds=1)]
        for each in self.blackouts:
            edges += [edge for edge in (each.begins, each.ends) if edge > now]
        return min(edges)

    def words(self) -> str:
        """Return the weekly hours in words."""
        return "; ".join(in_words(each) for each in self.weekly) or "at any hour"

    def _blackout_at(self, now: datetime) -> Closed | None:
        held = [each for each in self.blackouts if each.begins <= now < each.ends]
        return max(held, key=lambda each: each.ends, default=None)

    def _in_hours(self, now: datetime) -> bool:
        wall = now.astimezone(ZoneInfo(self.zone))
        return not self.weekly or any(each.holds(wall) for each in self.weekly)

    def _beginnings(self, now: datetime) -> Iterator[datetime]:
        """Yield the beginnings of hours in the eight days after a moment."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        for ahead in range(9):
            day = today + timedelta(days=ahead)
            for each in self.weekly:
                begins = datetime.combine(day, each.begins, zone).astimezone(UTC)
                if day.weekday() in each.days and begins > now:
                    yield begins


def in_words(hours: Weekly) -> str:
    """Return one line of weekly hours in words.

    >>> in_words(Weekly(frozenset({5, 6}), time(6), time(18, 30)))
    'Saturday and Sunday 06:00 to 18:30'
    """
    days = sorted(hours.days)
    names = [DAYS[day] for day in days]
    if len(days) == 7:
        said = "every day"
    elif len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        said = f"{names[0]} to {names[-1]}"
    else:
        said = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{said} {hours.begins:%H:%M} to {hours.ends:%H:%M}"
