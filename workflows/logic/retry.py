"""When a delivery is tried again: ten attempts over about three days."""

import math
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

# The wait before each attempt, the first one included; 75.6 hours in all.
WAITS: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=24)


def next_attempt(
    made: int, *, now: datetime, random: Random, retry_after: float | None = None
) -> datetime | None:
    """Return when to try again after `made` attempts, or None when it is enough.

    The wait of the table varies by 20 % either way, so that what failed together
    does not come back together. `retry_after` (seconds, as the receiver asked) can
    only lengthen it, to 24 hours at most.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    >>> next_attempt(0, now=noon, random=Random(1)) == noon
    True
    >>> next_attempt(10, now=noon, random=Random(1)) is None
    True
    """
    if made < 0:
        raise ValueError("The number of attempts made cannot be negative.")
    if made >= len(WAITS):
        return None
    wait = WAITS[made] * random.uniform(1 - JITTER, 1 + JITTER)
    return now + max(wait, _asked(retry_after))


def parse_retry_after(text: str, *, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None if it is none.

    Both forms of RFC 9110, section 10.2.3: whole seconds or a date; never negative.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, (date - now).total_seconds())


def _asked(retry_after: float | None) -> timedelta:
    if retry_after is None or math.isnan(retry_after) or retry_after <= 0:
        return timedelta(0)
    return timedelta(seconds=min(retry_after, LONGEST_RETRY_AFTER.total_seconds()))
