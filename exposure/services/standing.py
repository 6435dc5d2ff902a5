"""Whether the figures are those of the plant as it is now, and if not, why."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from exposure.models import (
    PartState,
    PathRefusal,
    PathRevision,
    Run,
    RunPart,
    RunState,
    Stage,
)
from exposure.models.scope import SILENCE
from tenants.models import Job, Workspace
from tenants.models.jobs import JobState
from tenants.scope import current_workspace_id, site_limit, whole_workspace

REBUILD = "exposure.rebuild_paths"
WAITING = (JobState.QUEUED, JobState.SENT, JobState.RUNNING)
LONGEST = 500
ELSEWHERE = "Somebody who sees all sites is told why."


@dataclass(frozen=True, slots=True)
class Standing:
    """How the newest revision stands to the plant.

    `refused`: why the plant cannot be counted, empty when it can. `is_due`: something
    has changed, or may have, and a count is asked for. `is_looked_at`: a run is in the
    middle of its look, and the count waits for the end of it. `number` and `at` are those
    of the revision that is shown; None before the first one.
    """

    refused: str
    is_due: bool
    is_looked_at: bool
    number: int | None
    at: dt.datetime | None


def standing() -> Standing:
    """Return how the figures stand; one question to the database."""
    rows = Workspace.objects.filter(pk=current_workspace_id())
    return read(rows.values(**as_columns()).get())


def as_columns() -> dict[str, Any]:
    """Return what `read` needs as columns that any query may carry.

    All sites count, whoever reads: figures of one site follow from the whole plant.
    """
    newest = PathRevision.objects.order_by("-number")
    # What the clock asks for is a look whether something has changed, no more.
    due = Job.objects.filter(task=REBUILD, state__in=WAITING).exclude(key="tick")
    with whole_workspace():
        return {
            "path_refused": Subquery(PathRefusal.objects.values("words")[:1]),
            "path_is_due": Exists(due),
            "path_is_looked_at": Exists(runs_looking()),
            "path_number": Subquery(newest.values("number")[:1]),
            "path_at": Subquery(newest.values("created_at")[:1]),
        }


def read(row: Mapping[str, Any]) -> Standing:
    """Return what `as_columns` found; who sees some sites is not told what is refused."""
    refused = row["path_refused"] or ""
    return Standing(
        refused=ELSEWHERE if refused and site_limit() is not None else refused,
        is_due=row["path_is_due"],
        is_looked_at=row["path_is_looked_at"],
        number=row["path_number"],
        at=row["path_at"],
    )


def runs_looking() -> QuerySet[Run]:
    """Return the runs that leave half a picture of their site at this moment.

    What is found goes into the plant from the identification on, at workers elsewhere
    already while ports are looked for. A run that waits, for its turn, for its hours or
    for a worker that is not there, may do so for days: nobody is at work on it.
    """
    parts = RunPart.objects.filter(run=OuterRef("pk"))
    heard_of = Q(vantage__seen_at__gt=timezone.now() - SILENCE)
    ours = Q(vantage__isnull=True) | Q(vantage__own_worker=False)
    at_work = parts.filter(ours | heard_of, state=PartState.WORKING)
    running = Run.objects.filter(state=RunState.RUNNING)
    return running.filter(
        Q(stage=Stage.VALIDATE)
        | Q(Exists(at_work) | ~Exists(parts), stage=Stage.IDENTIFY)
        | Q(Exists(at_work.filter(vantage__isnull=False)), stage=Stage.SWEEP)
    )


def refuse(words: str) -> None:
    """Keep why the plant cannot be counted; since when is kept while it is the same."""
    text = words[:LONGEST]
    row = PathRefusal.objects.first()
    if row is not None and row.words == text:
        return
    PathRefusal.objects.all().delete()
    PathRefusal.objects.create(words=text, at=timezone.now())


def accept() -> None:
    """Forget why the plant could not be counted: it has been."""
    PathRefusal.objects.all().delete()
