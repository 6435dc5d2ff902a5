"""The search for names of one site, from the signed scope to what their records say.

It can be resumed: a name that was looked up since the search began is not asked again,
and a zone whose guesses were tried is not tried again.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone

from exposure.models import NameRecord, NameSearch, Run, SearchState
from exposure.services import name_searches
from exposure.services.name_job import Job
from exposure.services.name_scope import refresh, scope_of
from exposure.services.name_seeds import note_certificates, note_entries, note_reverse
from exposure.services.name_steps import guess, look_at_all
from exposure.services.resolving import NoResolver
from exposure.services.scope import why_not_now
from exposure.services.watch import Watch
from tenants.scope import workspace_scope

MOST_SECONDS = 3600
KEPT = dt.timedelta(days=400)
LATE = "An hour was not enough. What is left is looked up next time."


def find_names(search_id: uuid.UUID, *, heartbeat: Callable[[], None]) -> None:
    """Do the work of a search; safe to call again after a crash.

    `heartbeat` is called about five times a second and raises when the work was given to
    somebody else.
    """
    search = _begin(search_id)
    if search is None:
        return

    def ask() -> bool:
        heartbeat()
        return _must_stop(search)

    with Watch(ask) as watch:
        done = _work(search, should_stop=watch.should_stop)
    _finish(search, done=done)


def find_for_run(run: Run, *, should_stop: Callable[[], bool]) -> None:
    """Look at the names of a run's scope, as its first step; the run's stop holds."""
    with workspace_scope():
        search = _of_run(run)
    if search is None:
        return
    done = _work(search, should_stop=should_stop)
    _finish(search, done=done)


def _of_run(run: Run) -> NameSearch | None:
    """Return the search of a run, or the one that waits for its site anyway."""
    search = NameSearch.objects.filter(run=run).first()
    if search is not None:
        return search if search.state in name_searches.LIVE else None
    name_searches.end_orphans(run.site_id)
    try:
        with transaction.atomic():
            return NameSearch.objects.create(
                site=run.site,
                authorisation=run.authorisation,
                run=run,
                requested_by=run.requested_by,
                state=SearchState.RUNNING,
                started_at=timezone.now(),
            )
    except IntegrityError:
        return None  # another one of this site will do it


def _begin(search_id: uuid.UUID) -> NameSearch | None:
    with workspace_scope():
        search = (
            NameSearch.objects.select_for_update(of=("self",))
            .select_related("authorisation", "site")
            .get(pk=search_id)
        )
        if search.state not in name_searches.LIVE:
            return None
        if reason := why_not_now(search.authorisation, now=timezone.now()):
            name_searches.end(search, SearchState.FAILED, error=reason)
            return None
        search.state = SearchState.RUNNING
        search.started_at = search.started_at or timezone.now()
        search.save(update_fields=["state", "started_at"])
        return search


def _must_stop(search: NameSearch) -> bool:
    with workspace_scope():
        if name_searches.is_stop_requested(search.pk):
            return True
        # A withdrawn signature holds from the next question on.
        fresh = type(search.authorisation).objects.get(pk=search.authorisation_id)
        return bool(why_not_now(fresh, now=timezone.now()))


def _work(search: NameSearch, *, should_stop: Callable[[], bool]) -> bool:
    """Look; return whether it came to its end."""
    ends_at = time.monotonic() + MOST_SECONDS

    def stop() -> bool:
        return should_stop() or time.monotonic() > ends_at

    with workspace_scope():
        job = Job(search, scope_of(search.authorisation), stop)
        note_entries(search.authorisation, at=job.at)
        note_certificates(job)
        refresh(search.site_id)
    try:
        note_reverse(job)
        look_at_all(job)
        guess(job)
        look_at_all(job)
    except NoResolver as error:
        with workspace_scope():
            name_searches.end(search, SearchState.FAILED, error=str(error))
        return False
    if time.monotonic() > ends_at:
        search.error = LATE
    return not stop()


@transaction.atomic
def _finish(search: NameSearch, *, done: bool) -> None:
    """End a search, unless it only lost its worker: then somebody else goes on."""
    with workspace_scope():
        refresh(search.site_id)
        row = NameSearch.objects.select_for_update().get(pk=search.pk)
        if row.state not in name_searches.LIVE:
            return
        if row.stop_requested_at is not None or (
            row.run is not None and row.run.stop_requested_at is not None
        ):
            name_searches.end(row, SearchState.STOPPED)
            return
        reason = search.error or why_not_now(row.authorisation, now=timezone.now())
        if reason or done:
            state = SearchState.STOPPED if reason else SearchState.FINISHED
            name_searches.end(row, state, error=reason)
            _forget(row)


def _forget(search: NameSearch) -> None:
    """Let go of what has been gone for long: records that change daily would pile up."""
    before = timezone.now() - KEPT
    NameRecord.objects.filter(
        holding__site_id=search.site_id, gone_at__lt=before
    ).delete()
    NameSearch.objects.filter(site_id=search.site_id, finished_at__lt=before).delete()
