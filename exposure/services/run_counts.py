"""Counts what a run did so far, for its page, the list of runs and the API."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import (
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from exposure.models import (
    Evidence,
    EvidenceKind,
    Observation,
    Run,
    RunEvent,
    RunTarget,
    Service,
    TargetState,
)
from exposure.services import probe_ledger

REFUSED = "refused"  # how every line of the log begins that tells of nothing sent


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What one run did; `checked` counts the second looks at a finding."""

    addresses: int
    services: int
    new: int
    refused: int
    checked: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run is: addresses by what became of them, and what was sent.

    `recent` counts the connections of the last RATE_WINDOW, `seconds` since its start,
    `deep` the connections to addresses of the plant's levels 2 and below.
    """

    total: int
    done: int
    left: int
    swept: int
    answering: int
    identified: int
    connections: int
    bytes_out: int
    recent: int
    deep: int
    counts: RunCounts
    seconds: float


def counted_runs() -> QuerySet[Run]:
    """Return the runs, newest first, with what `counts_of` reads, in one query."""
    mine = OuterRef("pk")
    refused = RunEvent.objects.filter(run=mine, text__startswith=REFUSED)
    checked = Evidence.objects.filter(run=mine, kind=EvidenceKind.SECOND)
    return (
        Run.objects.select_related(
            "site", "authorisation", "requested_by", "stop_requested_by"
        )
        .annotate(
            n_addresses=_count(RunTarget.objects.filter(run=mine), "run"),
            n_services=_count(
                Observation.objects.filter(run=mine), "run", of_sockets=True
            ),
            n_new=_count(Service.objects.filter(first_run=mine), "first_run"),
            n_refused=_count(refused, "run"),
            n_checked=_count(checked, "run"),
        )
        .order_by("-number")
    )


def counts_of(run: Run) -> RunCounts:
    """Return what the database counted for a run of `counted_runs`."""
    counted = vars(run)
    return RunCounts(
        **{field.name: counted[f"n_{field.name}"] for field in fields(RunCounts)}
    )


def tally_of(run: Run) -> Tally:
    """Count how far a run of `counted_runs` is."""
    now = run.finished_at or timezone.now()
    done = Q(state=TargetState.DONE)
    answering = ~Q(open_ports=[], udp_answered=[])
    targets = RunTarget.objects.filter(run=run).aggregate(
        total=Count("pk"),
        done=Count("pk", filter=done),
        swept=Count("pk", filter=~Q(state=TargetState.PENDING)),
        answering=Count("pk", filter=answering),
        identified=Count("pk", filter=answering & done),
    )
    sent = probe_ledger.totals(run, until=now)
    return Tally(
        **targets,
        connections=sent.connections,
        bytes_out=sent.bytes_out,
        recent=sent.recent,
        deep=sent.deep,
        left=targets["total"] - targets["done"],
        counts=counts_of(run),
        seconds=(now - run.started_at).total_seconds() if run.started_at else 0.0,
    )


def _count(rows: QuerySet[Any], by: str, *, of_sockets: bool = False) -> Coalesce:
    """Count rows of a run; `of_sockets`: vantage, address and socket that differ."""
    parts = [F(name) for name in ("vantage", "address", "port", "transport")]
    socket = Func(*parts, function="ROW", output_field=TextField())
    what = socket if of_sockets else F("pk")
    counted = (
        rows.order_by()
        .values(by)
        .annotate(n=Count(what, distinct=of_sockets))
        .values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
