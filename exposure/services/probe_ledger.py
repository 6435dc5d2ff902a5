"""Writes and counts the probe ledger: one record for each thing that was sent."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import BigIntegerField, F, Model, Q, QuerySet, Sum
from django.db.models.functions import Cast

from exposure.logic.scope_text import Network
from exposure.models import Endpoint, ProbeBatch, ProbeRecord, Run
from tenants.scope import current_workspace_id

Row = TypeVar("Row", bound=Model)
# A batch spans no more than this, so that whoever looks for a time finds it by `at`.
LONGEST_BATCH = dt.timedelta(minutes=10)
DEEP = 2  # the Purdue level of cells and what they control
RATE_WINDOW = dt.timedelta(seconds=5)


class Kind(NamedTuple):
    """What all records of a batch have in common."""

    transport: str
    probe: str
    probe_version: int
    result: str
    connections: int
    bytes_out: int
    bytes_in: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing sent to one port: when, what kind, and what came of it."""

    at: dt.datetime
    port: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the ledger somebody wants; what is None is not limited.

    `until` is exclusive; `network` is an address or a range.
    """

    run: Run | None = None
    network: Network | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def within(self, rows: QuerySet[Row], *, before: dt.timedelta) -> QuerySet[Row]:
        """Filter batches or records; times count from `before` earlier."""
        if self.run is not None:
            rows = rows.filter(run=self.run)
        if self.network is not None:
            rows = rows.filter(
                address__gte=str(self.network[0]), address__lte=str(self.network[-1])
            )
        if self.since is not None:
            rows = rows.filter(at__gte=self.since - before)
        if self.until is not None:
            rows = rows.filter(at__lt=self.until)
        return rows


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run sent: `recent` counts the connections of the last RATE_WINDOW.

    `deep` counts those to addresses of the plant's levels 2 and below.
    """

    connections: int
    bytes_out: int
    deep: int
    recent: int


def write(
    sent: Iterable[Sent], *, run: Run | None, vantage_id: uuid.UUID, address: str
) -> None:
    """Write what was sent to one address; in the transaction of the caller."""
    by_kind: dict[Kind, list[Sent]] = defaultdict(list)
    for each in sent:
        by_kind[each.kind].append(each)
    ProbeBatch.objects.bulk_create(
        ProbeBatch(
            workspace_id=current_workspace_id(),
            run=run,
            at=part[0].at,
            vantage_id=vantage_id,
            address=address,
            **kind._asdict(),
            ports=[each.port for each in part],
            after_ms=[_milliseconds(each.at - part[0].at) for each in part],
        )
        for kind, every in by_kind.items()
        for part in _parts(sorted(every, key=attrgetter("at")))
    )


def totals(run: Run, *, until: dt.datetime) -> Totals:
    """Count what a run has sent; `recent` counts back from `until`."""
    deep = Endpoint.objects.filter(asset__zone__level__lte=DEEP).values("address")
    every = ProbeBatch.objects.filter(run=run).aggregate(
        # First: after it, the name "connections" means the sum.
        deep=_of_each("connections", where=Q(address__in=deep)),
        connections=_of_each("connections"),
        bytes_out=_of_each("bytes_out"),
    )
    since = until - RATE_WINDOW
    recent = ProbeRecord.objects.filter(
        run=run, batch_at__gte=since - LONGEST_BATCH, at__gte=since
    ).aggregate(made=Sum("connections", default=0))
    return Totals(**every, recent=recent["made"])


def batches(asked: Asked) -> QuerySet[ProbeBatch]:
    """Return the batches that hold what was asked for, the newest first."""
    rows = ProbeBatch.objects.select_related("run", "vantage")
    # A batch that began a little earlier may reach into the time.
    return asked.within(rows, before=LONGEST_BATCH).order_by("-at", "-id")


def records(asked: Asked) -> QuerySet[ProbeRecord]:
    """Return every single thing that was sent of what was asked for, the oldest first."""
    rows = asked.within(ProbeRecord.objects.all(), before=dt.timedelta())
    if asked.since is not None:
        rows = rows.filter(batch_at__gte=asked.since - LONGEST_BATCH)
    if asked.until is not None:
        rows = rows.filter(batch_at__lt=asked.until)
    return rows.order_by("at", "id")


def keep_months() -> None:
    """Make the partitions of this and the next months, and drop those that are empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT exposure_ledger_months()")


def _of_each(column: str, *, where: Q | None = None) -> Sum:
    """Add a column up over the records of all batches, or of some."""
    each = Cast(column, BigIntegerField()) * F("ports__len")
    return Sum(each, default=0, filter=where)


def _parts(sent: list[Sent]) -> Iterable[list[Sent]]:
    """Cut what is in order of time into batches that are short enough."""
    part: list[Sent] = []
    for each in sent:
        if part and each.at - part[0].at > LONGEST_BATCH:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _milliseconds(span: dt.timedelta) -> int:
    return span // dt.timedelta(milliseconds=1)
