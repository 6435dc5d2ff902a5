"""Runs: asked for by people, stopped by people, and always ended."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, DomainError
from exposure.logic.run_states import LIVE, check_move
from exposure.models import Authorisation, Run, RunEvent, RunState, Stage
from exposure.probes.text import harmless
from exposure.services.scope import why_not_now
from tenants.models import User, next_number
from tenants.origin import named
from tenants.services import ledger
from tenants.services.jobs import enqueue


class NotAuthorised(DomainError):
    """Nothing may be sent; the text says why."""


@transaction.atomic
def start_run(authorisation_id: uuid.UUID, *, by: User | None) -> Run:
    """Ask for a run of everything the authorisation covers.

    Raises NotAuthorised when the authorisation is unsigned, not begun or over, and
    Conflict when a run of this site is under way; then nothing is sent.
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
            )
    except IntegrityError as error:
        raise Conflict("A run of this site is under way already.") from error
    _record("run.asked", run, by=by, text=f"Asked for run {run.number}.")
    enqueue("exposure.discover", args={"run_id": str(run.pk)})
    return run


@transaction.atomic
def request_stop(run_id: uuid.UUID, *, by: User) -> Run:
    """Stop a run: no new packet is sent once the worker has seen the flag.

    The flag is in the database, so it works with a dead broker too. Asking twice, or
    for a run that has ended, changes nothing.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state not in LIVE or run.stop_requested_at is not None:
        return run
    run.stop_requested_at, run.stop_requested_by = timezone.now(), by
    run.save(update_fields=["stop_requested_at", "stop_requested_by"])
    log_line(run, f"Stop asked for by {named(by)}.")
    _record("run.stop_asked", run, by=by, text=f"Asked to stop run {run.number}.")
    if run.state == RunState.QUEUED:
        end_run(run, RunState.STOPPED)
    return run


def _record(action: str, run: Run, *, by: User | None, text: str) -> None:
    ledger.append(
        action, about=f"run {run.number}", by=by, text=text, site_id=run.site_id
    )


def is_stop_requested(run_id: uuid.UUID) -> bool:
    """Whether somebody asked to stop the run, or it has ended already."""
    row = (
        Run.objects.filter(pk=run_id).values_list("stop_requested_at", "state").first()
    )
    return row is None or row[0] is not None or row[1] not in LIVE


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
    """Add to the time that a step took, for people who wait."""
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
