"""How a worker takes up its part of a run and puts it down again."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from exposure.logic.run_states import AT_WORK, check_move
from exposure.models import (
    Authorisation,
    PartState,
    Run,
    RunState,
    Stage,
    TargetState,
)
from exposure.services import halts, parts
from exposure.services.gone import mark_gone
from exposure.services.pausing import pause_for_hours
from exposure.services.runs import (
    BEYOND,
    end_run,
    enter_stage,
    log_line,
    must_halt,
    next_opening,
    settle,
)
from exposure.services.scope import why_not_now
from tenants.scope import workspace_scope


def begin(run_id: uuid.UUID, vantage_id: uuid.UUID | None) -> Run | None:
    """Take up one worker's part of a run; None when there is nothing to do for it.

    A run that may not send anything now ends or pauses here, before the first packet.
    """
    with workspace_scope():
        run = (
            Run.objects.select_for_update(of=("self",))
            .select_related("authorisation", "site")
            .get(pk=run_id)
        )
        if run.state not in AT_WORK or run.stage in BEYOND:
            return None
        now = timezone.now()
        if until := next_opening(run.authorisation, now=now):
            pause_for_hours(run, until=until)
        elif reason := why_not_now(run.authorisation, now=now):
            log_line(run, f"{reason} Nothing was sent.")
            end_run(run, RunState.FAILED, error=reason)
            return None
        if run.started_at is not None:  # also one of before there were parts
            parts.make_own_part(run)
            parts.make_parts(run)
        if must_halt(run_id):
            _put_down(run, vantage_id)
            return None
        if run.started_at is None:
            run.started_at = now
            run.save(update_fields=["started_at"])
        parts.make_own_part(run)
        return _take_up(run, vantage_id)


def _take_up(run: Run, vantage_id: uuid.UUID | None) -> Run | None:
    crashed = parts.part_of(run, vantage_id).filter(state=PartState.WORKING).exists()
    if parts.begin(run, vantage_id) is None:
        return None
    if crashed:
        run.resumed += 1
        log_line(run, "The worker had stopped. Going on with what was not done.")
    if run.state == RunState.QUEUED:
        check_move(run.state, RunState.RUNNING)
        run.state = RunState.RUNNING
    run.save(update_fields=["state", "resumed"])
    return run


def _tell_of_an_end(run: Run) -> None:
    """Say why there are addresses that nobody looked at, if nothing may be sent now."""
    left = run.targets.exclude(state=TargetState.DONE).count()
    authorisation = Authorisation.objects.get(pk=run.authorisation_id)
    if left and (reason := why_not_now(authorisation, now=timezone.now())):
        log_line(run, f"{reason} {left} addresses were not looked at.")


def _put_down(run: Run, vantage_id: uuid.UUID | None) -> None:
    """Leave a part that somebody wants halted, and say so if it was the last one."""
    part = parts.part_of(run, vantage_id).first()
    if part is not None and part.state != PartState.DONE:
        parts.leave(part, done=False)
    settle(run)


def hours_closed(run_id: uuid.UUID) -> bool:
    """Whether the hours of the run's authorisation are over; then it is asked to pause."""
    now = timezone.now()
    authorisation = Authorisation.objects.filter(run=run_id).first()
    until = next_opening(authorisation, now=now) if authorisation else None
    if until is None:
        return False
    with transaction.atomic():
        pause_for_hours(Run.objects.select_for_update().get(pk=run_id), until=until)
    return True


def hand_over(
    run_id: uuid.UUID,
    vantage_id: uuid.UUID | None,
    *,
    last_packet_at: dt.datetime | None,
    closed_at: dt.datetime,
) -> None:
    """Leave the run to the other workers or to the second check, or put it down."""
    with workspace_scope():
        hours_closed(run_id)  # an edge ends the work before the watch has seen it
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in AT_WORK:
            return
        if last_packet_at is not None:
            run.last_packet_at = max(
                run.last_packet_at or last_packet_at, last_packet_at
            )
            run.save(update_fields=["last_packet_at"])
        if must_halt(run_id):
            halts.note_stop(run, last_sent_at=run.last_packet_at, closed_at=closed_at)
            _put_down(run, vantage_id)
            return
        _tell_of_an_end(run)
        parts.leave(parts.part_of(run, vantage_id).get(), done=True)
        if run.parts.exclude(state=PartState.DONE).exists():
            for part in parts.waits_for(run):
                log_line(run, f"Waits for the worker of {part}.")
            return
        mark_gone(run)
        enter_stage(run, Stage.VALIDATE)
