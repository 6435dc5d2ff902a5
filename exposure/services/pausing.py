"""A run that is put aside, by people or because its hours are over, and taken up again."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict
from exposure.logic.run_states import LIVE, check_move
from exposure.models import PartState, Run, RunState, Stage
from exposure.services.parts import wake
from exposure.services.runs import (
    BEYOND,
    NotAuthorised,
    fail_run,
    log_line,
    next_opening,
    record,
    settle,
)
from exposure.services.scope import why_not_now
from tenants.models import User
from tenants.origin import named
from tenants.services.jobs import enqueue

FLAGS = ["pause_requested_at", "pause_requested_by", "goes_on_at"]


@transaction.atomic
def request_pause(run_id: uuid.UUID, *, by: User) -> Run:
    """Pause a run: like a stop, but it can go on where it was.

    Asking twice, or for a run that has ended or is being stopped, changes nothing.
    Raises Conflict at the last stage, where nothing is sent any more. A run that was
    paused by its hours stays paused when they open: a person said so.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state not in LIVE or run.stop_requested_at is not None:
        return run
    if run.stage == Stage.PATHS:
        raise Conflict("Nothing is sent any more; the run is about to end.")
    if run.pause_requested_at is not None and run.pause_requested_by_id is not None:
        return run
    _ask(run, by=by, until=None)
    log_line(run, f"Pause asked for by {named(by)}.")
    record("run.pause_asked", run, by=by, text=f"Asked to pause run {run.number}.")
    settle(run)
    return run


@transaction.atomic
def resume_run(run_id: uuid.UUID, *, by: User | None) -> Run:
    """Let a paused run go on with what was not done; `by` is None for the clock.

    A run that is not paused stays as it is. Raises NotAuthorised when nothing may be
    sent under its authorisation now.
    """
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != RunState.PAUSED:
        return run
    if reason := why_not_now(run.authorisation, now=timezone.now()):
        raise NotAuthorised(f"{reason} Nothing was sent.")
    beyond = run.stage in BEYOND
    state = RunState.RUNNING if beyond else RunState.QUEUED
    check_move(run.state, state)
    run.state, run.resumed = state, run.resumed + 1
    run.paused_at = run.pause_requested_at = run.pause_requested_by = None
    run.goes_on_at = run.last_packet_at = run.closed_at = None
    columns = ["state", "resumed", "paused_at", "last_packet_at", "closed_at", *FLAGS]
    run.save(update_fields=columns)
    log_line(
        run, f"Goes on, asked for by {named(by)}." if by else "The hours are open."
    )
    record("run.resumed", run, by=by, text=f"Run {run.number} goes on.")
    if beyond:
        enqueue("exposure.validate", key="flow")
    else:
        _call_workers(run)
    return run


def pause_for_hours(run: Run, *, until: dt.datetime) -> None:
    """Ask a run to pause because its hours are over. Call it with the run locked."""
    if run.pause_requested_at is not None:
        return
    _ask(run, by=None, until=until)
    log_line(run, f"Waits for the hours to open at {clock(until)}.")


def mind_paused_runs(*, now: dt.datetime) -> None:
    """Take up what waits for hours that are open, and end what nobody may take up.

    So a forgotten pause never keeps a site from its next run: it ends at the latest
    with its authorisation.
    """
    for pk in list(Run.objects.filter(state__in=LIVE).values_list("pk", flat=True)):
        with transaction.atomic():
            run = Run.objects.select_for_update(of=("self",)).get(pk=pk)
            settle(run)
            if run.state != RunState.PAUSED:
                continue
            if now >= run.authorisation.valid_until:
                reason = why_not_now(run.authorisation, now=now)
                fail_run(run.pk, error=f"{reason} The run was paused until then.")
            elif run.goes_on_at is not None:
                _go_on_if_open(run, now=now)


def _go_on_if_open(run: Run, *, now: dt.datetime) -> None:
    opening = next_opening(run.authorisation, now=now)
    if opening is None:
        if not why_not_now(run.authorisation, now=now):
            resume_run(run.pk, by=None)
    elif opening != run.goes_on_at:
        run.goes_on_at = opening
        run.save(update_fields=["goes_on_at"])


def clock(moment: dt.datetime) -> str:
    """Return a moment for the log."""
    return f"{timezone.localtime(moment):%-d %B, %H:%M}"


def _ask(run: Run, *, by: User | None, until: dt.datetime | None) -> None:
    run.pause_requested_at, run.pause_requested_by = timezone.now(), by
    run.goes_on_at = until
    run.save(update_fields=FLAGS)


def _call_workers(run: Run) -> None:
    parts = list(run.parts.select_related("vantage", "run"))
    run.parts.filter(state=PartState.WORKING).update(state=PartState.WAITING)
    for part in parts:
        part.run = run
        if part.state == PartState.WORKING:
            part.state = PartState.WAITING
        wake(part)
    if not parts:
        enqueue("exposure.discover", args={"run_id": str(run.pk)})
