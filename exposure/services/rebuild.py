"""Recomputes attack paths when what they rest on has changed."""

import time
import uuid
from collections.abc import Sequence

from django.db import connection, transaction

from common.errors import DomainError
from exposure.logic.run_states import AT_WORK
from exposure.models import COUNTED, Finding, Run, RunState, Stage
from exposure.services import figures, revisions, site_figures, standing
from exposure.services.evidence import bundle_hash
from exposure.services.revisions import Computed, Picture
from exposure.services.runs import add_seconds, end_run, fail_run, log_line
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services.jobs import enqueue

UP_TO_DATE = "Attack paths are up to date."
LATER = (
    "Another run is looking at the plant: the attack paths are counted when it is over."
)


def rebuild_paths() -> None:
    """Store a new revision if the plant or the evidence changed, then finish runs.

    Nothing is computed before a first look at the plant, or in the middle of one: half
    a picture would be drawn as a change of exposure. The analysis runs outside any
    transaction. A plant that cannot be counted is refused in words: the figures stay
    those of the revision before, pages say why, and runs that waited end with it.
    """
    began = time.monotonic()
    with workspace_scope():
        # A run that comes here later waits for a picture that was taken later.
        here = Run.objects.filter(state=RunState.RUNNING, stage=Stage.PATHS)
        mine = list(here.values_list("pk", flat=True))
        picture, whole = revisions.picture(), _is_whole_picture()
        known = revisions.is_known(picture)
        lacking = known and site_figures.are_lacking(picture.sites)
    if whole and not known:
        try:
            computed = revisions.compute(picture)
        except DomainError as error:  # the same plant is refused again, however often
            with workspace_scope():
                _refuse(str(error), picture, waiting=mine)
            return
        with workspace_scope():
            if not _store(computed):
                enqueue("exposure.rebuild_paths", key="flow")
                return
    by_site = revisions.compute_sites(picture) if whole and lacking else None
    with workspace_scope():
        wait_for_turn()
        if whole and revisions.is_known(picture):
            site_figures.confirm(by_site, at=picture.taken_at)
            standing.accept()
        _refresh_findings()
        figures.refresh()
        said = UP_TO_DATE if whole else LATER
        _finish_runs(mine, seconds=time.monotonic() - began, said=said)


def _store(computed: Computed) -> bool:
    """Store the answer; False when the plant has changed while it was computed.

    One after the other: the older of two pictures must never become the newest
    revision, and the same picture is stored once.
    """
    wait_for_turn()
    picture = computed.picture
    if not _still_holds(picture):
        return False
    if not revisions.is_known(picture):
        revision = revisions.store(computed)
        site_figures.keep(revision, computed.by_site, at=picture.taken_at)
        figures.tell_findings(
            computed.analysis, picture.snapshot, onward=computed.safety.onward
        )
    return True


def _still_holds(picture: Picture) -> bool:
    now = revisions.picture()
    return (now.snapshot.sha256, now.sites) == (picture.snapshot.sha256, picture.sites)


def wait_for_turn() -> None:
    """Let rebuilds of one workspace write one after the other."""
    with connection.cursor() as cursor:
        turn = f"paths {current_workspace_id()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [turn])


def _refuse(why: str, picture: Picture, *, waiting: Sequence[uuid.UUID]) -> None:
    wait_for_turn()
    if not _still_holds(picture):  # somebody has mended it meanwhile
        enqueue("exposure.rebuild_paths", key="flow")
        return
    standing.refuse(why)
    _refresh_findings()
    figures.refresh()
    for pk in waiting:
        fail_run(pk, error=f"The attack paths could not be counted. {why}")


def _is_whole_picture() -> bool:
    """Whether there was a look before, and nobody is in the middle of one."""
    ahead = Run.objects.filter(state__in=AT_WORK).exclude(stage=Stage.PATHS)
    looked = Run.objects.exclude(pk__in=ahead.values("pk"))
    return looked.exists() and not standing.runs_looking().exists()


@transaction.atomic
def _refresh_findings() -> None:
    """Give findings a new evidence revision where something material changed."""
    rows = Finding.objects.select_related("asset__zone", "service").filter(
        state__in=COUNTED
    )
    for finding in rows.order_by("number"):
        fresh = bundle_hash(finding)
        if fresh != finding.evidence_hash:
            finding.evidence_hash = fresh
            finding.revision += 1
            finding.save(update_fields=["evidence_hash", "revision"])


def _finish_runs(pks: Sequence[uuid.UUID], *, seconds: float, said: str) -> None:
    rows = Run.objects.filter(pk__in=pks, state=RunState.RUNNING)
    for run in rows.select_for_update():
        add_seconds(run, Stage.PATHS, seconds)
        stopped = run.stop_requested_at is not None
        end_run(run, RunState.STOPPED if stopped else RunState.FINISHED)
        log_line(run, said)
