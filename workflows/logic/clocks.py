"""How long people have: the decide-by date of each band, and the longest expiry."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DECIDE_HOURS: Mapping[str, int] = {"immediate": 24}
DECIDE_BUSINESS_DAYS: Mapping[str, int] = {
    "out_of_cycle": 5,
    "scheduled": 15,
    "defer": 60,
}
LONGEST_DAYS: Mapping[str, int] = {
    "immediate": 30,
    "out_of_cycle": 90,
    "scheduled": 180,
    "defer": 365,
}
_SATURDAY = 5


def decide_by(band: str, *, start: datetime, zone: ZoneInfo) -> datetime:
    """Return when a joint decision is due (UTC), `start` being an aware datetime.

    The highest band counts hours, day and night. The others count business days,
    Monday to Friday, and end at the same time of day in the plant's time zone.

    >>> friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    >>> decide_by("out_of_cycle", start=friday, zone=ZoneInfo("UTC")).strftime("%a %d")
    'Fri 27'
    """
    if band in DECIDE_HOURS:
        return start.astimezone(UTC) + timedelta(hours=DECIDE_HOURS[band])
    local = start.astimezone(zone)
    left = DECIDE_BUSINESS_DAYS[band]
    while left:
        local += timedelta(days=1)
        left -= local.weekday() < _SATURDAY
    return local.astimezone(UTC)


def latest_expiry(band: str, *, start: datetime) -> datetime:
    """Return the last moment to which an acceptance or a compensation may run."""
    return start + timedelta(days=LONGEST_DAYS[band])
