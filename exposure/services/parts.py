"""The parts of a run, one a worker: who does what, who is waited for, when all is done."""

import datetime as dt
import uuid

from django.db.models import Q, QuerySet
from django.utils import timezone

from exposure.logic.run_states import AT_WORK
from exposure.models import PartState, Run, RunPart, RunTarget, TargetState, Vantage
from tenants.services.jobs import enqueue

TURN = dt.timedelta(seconds=5)


def own_targets(run: Run, vantage_id: uuid.UUID | None) -> QuerySet[RunTarget]:
    """Return the addresses of one worker's part; None: the installation's own."""
    if vantage_id is None:
        return run.targets.filter(vantage__own_worker=False)
    return run.targets.filter(vantage_id=vantage_id)


def part_of(run: Run, vantage_id: uuid.UUID | None) -> QuerySet[RunPart]:
    """Return the one part of one worker."""
    if vantage_id is None:
        return run.parts.filter(vantage__isnull=True)
    return run.parts.filter(vantage=vantage_id)


def make_parts(run: Run) -> None:
    """Write down which workers the run needs, and call those that are there."""
    now = timezone.now()
    for vantage in Vantage.objects.filter(
        own_worker=True, pk__in=run.targets.values("vantage")
    ):
        part, is_new = RunPart.objects.get_or_create(
            run=run, vantage=vantage, defaults={"since": now}
        )
        if is_new:
            wake(part)


def make_own_part(run: Run) -> None:
    """Write down that the installation's own worker has a part in every run.

    It finds the addresses, so it is the first, and the others wait for it.
    """
    now = timezone.now()
    RunPart.objects.get_or_create(run=run, vantage=None, defaults={"since": now})


def wake(part: RunPart) -> None:
    """Give a part that waits to its worker; one without a worker goes on waiting."""
    run, vantage = part.run, part.vantage
    if part.state != PartState.WAITING or run.state not in AT_WORK:
        return
    if vantage is None:
        enqueue("exposure.discover", args={"run_id": str(run.pk)}, key=f"run {run.pk}")
    elif vantage.has_worker:
        enqueue(
            "exposure.discover_from",
            args={"run_id": str(run.pk), "vantage_id": str(vantage.pk)},
            key=f"part {part.pk}",
            queue=vantage.queue,
        )


def begin(run: Run, vantage_id: uuid.UUID | None) -> RunPart | None:
    """Take a part up; None when it is done, or must wait for its turn.

    Two workers never talk to one address at a time: whoever comes second is called
    again a little later. Call it with the run locked.
    """
    part = part_of(run, vantage_id).select_for_update().get()
    if part.state == PartState.DONE:
        return None
    if part.state == PartState.WAITING:
        if _is_taken(run, part):
            _call_later(run, part)
            return None
        part.state, part.since = PartState.WORKING, timezone.now()
        part.save(update_fields=["state", "since"])
    return part


def leave(part: RunPart, *, done: bool) -> None:
    """Put a part down: done, or to be taken up again."""
    part.state = PartState.DONE if done else PartState.WAITING
    part.since = timezone.now()
    part.save(update_fields=["state", "since"])


def is_sending(run: Run) -> bool:
    """Whether some worker may still send something for the run.

    A worker elsewhere that is not heard of any more has lost its lease or its database:
    either way it has stopped by itself (see `Watch`).
    """
    parts = list(run.parts.select_related("vantage"))
    if not parts:  # a run of before there were parts, if it ever began
        return run.started_at is not None
    return any(
        part.state == PartState.WORKING
        and (part.vantage is None or part.vantage.has_worker)
        for part in parts
    )


def waits_for(run: Run) -> list[RunPart]:
    """Return the parts whose worker is not there."""
    parts = run.parts.exclude(state=PartState.DONE).select_related("vantage")
    return [part for part in parts if part.vantage and not part.vantage.has_worker]


def talks_to(address: str, *, besides: Vantage) -> bool:
    """Whether a worker with another queue than that of `besides` has an address in hand."""
    busy = RunPart.objects.filter(state=PartState.WORKING, run__state__in=AT_WORK)
    open_ = RunTarget.objects.filter(address=address).exclude(state=TargetState.DONE)
    here = Q(vantage__own_worker=False)
    if besides.own_worker:
        local = busy.filter(vantage__isnull=True)
        if open_.filter(here, run__in=local.values("run")).exists():
            return True
    elsewhere = busy.filter(vantage__isnull=False).exclude(vantage=besides)
    return open_.filter(
        vantage__in=elsewhere.values("vantage"), run__in=elsewhere.values("run")
    ).exists()


def _is_taken(run: Run, part: RunPart) -> bool:
    busy = run.parts.filter(state=PartState.WORKING).exclude(pk=part.pk)
    theirs = Q(vantage__in=busy.exclude(vantage=None).values("vantage"))
    if busy.filter(vantage=None).exists():
        theirs |= Q(vantage__own_worker=False)
    open_ = run.targets.exclude(state=TargetState.DONE)
    mine = own_targets(run, part.vantage_id).exclude(state=TargetState.DONE)
    return (
        open_.filter(theirs, address__in=mine.values("address"))
        .exclude(pk__in=mine.values("pk"))
        .exists()
    )


def _call_later(run: Run, part: RunPart) -> None:
    args = {"run_id": str(run.pk)}
    task, queue = "exposure.discover", ""
    if part.vantage is not None:
        args["vantage_id"] = str(part.vantage_id)
        task, queue = "exposure.discover_from", part.vantage.queue
    enqueue(task, args=args, run_after=timezone.now() + TURN, queue=queue)
