"""The ceiling that all sweeps of this installation share, whichever worker runs them.

Each sweep has a row that it renews every second, and counts the others. With n rows
that are alive, each may use an nth. Whoever comes while others sweep waits until all
of them must have seen the new row; who cannot read the table any more opens nothing.
So the sum keeps to the ceiling at every moment, and the broker is not asked.
"""

import datetime as dt
import time
import uuid
from dataclasses import replace

from django.db import connection, transaction
from django.db.models.functions import Now

from exposure.collectors.targets import SweepLimits
from exposure.models import SweepShare

RENEW_SECONDS = 1.0
# A count this old is acted on no more; a sweep process holds a second after that.
FRESH_SECONDS = 2.0
# Longer than anybody can act on a count that lacks us: 2 s, and the second above.
SETTLE_SECONDS = 3.5
LEASE = dt.timedelta(seconds=5)
FORGOTTEN = dt.timedelta(minutes=1)
ONE_AT_A_TIME = 0x5EE9


class Share:
    """One sweep's part. `renew` is called again and again, from one thread."""

    def __init__(self) -> None:
        """Have no part yet."""
        self._id = uuid.uuid4()
        self._sweeps = 1
        self._read_at = self._settled_at = float("-inf")

    def renew(self) -> None:
        """Say that we are there, and count who else is, if it is time to."""
        began = time.monotonic()
        if began - self._read_at < RENEW_SECONDS:
            return
        others = self._renew()
        lapsed = began - self._read_at > LEASE.total_seconds()
        if lapsed and others:
            self._settled_at = began + SETTLE_SECONDS
        self._sweeps, self._read_at = others + 1, began

    def is_current(self) -> bool:
        """Whether our part is known, and everybody else knows of us."""
        now = time.monotonic()
        return now - self._read_at < FRESH_SECONDS and now >= self._settled_at

    def part_of(
        self, limits: SweepLimits, *, rate: float, half_open: int
    ) -> SweepLimits:
        """Return the limits, or our part of what all sweeps have where that is less."""
        return replace(
            limits,
            rate_per_second=min(limits.rate_per_second, rate / self._sweeps),
            max_half_open=min(limits.max_half_open, max(1, half_open // self._sweeps)),
        )

    def end(self) -> None:
        """Leave our part to the others."""
        SweepShare.objects.filter(pk=self._id).delete()

    @transaction.atomic
    def _renew(self) -> int:
        with connection.cursor() as cursor:
            # Two that come at once would not see each other.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        SweepShare.objects.bulk_create(
            [SweepShare(id=self._id, until=Now() + LEASE)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["until"],
        )
        SweepShare.objects.filter(until__lt=Now() - FORGOTTEN).delete()
        others = SweepShare.objects.filter(until__gt=Now()).exclude(pk=self._id)
        return others.count()
