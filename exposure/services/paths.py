"""The newest answer of the path engine, and what it says about one finding."""

import functools
import uuid
from dataclasses import dataclass, replace
from typing import Any

from common.canonical import canonical_sha256
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import ChangeValue, PathAnalysis
from exposure.logic.paths.snapshot import Basis, PlantSnapshot
from exposure.models import Finding, PathRevision
from tenants.scope import current_workspace_id

# Answers of large plants take tens of megabytes each, so a process keeps few of them.
KEPT = 8


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """A stored revision with its answer, and the plant it was computed from."""

    revision: PathRevision
    analysis: PathAnalysis
    snapshot: PlantSnapshot


def policy() -> ScoringPolicy:
    """Return the scoring policy in force."""
    return ScoringPolicy()


def latest() -> PathAnswer | None:
    """Return the newest revision with its answer; None before the first one."""
    revision = (
        PathRevision.objects.defer("result", "snapshot").order_by("-number").first()
    )
    if revision is None:
        return None
    return answer_of(revision)


def answer_of(revision: PathRevision) -> PathAnswer:
    """Return a revision with what it holds, read from its bytes or kept from before."""
    key = _key(revision.pk)
    return PathAnswer(revision, _analysis(key), _snapshot(key))


def without_assumed(answer: PathAnswer) -> PathAnswer:
    """Return what is left of an answer when nothing is taken for granted.

    The same plant, seed and worlds; a way that is only assumed is closed, also from
    one device to the next inside a zone.
    """
    return replace(answer, analysis=_evidenced(_key(answer.revision.pk)))


def targets_of(finding: Finding) -> list[dict[str, Any]]:
    """Return the lines this finding leads to, each with the hash of its best path.

    Sorted by line; empty before the first computation.
    """
    pk = _newest_pk()
    return list(_targets(_key(pk)).get(str(finding.pk), ())) if pk else []


def units_through(finding: Finding) -> float:
    """Return the exposure units that somebody who uses this finding goes on to reach."""
    answer = _newest()
    rows = answer.findings if answer else ()
    return next((r.through for r in rows if r.finding_id == str(finding.pk)), 0.0)


def change_value(finding: Finding) -> tuple[float, float]:
    """Return the workspace's units before and after closing exactly this finding."""
    answer = _newest()
    if answer is None:
        return 0.0, 0.0
    change = next((c for c in answer.changes if _closes(c, finding)), None)
    after = change.leaves if change else answer.exposure
    return answer.exposure, after


def _closes(change: ChangeValue, finding: Finding) -> bool:
    return change.kind == "finding" and change.subject_id == str(finding.pk)


def _newest_pk() -> uuid.UUID | None:
    return PathRevision.objects.order_by("-number").values_list("pk", flat=True).first()


def _newest() -> PathAnalysis | None:
    pk = _newest_pk()
    return _analysis(_key(pk)) if pk else None


@dataclass(frozen=True, slots=True)
class _Key:
    """What a kept answer is kept by: never one workspace's for another one."""

    workspace_id: uuid.UUID
    revision_id: uuid.UUID


def _key(revision_id: uuid.UUID) -> _Key:
    return _Key(current_workspace_id(), revision_id)


@functools.lru_cache(maxsize=KEPT)
def _targets(key: _Key) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return the targets of every finding at once: a rebuild asks for all of them."""
    analysis = _analysis(key)
    by_line = {
        line.line_id: {
            "line": line.name,
            "points": line.points,
            "path": canonical_sha256(sorted(line.best.cause_ids) if line.best else []),
        }
        for line in sorted(analysis.lines, key=lambda row: (row.name, row.line_id))
    }
    return {
        row.finding_id: tuple(
            target for line_id, target in by_line.items() if line_id in row.line_ids
        )
        for row in analysis.findings
    }


@functools.lru_cache(maxsize=KEPT)
def _analysis(key: _Key) -> PathAnalysis:
    # Revisions never change, so what was read once stays true.
    row = PathRevision.objects.only("result").get(pk=key.revision_id)
    return PathAnalysis.from_json(bytes(row.result))


@functools.lru_cache(maxsize=KEPT)
def _evidenced(key: _Key) -> PathAnalysis:
    known = _analysis(key)
    agreed = policy()
    return analyse(
        _snapshot(key),
        policy=replace(
            agreed,
            version=f"{agreed.version}, without assumed ways",
            bases={**agreed.bases, Basis.ASSUMED.value: 0.0},
        ),
        seed=known.seed,
        worlds=known.worlds,
    )


@functools.lru_cache(maxsize=KEPT)
def _snapshot(key: _Key) -> PlantSnapshot:
    row = PathRevision.objects.only("snapshot").get(pk=key.revision_id)
    return PlantSnapshot.from_canonical(bytes(row.snapshot))
