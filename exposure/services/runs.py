"""Runs: asked for by people, stopped by people, and always ended."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, DomainError
from exposure.logic.check_sets import versions
from exposure.logic.profiles import NORMAL, Profile
from exposure.logic.run_states import AT_WORK, LIVE, check_move
from exposure.models import (
    Authorisation,
    Run,
    RunEvent,
    RunState,
    Schedule,
    Stage,
    TargetState,
)
from exposure.probes.text import harmless
from exposure.services import hours
from exposure.services.parts import is_sending
from exposure.services.scope import why_not_now
from tenants.models import User, next_number
from tenants.origin import named
from tenants.services import ledger
from tenants.services.jobs import enqueue

# From here on a run has no parts any more.
BEYOND = frozenset({Stage.VALIDATE, Stage.PATHS})


class NotAuthorised(DomainError):
    """Nothing may be sent; the text says why."""


@transaction.atomic
def start_run(
    authorisation_id: uuid.UUID,
    *,
    by: User | None,
    profile: Profile = NORMAL,
    schedule: Schedule | None = None,
) -> Run:
    """Ask for a run of everything the authorisation covers.

    Raises NotAuthorised when the authorisation is unsigned, not begun or over, and
    Conflict when a run of this site is under way or paused; then nothing is sent.
    """
    authorisation = Authorisation.objects.select_related("site").get(
        pk=authorisation_id
    )
    if reason := why_not_now(authorisation, now=timezone.now()):
        raise NotAuthorised(f"{reason} Nothing was sent.")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                number=next_number("run"),
                site=authorisation.site,
                authorisation=authorisation,
                requested_by=by,
                profile=profile.name,
                profile_version=profile.version,
                schedule=schedule,
                checks=versions(),
            )
    except IntegrityError as error:
        raise Conflict(_why_taken(authorisation)) from error
    record(
        "run.asked",
        run,
        by=by,
        text=f"Asked for run {run.number}, {profile.label.lower()} profile.",
    )
    enqueue("exposure.discover", args={"run_id": str(run.pk)})
    return run


def next_opening(
    authorisation: Authorisation, *, now: dt.datetime
) -> dt.datetime | None:
    """Return when the hours of an authorisation open next.

    None: they are open, or nobody knows of a moment when they will be. Runs and
    schedules ask here and nowhere else.
    """
    opens = hours.next_opening(authorisation, now)
    return opens if opens is not None and opens > now else None


@transaction.atomic
def request_stop(run_id: uuid.UUID, *, by: User) -> Run:
    """Stop a run: no new packet is sent once the worker has seen the flag.

    The flag is in the database, so it works with a dead broker too. A run that waits
    or is paused ends at once. Asking twice, or for a run that has ended, changes
    nothing.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state not in LIVE or run.stop_requested_at is not None:
        return run
    run.stop_requested_at, run.stop_requested_by = timezone.now(), by
    run.save(update_fields=["stop_requested_at", "stop_requested_by"])
    log_line(run, f"Stop asked for by {named(by)}.")
    record("run.stop_asked", run, by=by, text=f"Asked to stop run {run.number}.")
    settle(run)
    return run


def settle(run: Run) -> None:
    """End or pause a run if that was asked for and nobody sends for it any more.

    Call it with the run locked. At its second check and after, whoever works on the
    run does this instead.
    """
    if run.state == RunState.PAUSED and run.stop_requested_at is not None:
        _stop(run)
    if run.state not in AT_WORK or run.stage in BEYOND or is_sending(run):
        return
    if run.stop_requested_at is not None:
        _stop(run)
    elif run.pause_requested_at is not None:
        pause_now(run)


def pause_now(run: Run) -> None:
    """Put a run aside with all that it has done; nothing of it is under way."""
    check_move(run.state, RunState.PAUSED)
    now = timezone.now()
    run.state, run.paused_at, run.closed_at = RunState.PAUSED, now, now
    run.save(update_fields=["state", "paused_at", "closed_at"])
    if run.started_at is not None:
        log_line(run, f"Paused. {_left(run)} addresses are still to be looked at.")


def _stop(run: Run) -> None:
    if run.started_at is not None:
        log_line(run, f"Stopped. {_left(run)} addresses were not looked at.")
    run.closed_at = run.closed_at if run.state == RunState.PAUSED else timezone.now()
    run.save(update_fields=["closed_at"])
    end_run(run, RunState.STOPPED)


def _left(run: Run) -> int:
    return run.targets.exclude(state=TargetState.DONE).count()


def _why_taken(authorisation: Authorisation) -> str:
    paused = Run.objects.filter(site=authorisation.site_id, state=RunState.PAUSED)
    if run := paused.first():
        return f"Run {run.number} of this site is paused. Let it go on, or stop it."
    return "A run of this site is under way already."


def record(action: str, run: Run, *, by: User | None, text: str) -> None:
    """Write into the ledger what somebody did with a run."""
    ledger.append(
        action, about=f"run {run.number}", by=by, text=text, site_id=run.site_id
    )


def must_halt(run_id: uuid.UUID) -> bool:
    """Whether somebody asked to stop or pause the run, or it is not at work."""
    columns = ("stop_requested_at", "pause_requested_at", "state")
    row = Run.objects.filter(pk=run_id).values_list(*columns).first()
    return row is None or bool(row[0] or row[1]) or row[2] not in AT_WORK


def end_run(run: Run, state: RunState, *, error: str = "") -> None:
    """Move the run to its last state, with the reason if it failed."""
    check_move(run.state, state)
    run.state, run.finished_at, run.error = state, timezone.now(), error[:300]
    run.save(update_fields=["state", "finished_at", "error"])


@transaction.atomic
def fail_run(run_id: uuid.UUID, *, error: str) -> None:
    """End a run that cannot go on; a run that has ended stays as it is."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state in LIVE:
        log_line(run, error)
        end_run(run, RunState.FAILED, error=error)


def enter_stage(run: Run, stage: Stage) -> None:
    """Say which step the run is at."""
    run.stage = stage
    run.save(update_fields=["stage"])


def add_seconds(run: Run, stage: Stage, seconds: float) -> None:
    """Add to the time that a step took, for people who wait; several may add at once."""
    row = Run.objects.select_for_update().only("stage_seconds").get(pk=run.pk)
    run.stage_seconds = row.stage_seconds
    spent = run.stage_seconds.get(stage.value, 0) + seconds
    run.stage_seconds[stage.value] = round(spent, 2)
    run.save(update_fields=["stage_seconds"])


def log_line(run: Run, text: str, *, target: str = "", notable: bool = True) -> None:
    """Write one line of the run's log, for people; it may quote what a target said."""
    RunEvent.objects.create(
        run=run,
        at=timezone.now(),
        target=harmless(target, limit=64),
        text=harmless(text, limit=300),
        notable=notable,
    )
