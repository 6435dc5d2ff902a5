"""Identifiers that sort by the time they were made."""

import secrets
import time
import uuid

NANOSECONDS_PER_MILLISECOND = 1_000_000


def uuid7() -> uuid.UUID:
    """Return a UUID of version 7 for this moment (RFC 9562, section 5.7).

    48 bits of Unix milliseconds, then 12 bits of the fraction of that millisecond
    (section 6.2, method 3: steps of 244 ns), then 62 random bits. Ids made by one
    process sort by age as far as its clock does; the random bits keep them apart,
    but an id is a name, never a secret.
    """
    milliseconds, rest = divmod(time.time_ns(), NANOSECONDS_PER_MILLISECOND)
    fraction = (rest << 12) // NANOSECONDS_PER_MILLISECOND
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)
