"""Searches for names: asked for by people, stopped by people, and always ended."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict
from exposure.logic.run_states import LIVE as RUNS_LIVE
from exposure.models import Authorisation, NameSearch, SearchState
from exposure.services.runs import NotAuthorised
from exposure.services.scope import why_not_now
from tenants.models import User
from tenants.services import ledger
from tenants.services.jobs import enqueue

LIVE = frozenset({SearchState.QUEUED, SearchState.RUNNING})


@transaction.atomic
def start(authorisation_id: uuid.UUID, *, by: User | None) -> NameSearch:
    """Ask for a look at the names that an authorisation covers.

    Raises NotAuthorised when it is unsigned, not begun or over, and Conflict when a look
    at this site is under way; then nothing is asked.
    """
    authorisation = Authorisation.objects.select_related("site").get(
        pk=authorisation_id
    )
    if reason := why_not_now(authorisation, now=timezone.now()):
        raise NotAuthorised(f"{reason} Nothing was asked.")
    end_orphans(authorisation.site_id)
    try:
        with transaction.atomic():
            search = NameSearch.objects.create(
                site=authorisation.site, authorisation=authorisation, requested_by=by
            )
    except IntegrityError as error:
        raise Conflict("Names of this site are being looked up already.") from error
    _record("names.asked", search, by=by, text="Asked for a look at the names.")
    enqueue("exposure.find_names", args={"search_id": str(search.pk)})
    return search


@transaction.atomic
def request_stop(search_id: uuid.UUID, *, by: User) -> NameSearch:
    """Stop a search: nothing is asked any more once the worker has seen the flag.

    Asking twice, or for a search that has ended, changes nothing.
    """
    search = NameSearch.objects.select_for_update().get(pk=search_id)
    if search.state not in LIVE or search.stop_requested_at is not None:
        return search
    search.stop_requested_at, search.stop_requested_by = timezone.now(), by
    search.save(update_fields=["stop_requested_at", "stop_requested_by"])
    _record("names.stop_asked", search, by=by, text="Asked to stop the look at names.")
    if search.state == SearchState.QUEUED:
        end(search, SearchState.STOPPED)
    return search


def end_orphans(site_id: uuid.UUID) -> None:
    """End the searches of runs that have ended without them: nothing waits for ever."""
    orphans = NameSearch.objects.filter(
        site_id=site_id, state__in=LIVE, run__isnull=False
    )
    for search in orphans.exclude(run__state__in=RUNS_LIVE).select_for_update(
        of=("self",)
    ):
        end(search, SearchState.FAILED, error="The run ended before its names did.")


def is_stop_requested(search_id: uuid.UUID) -> bool:
    """Whether somebody asked to stop, or the search has ended already."""
    row = (
        NameSearch.objects.filter(pk=search_id)
        .values_list("stop_requested_at", "state")
        .first()
    )
    return row is None or row[0] is not None or row[1] not in LIVE


def end(search: NameSearch, state: SearchState, *, error: str = "") -> None:
    """Move a search to its last state, with the reason if it did not come to its end."""
    search.state, search.finished_at = state, timezone.now()
    search.error = error[:300]
    search.save(update_fields=["state", "finished_at", "error"])


def give_up(search_id: str) -> None:
    """End a search whose work failed too often."""
    search = (
        NameSearch.objects.select_for_update().filter(pk=uuid.UUID(search_id)).first()
    )
    if search is not None and search.state in LIVE:
        end(
            search,
            SearchState.FAILED,
            error="The search was interrupted several times and is given up.",
        )


def _record(action: str, search: NameSearch, *, by: User | None, text: str) -> None:
    ledger.append(
        action,
        about=f"names of {search.site.name}",
        by=by,
        text=text,
        site_id=search.site_id,
    )
