"""What was computed, stored once per change of what it rests on, with the reason."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from django.conf import settings
from django.utils import timezone

from exposure.logic.paths.analyse import ENGINE, analyse_compiled
from exposure.logic.paths.blob import pack
from exposure.logic.paths.by_site import SiteResult, by_site
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.difference import Difference, differences
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.safety import SafetyReach, safety_reach
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import PathRevision
from exposure.services import (
    aftermath,
    figures,
    making,
    paths,
    safety,
    site_figures,
    totals,
)
from exposure.services.snapshot import take_snapshot
from tenants.models import next_number
from tenants.scope import current_workspace_id, workspace_scope
from tenants.work import lease_kept

MOST_DIFFERENCES = 200
FIRST = "The first picture of the plant."
ENGINE_CHANGED = "A newer version of the path engine counts."
POLICY_CHANGED = "The scoring policy or the number of worlds changed."
PLANT_CHANGED = "The plant or the evidence changed."
MORE_KEPT = "More is kept of each count than before."
KEPT = frozenset({"lines", "ways", "ot_reached", "safety", "closed"})
"""What overviews read of a revision: one that lacks some of it is counted once more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What an answer is computed from; `sites` maps the id of each line to its site.

    `safety` are the ids of the safety systems. They decide what is told, not what is
    counted. `cannot` are ids of changes that nobody can make here.
    """

    snapshot: PlantSnapshot
    policy: ScoringPolicy
    sites: Mapping[str, str]
    taken_at: dt.datetime
    safety: tuple[str, ...] = ()
    cannot: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """An answer; `graph` is what the blob of it will be, `by_site` what sites add.

    `safety` is what leads to the safety systems of the picture.
    """

    picture: Picture
    analysis: PathAnalysis
    graph: bytes
    by_site: tuple[SiteResult, ...]
    safety: SafetyReach


def picture() -> Picture:
    """Take a picture of the plant as it is now."""
    snapshot = take_snapshot()
    return Picture(
        taken_at=timezone.now(),
        snapshot=snapshot,
        policy=paths.policy(),
        sites=site_figures.sites_of_lines(),
        safety=tuple(row.id for row in safety.systems()),
        cannot=making.never_made(snapshot),
    )


def compute(picture: Picture) -> Computed:
    """Return the answer for a picture of the plant; stores nothing.

    The seed is the workspace's own and stays, so that a before and an after differ by
    the change alone.
    """
    snapshot, policy = picture.snapshot, picture.policy
    with lease_kept():
        compiled = compile_plant(snapshot, policy=policy)
        analysis = analyse_compiled(
            compiled,
            snapshot,
            policy=policy,
            seed=str(current_workspace_id()),
            worlds=settings.PATH_WORLDS,
        )
        return Computed(
            picture=picture,
            analysis=analysis,
            graph=pack(compiled.graph),
            by_site=by_site(analysis, compiled, picture.sites, cannot=picture.cannot),
            safety=safety_reach(compiled, picture.safety),
        )


def compute_sites(picture: Picture) -> tuple[SiteResult, ...]:
    """Return what each site adds to the newest revision, which is of this picture."""
    with workspace_scope():
        answer = paths.latest()
    if answer is None:
        return ()
    with lease_kept():
        compiled = compile_plant(picture.snapshot, policy=picture.policy)
        return by_site(answer.analysis, compiled, picture.sites, cannot=picture.cannot)


def is_known(picture: Picture) -> bool:
    """Whether the newest revision rests on exactly this, and lists show it already."""
    newest = paths.newest_revision()
    if newest is None or KEPT.difference(newest.summary or {}):
        return False
    return (
        newest.engine,
        newest.snapshot_hash,
        newest.policy_hash,
        newest.worlds,
    ) == (
        ENGINE,
        picture.snapshot.sha256,
        picture.policy.sha256,
        settings.PATH_WORLDS,
    )


def store(computed: Computed) -> PathRevision:
    """Store an answer as the newest revision; the caller lets one do so at a time."""
    analysis, snapshot = computed.analysis, computed.picture.snapshot
    reason, because = _why(computed)
    return PathRevision.objects.create(
        number=next_number("paths"),
        reason=reason,
        because=[asdict(each) for each in because],
        engine=analysis.engine,
        snapshot_hash=snapshot.sha256,
        policy_hash=computed.picture.policy.sha256,
        worlds=analysis.worlds,
        exposure_units=analysis.exposure,
        reachable_lines=sum(1 for line in analysis.lines if line.best),
        reached_assets=figures.reached_assets(analysis),
        summary={
            **figures.summary_of(analysis, snapshot),
            **totals.kept_of(analysis, snapshot),
            "safety": dict(computed.safety.known),
            "closed": aftermath.just_closed(),
        },
        by_line={
            line.line_id: {"units": line.exposure, "reached": line.best is not None}
            for line in analysis.lines
        },
        snapshot=snapshot.canonical(),
        result=analysis.to_json(),
        graph=computed.graph,
    )


def _why(computed: Computed) -> tuple[str, tuple[Difference, ...]]:
    """Return why there is another revision, and what is different from the last one."""
    before = paths.newest_revision()
    if before is None:
        return FIRST, ()
    snapshot = computed.picture.snapshot
    if before.snapshot_hash != snapshot.sha256:
        changed = differences(paths.snapshot_of(before.pk), snapshot)
        return PLANT_CHANGED, changed[:MOST_DIFFERENCES]
    if before.engine != computed.analysis.engine:
        return ENGINE_CHANGED, ()
    counted = (computed.picture.policy.sha256, computed.analysis.worlds)
    if (before.policy_hash, before.worlds) == counted:
        return MORE_KEPT, ()
    return POLICY_CHANGED, ()
