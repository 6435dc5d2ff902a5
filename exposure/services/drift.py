"""Notes what changed about a service from run to run, and counts and lists it."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from exposure.logic.drift import Change, Seen, differences
from exposure.models import Observation, Run, Service, ServiceChange, ServiceState
from exposure.probes.base import Outcome

# What a look compares: an answer that made sense, or one that was told as odd.
COMPARED = (Outcome.IDENTIFIED.value, Outcome.ANOMALY.value)


@dataclass(frozen=True, slots=True)
class Summary:
    """A run beside the run before it: services by what became of them."""

    new: int
    changed: int
    back: int
    gone: int
    unchanged: int


def note_change(
    service: Service,
    run: Run,
    observation: Observation,
    *,
    was: ServiceState | None,
    protocol: str = "",
) -> bool:
    """Write down how an answer differs from the one before; return whether it does.

    `was` is the state of the service before this run, None if there was no service;
    `protocol` is the one it had, "" where it says the same as now. Answers are compared
    with the last ones of the same probe, so that an order of probes is no change. Only
    what was looked at is compared: a probe that was left out says nothing.
    """
    if was is None:
        _note(service, run, Change.NEW, after=_name(service), at=observation.at)
        return True
    changed = False
    if was == ServiceState.GONE:
        _note(service, run, Change.BACK, after=_name(service), at=observation.at)
        changed = True
    if protocol and protocol != service.protocol:
        _note(
            service,
            run,
            Change.PROTOCOL,
            before=protocol,
            after=service.protocol,
            at=observation.at,
        )
        changed = True
    return _compare(service, run, observation) or changed


def note_gone(service: Service, run: Run, *, at: dt.datetime) -> None:
    """Write down that a service was looked for and did not answer."""
    _note(service, run, Change.GONE, before=_name(service), at=at)


def summary_of(run: Run, *, seen: int) -> Summary:
    """Count what became of the services of a run, in one query; `seen` is how many."""
    mine = ServiceChange.objects.filter(run=run).order_by().values("service")
    flags = mine.annotate(
        is_new=_times(Change.NEW),
        is_gone=_times(Change.GONE),
        is_back=_times(Change.BACK),
    )
    found = flags.aggregate(
        touched=Count("service"),
        new=Count("service", filter=Q(is_new__gt=0)),
        gone=Count("service", filter=Q(is_new=0, is_gone__gt=0)),
        back=Count("service", filter=Q(is_new=0, is_gone=0, is_back__gt=0)),
    )
    changed = found["touched"] - found["new"] - found["gone"] - found["back"]
    there = found["new"] + found["back"] + changed
    return Summary(
        new=found["new"],
        changed=changed,
        back=found["back"],
        gone=found["gone"],
        unchanged=max(0, seen - there),
    )


def _times(kind: Change) -> Count:
    return Count("pk", filter=Q(kind=kind.value))


def changes(
    *,
    site_id: uuid.UUID | None = None,
    kind: str = "",
    since: dt.datetime | None = None,
    run: Run | None = None,
) -> QuerySet[ServiceChange]:
    """Return what changed, newest first, with what a line of the feed shows."""
    rows = ServiceChange.objects.select_related(
        "service__asset__site", "service__vantage", "run"
    )
    if site_id is not None:
        rows = rows.filter(service__asset__site=site_id)
    if kind:
        rows = rows.filter(kind=kind)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if run is not None:
        rows = rows.filter(run=run)
    return rows.order_by("-at", "-id")


def _compare(service: Service, run: Run, observation: Observation) -> bool:
    if observation.outcome not in COMPARED:
        return False
    before = (
        Observation.objects.filter(
            address=service.address,
            port=service.port,
            vantage=service.vantage_id,
            transport=service.transport,
            probe=observation.probe,
            # Another version of a probe reads other things: that is our change.
            probe_version=observation.probe_version,
            outcome__in=COMPARED,
        )
        .exclude(run=run)
        .exclude(pk=observation.pk)
        .order_by("-at")
        .first()
    )
    if before is None:
        return False
    found = differences(
        Seen(before.facts, before.level), Seen(observation.facts, observation.level)
    )
    for each in found:
        _note(
            service,
            run,
            each.kind,
            before=each.before,
            after=each.after,
            at=observation.at,
        )
    return bool(found)


def _note(
    service: Service,
    run: Run,
    kind: Change,
    *,
    before: str = "",
    after: str = "",
    at: dt.datetime,
) -> None:
    # A worker that went on after a crash may ask the same again.
    ServiceChange.objects.get_or_create(
        service=service,
        run=run,
        kind=kind.value,
        before=before,
        after=after,
        defaults={"at": at},
    )


def _name(service: Service) -> str:
    return " ".join(filter(None, (service.protocol, service.product)))[:300]
