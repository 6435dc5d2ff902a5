"""Reads a production calendar: an iCalendar file (RFC 5545), which anybody may have written.

Times with a zone, in UTC, without a zone (the plant's clock) and whole days are read.
Of repetitions the daily and weekly ones are, each occurrence of the next 400 days for
itself; any other is refused in words, because a blackout that is guessed is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from icalendar import Calendar

from exposure.logic.hours import DAYS

LARGEST = 256 * 1024  # bytes of a file
MOST_EVENTS = 1000  # in a file, with every occurrence counted
LONGEST = timedelta(days=60)  # of one event
AHEAD = timedelta(days=400)  # of repetitions
LONGEST_REASON = 200
READ_RULES = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
STEP = {"DAILY": 1, "WEEKLY": 7}
DAY_CODES = tuple(day[:2].upper() for day in DAYS)
CANCELLED = "CANCELLED"

Moment: TypeAlias = datetime | date


class CalendarRefused(ValueError):
    """The file, or one event of it, cannot be read; the text says why, in words."""


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence; `source` is the same when the same file is read again."""

    begins: datetime
    ends: datetime
    reason: str
    source: str


def read_calendar(content: bytes, *, zone: str, now: datetime) -> list[Event]:
    """Return what is ahead in a file, in its order; `zone` is the plant's.

    Cancelled events and those that are over are left out. Raises CalendarRefused: then
    nothing of the file should be used, because half a calendar is worse than none.
    """
    if len(content) > LARGEST:
        raise CalendarRefused(f"The file is larger than {LARGEST // 1024} kB.")
    try:
        calendar = Calendar.from_ical(content)
        # A part that cannot be read is kept aside by the library; here it counts.
        broken = [each for part in calendar.walk() for each in part.errors]
        events = calendar.walk("VEVENT")
    except Exception as error:  # the library's parsers raise many kinds
        raise CalendarRefused("This is not a calendar file (RFC 5545).") from error
    if broken:
        raise CalendarRefused(
            f"The file has a {broken[0][0] or 'line'} we cannot read."
        )
    if len(events) > MOST_EVENTS:
        raise CalendarRefused(f"The file has more than {MOST_EVENTS} events.")
    found: list[Event] = []
    for each in events:
        found += _occurrences(each, zone=ZoneInfo(zone), now=now)
        if len(found) > MOST_EVENTS:
            raise CalendarRefused(f"The file has more than {MOST_EVENTS} events.")
    return found


def _occurrences(part: Any, *, zone: ZoneInfo, now: datetime) -> Iterator[Event]:
    if str(part.get("STATUS", "")).upper() == CANCELLED:
        return
    title = _title(part)
    first, length = _span(part, title, zone)
    skipped = _skipped(part, zone)
    for begins in _beginnings(part, first, title, now=now):
        # Within one zone Python adds on the wall's clock: a day stays a day.
        ends = begins + length
        if ends.astimezone(UTC) > now and begins.astimezone(UTC) not in skipped:
            yield Event(
                begins.astimezone(UTC),
                ends.astimezone(UTC),
                title,
                _source(part, begins),
            )


def _span(part: Any, title: str, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """Return when the first occurrence begins, and how long each lasts."""
    try:
        begins, ends = part.decoded("DTSTART"), _end(part)
    except (KeyError, ValueError, TypeError) as error:
        raise CalendarRefused(f"“{title}” has no beginning or no end.") from error
    for name in ("DTSTART", "DTEND"):
        _check_zone(part.get(name), title)
    if isinstance(begins, datetime) is not isinstance(ends, datetime):
        raise CalendarRefused(f"“{title}” begins with a day and ends with a time.")
    start, stop = _aware(begins, zone), _aware(ends, zone)
    try:
        # By the clock on the wall, so that a whole day stays one when clocks change.
        length = stop.replace(tzinfo=None) - start.astimezone(stop.tzinfo).replace(
            tzinfo=None
        )
    except OverflowError as error:
        raise CalendarRefused(f"“{title}” is too far away.") from error
    if not timedelta(0) < length <= LONGEST:
        raise CalendarRefused(f"“{title}” must last up to {LONGEST.days} days.")
    return start, length


def _check_zone(value: Any, title: str) -> None:
    """Refuse a named zone that nobody knows: another hour must not be guessed."""
    named = getattr(value, "params", {}).get("TZID")
    moment = getattr(value, "dt", None)
    if named and isinstance(moment, datetime) and moment.tzinfo is None:
        raise CalendarRefused(f"“{title}” is in a time zone that is not known here.")


def _end(part: Any) -> Moment:
    begins = part.decoded("DTSTART")
    if "DTEND" in part:
        ends: Moment = part.decoded("DTEND")
        return ends
    if "DURATION" in part:
        longer: Moment = begins + part.decoded("DURATION")
        return longer
    if isinstance(begins, datetime):
        raise ValueError("no end")
    following: date = begins + timedelta(days=1)
    return following


def _beginnings(
    part: Any, first: datetime, title: str, *, now: datetime
) -> Iterator[datetime]:
    rules = part.get("RRULE")
    if "RDATE" in part or "RECURRENCE-ID" in part or isinstance(rules, list):
        raise CalendarRefused(
            f"“{title}” repeats in a way that is not read here. Type its days."
        )
    yield first
    if rules is not None:
        yield from _repeated(rules, first, title, now=now)


def _repeated(
    rules: Any, first: datetime, title: str, *, now: datetime
) -> Iterator[datetime]:
    step, days, count, until = _rule(rules, first, title)
    weekly = step % 7 == 0
    monday = first - timedelta(days=first.weekday())
    seen, day = 1, first
    while seen < count:
        day += timedelta(days=1)
        if day.astimezone(UTC) > min(until, now + AHEAD):
            return
        weeks = (day.date() - monday.date()).days // 7
        in_turn = (
            weeks % (step // 7) == 0
            if weekly
            else (day.date() - first.date()).days % step == 0
        )
        if in_turn and day.weekday() in days:
            seen += 1
            yield day


def _rule(
    rules: Any, first: datetime, title: str
) -> tuple[int, frozenset[int], float, datetime]:
    """Return every how many days, on which weekdays, how often and until when."""
    values = {name.upper(): rules[name] for name in rules}
    frequency = str(_only(values, "FREQ", "")).upper()
    codes = [str(code).upper() for code in values.get("BYDAY", [])]
    if (
        frequency not in STEP
        or values.keys() - READ_RULES
        or set(codes) - set(DAY_CODES)
        or str(_only(values, "WKST", "MO")).upper() != "MO"
    ):
        raise CalendarRefused(
            f"“{title}” repeats in a way that is not read here. Type its days."
        )
    interval = int(_only(values, "INTERVAL", 1))
    if not 1 <= interval <= 366:
        raise CalendarRefused(f"“{title}” repeats too seldom or too often.")
    days = frozenset(DAY_CODES.index(code) for code in codes)
    if not days:
        days = frozenset({first.weekday()} if frequency == "WEEKLY" else range(7))
    until = _only(values, "UNTIL", None)
    latest = (
        datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
        if until is None
        else _last(until, first)
    )
    return STEP[frequency] * interval, days, int(_only(values, "COUNT", 10**6)), latest


def _last(until: Moment, first: datetime) -> datetime:
    if isinstance(until, datetime):
        return _aware(until, first.tzinfo).astimezone(UTC)
    return datetime.combine(until, time.max, first.tzinfo).astimezone(UTC)


def _only(values: Any, name: str, otherwise: Any) -> Any:
    found = values.get(name)
    return otherwise if not found else found[0] if isinstance(found, list) else found


def _skipped(part: Any, zone: ZoneInfo) -> frozenset[datetime]:
    given = part.get("EXDATE", [])
    lists = given if isinstance(given, list) else [given]
    return frozenset(
        _aware(each.dt, zone).astimezone(UTC) for found in lists for each in found.dts
    )


def _aware(moment: Moment, zone: Any) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0), zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _title(part: Any) -> str:
    text = "".join(c for c in str(part.get("SUMMARY", "")) if c.isprintable()).strip()
    return text[:LONGEST_REASON] or "Production"


def _source(part: Any, begins: datetime) -> str:
    said = f"{part.get('UID', '')} {begins.astimezone(UTC).isoformat()}"
    if not part.get("UID"):
        said = f"{_title(part)} {said}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
