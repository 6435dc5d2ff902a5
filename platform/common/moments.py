"""Moments as whole numbers, for bytes that are hashed or signed."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def microseconds(moment: dt.datetime) -> int:
    """Return whole microseconds since 1970 UTC; no fraction is lost in a float."""
    return (moment - EPOCH) // MICROSECOND
