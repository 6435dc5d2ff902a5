"""Recomputes attack paths when what they rest on has changed."""

import time
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.run_states import AT_WORK
from exposure.models import COUNTED, Finding, PathRevision, Run, RunState, Stage
from exposure.services import figures, paths
from exposure.services.evidence import bundle_hash
from exposure.services.runs import add_seconds, end_run, log_line
from exposure.services.snapshot import take_snapshot
from tenants.models import next_number
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services.jobs import enqueue


def rebuild_paths() -> None:
    """Store a new revision if the plant or the evidence changed, then finish runs.

    Nothing is computed before a first look at the plant, or in the middle of one: half
    a picture would be drawn as a change of exposure. The analysis runs outside any
    transaction. Its seed is the workspace's own and stays, so that a before and an
    after differ by the change alone.
    """
    began = time.monotonic()
    with workspace_scope():
        # A run that comes here later waits for a picture that was taken later.
        here = Run.objects.filter(state=RunState.RUNNING, stage=Stage.PATHS)
        mine = list(here.values_list("pk", flat=True))
        snapshot, policy = take_snapshot(), paths.policy()
        needed = _is_whole_picture() and not _is_known(snapshot, policy)
    if needed:
        analysis = analyse(
            snapshot,
            policy=policy,
            seed=str(current_workspace_id()),
            worlds=settings.PATH_WORLDS,
        )
        with workspace_scope():
            if not _store(analysis, snapshot, policy):
                enqueue("exposure.rebuild_paths", key="flow")
                return
    with workspace_scope():
        wait_for_turn()
        _refresh_findings()
        figures.refresh()
        _finish_runs(mine, seconds=time.monotonic() - began)


def _store(
    analysis: PathAnalysis, snapshot: PlantSnapshot, policy: ScoringPolicy
) -> bool:
    """Store the answer; False when the plant has changed while it was computed.

    One after the other: the older of two pictures must never become the newest
    revision, and the same picture is stored once.
    """
    wait_for_turn()
    if take_snapshot().sha256 != snapshot.sha256:
        return False
    if not _is_known(snapshot, policy):
        PathRevision.objects.create(
            number=next_number("paths"),
            reason="The plant, the evidence or the scoring policy changed.",
            snapshot_hash=snapshot.sha256,
            policy_hash=policy.sha256,
            worlds=settings.PATH_WORLDS,
            exposure_units=analysis.exposure,
            reachable_lines=sum(1 for line in analysis.lines if line.best),
            reached_assets=figures.reached_assets(analysis),
            summary=figures.summary_of(analysis, snapshot),
            by_line={
                line.line_id: {
                    "units": line.exposure,
                    "reached": line.best is not None,
                }
                for line in analysis.lines
            },
            snapshot=snapshot.canonical(),
            result=analysis.to_json(),
        )
        figures.tell_findings(analysis, snapshot)
    return True


def wait_for_turn() -> None:
    """Let rebuilds of one workspace write one after the other."""
    with connection.cursor() as cursor:
        turn = f"paths {current_workspace_id()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [turn])


def _is_known(snapshot: PlantSnapshot, policy: ScoringPolicy) -> bool:
    """Whether the newest revision rests on exactly this, and lists show it already."""
    rows = PathRevision.objects.defer("result", "snapshot")
    newest = rows.order_by("-number").first()
    if newest is None or newest.summary is None:
        return False
    return (
        newest.snapshot_hash,
        newest.policy_hash,
        newest.worlds,
    ) == (snapshot.sha256, policy.sha256, settings.PATH_WORLDS)


def _is_whole_picture() -> bool:
    looking = Run.objects.filter(state__in=AT_WORK).exclude(stage=Stage.PATHS)
    looked = Run.objects.exclude(pk__in=looking.values("pk"))
    return looked.exists() and not looking.exists()


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


def _finish_runs(pks: Sequence[uuid.UUID], *, seconds: float) -> None:
    rows = Run.objects.filter(pk__in=pks, state=RunState.RUNNING)
    for run in rows.select_for_update():
        add_seconds(run, Stage.PATHS, seconds)
        stopped = run.stop_requested_at is not None
        end_run(run, RunState.STOPPED if stopped else RunState.FINISHED)
        log_line(run, "Attack paths are up to date.")
