"""The newest answer of the path engine, whole or for the sites of the reader."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.canonical import canonical_sha256
from common.kept import kept
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.compile import Compiled, compile_plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import ChangeValue, PathAnalysis
from exposure.logic.paths.sight import Sight, seen, veiled
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.ways import Ways
from exposure.logic.paths.weakest import told_by_weakest
from exposure.models import (
    Asset,
    Conduit,
    Credential,
    Finding,
    Line,
    PathRevision,
    VendorAccess,
    Zone,
)
from exposure.services.counting import Question, answer_to, is_small
from tenants.scope import current_workspace_id, site_limit

# Answers of large plants take tens of megabytes each, so a process keeps few of them.
KEPT = 8
KEPT_MODELS = 2
AT_ONCE = 150_000
"""Bytes of a plant of about 300 assets: 70 ms. A page leaves more to a job."""

HEAVY = ("result", "snapshot", "graph")
"""What of a revision is megabytes, and read when it is asked for."""

EVIDENCED, PHISHING = "evidenced", "phishing"
SCORED = {
    EVIDENCED: ScoringPolicy.without_assumed,
    PHISHING: ScoringPolicy.with_phishing,
}


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """A stored revision with its answer, and the plant it was computed from.

    For a reader of some sites (`sight`) the answer is about the lines of those sites;
    `snapshot` holds what they may see, and `plant` what was calculated with: the same
    way in for everybody, without what other sites are called.
    """

    revision: PathRevision
    analysis: PathAnalysis
    snapshot: PlantSnapshot
    plant: PlantSnapshot
    sight: Sight | None = None
    counted: str = ""


def policy() -> ScoringPolicy:
    """Return the scoring policy in force."""
    return ScoringPolicy()


def policy_of(answer: PathAnswer) -> ScoringPolicy:
    """Return the policy that an answer was counted with."""
    return _scored(answer.counted)


def _scored(counted: str) -> ScoringPolicy:
    return SCORED[counted](policy()) if counted else policy()


def latest(counted: str = "") -> PathAnswer | None:
    """Return the newest revision with its answer; None before the first one.

    In a site scope it is the answer for those sites. Jobs work without one and get it
    whole. `counted` says what else is taken for granted.
    EVIDENCED: nothing is; a way that is only assumed is closed, also from one device to
    the next inside a zone. PHISHING: mail may give a foothold in each office zone; how
    often it does is an assumption. Anything else: as the policy has it. The same plant,
    seed and worlds.
    A large plant is counted by a job for some sites, or in another way. Raises
    `counting.BeingCounted` before it has, and `counting.NotCounted` when none could.
    """
    revision = newest_revision()
    if revision is None:
        return None
    return answer_of(revision, counted)


def newest_revision() -> PathRevision | None:
    """Return the newest revision without its blobs; None before the first one."""
    return PathRevision.objects.defer(*HEAVY).order_by("-number").first()


def answer_of(revision: PathRevision, counted: str = "") -> PathAnswer:
    """Return a revision with what it holds, as far as the reader may see it.

    Counts and raises as `latest` does.
    """
    how = counted if counted in SCORED else ""
    sight = sight_here()
    analysis, snapshot, plant = _part(_key(revision.pk), sight, how)
    return PathAnswer(revision, analysis, snapshot, plant, sight, how)


def snapshot_of(revision_id: uuid.UUID) -> PlantSnapshot:
    """Return the plant that a revision was computed from, whoever reads."""
    return _snapshot(_key(revision_id))


def whole_of(revision_id: uuid.UUID) -> tuple[PathAnalysis, PlantSnapshot]:
    """Return the answer of a revision and its plant: all sites, whoever reads."""
    key = _key(revision_id)
    return _analysis(key), _snapshot(key)


def ways_of(answer: PathAnswer) -> Ways:
    """Return the ways of an answer, with what its reader may see of them."""
    return Ways(answer.plant, policy=policy(), sight=answer.sight)


def compiled_of(answer: PathAnswer) -> Compiled:
    """Return the attack model of an answer, kept for the next question about it."""
    return _compiled(_key(answer.revision.pk), answer.sight, answer.counted)


def compiled_at(revision_id: uuid.UUID) -> Compiled:
    """Return the attack model of a revision, whole, as plans are worked out on it."""
    return _compiled(_key(revision_id), None, "")


def lines_here() -> frozenset[str] | None:
    """Return the ids of the lines that the reader may see; None when that is all."""
    if site_limit() is None:
        return None
    return frozenset(str(pk) for pk in Line.objects.values_list("pk", flat=True))


def units_of(by_line: Mapping[str, Any], lines: frozenset[str]) -> float:
    """Return the exposure units that a revision counts for some lines."""
    return float(sum(row["units"] for key, row in by_line.items() if key in lines))


def reached_of(by_line: Mapping[str, Any], lines: frozenset[str]) -> int:
    """Return how many of some lines a revision finds a way to."""
    return sum(row["reached"] for key, row in by_line.items() if key in lines)


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


@kept(KEPT)
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


@kept(KEPT)
def _analysis(key: _Key) -> PathAnalysis:
    # Revisions never change, so what was read once stays true.
    row = PathRevision.objects.only("result").get(pk=key.revision_id)
    return PathAnalysis.from_json(bytes(row.result))


def sight_here() -> Sight | None:
    """Return what the reader may see; None when nothing is hidden."""
    if site_limit() is None:
        return None
    first, *others = (
        model._default_manager.values_list("pk", flat=True)
        for model in (Asset, Line, Zone, Conduit, Credential, VendorAccess)
    )
    return Sight(frozenset(str(pk) for pk in first.union(*others, all=True)))


@kept(KEPT)
def _part(
    key: _Key, sight: Sight | None, counted: str
) -> tuple[PathAnalysis, PlantSnapshot, PlantSnapshot]:
    """Return answer, what is shown of the plant, and the plant calculated with.

    What one reader may see is a part of the key, so nobody gets another one's answer.
    """
    whole = _snapshot(key)
    if sight is None and not counted:
        return told_by_weakest(_analysis(key)), whole, whole
    known = told_by_weakest(_view(key, sight, counted))
    if sight is None:
        return known, whole, whole
    plant = veiled(whole, sight)
    return (*seen(known, plant, sight), plant)


def _view(key: _Key, sight: Sight | None, counted: str) -> PathAnalysis:
    question = Question(key.revision_id, sight, counted)
    if is_small(key.revision_id, most=AT_ONCE):
        return count_view(question, _analysis(key), _snapshot(key))
    return PathAnalysis.from_json(answer_to(question))


def count_view(
    question: Question, known: PathAnalysis, plant: PlantSnapshot
) -> PathAnalysis:
    """Count a revision as it is for a reader, or in another way, however long it takes.

    `known` and `plant` are the answer of the revision and its plant: `whole_of`. Names of
    other sites are in no row; rows that are out of sight are still among them.
    """
    return analyse(
        veiled(plant, question.sight) if question.sight else plant,
        policy=_scored(question.counted),
        seed=known.seed,
        worlds=known.worlds,
    )


@kept(KEPT_MODELS)
def _compiled(key: _Key, sight: Sight | None, counted: str) -> Compiled:
    _, _, plant = _part(key, sight, counted)
    return compile_plant(plant, policy=_scored(counted))


@kept(KEPT)
def _snapshot(key: _Key) -> PlantSnapshot:
    row = PathRevision.objects.only("snapshot").get(pk=key.revision_id)
    return PlantSnapshot.from_canonical(bytes(row.snapshot))
