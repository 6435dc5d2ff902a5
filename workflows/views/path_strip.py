"""The strip on top of a finding: from the internet to the asset, and what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from common.templatetags.ui import amount
from exposure.logic.grades import Threat
from exposure.logic.paths.results import Hop
from exposure.logic.paths.weakest import weakest
from exposure.models import Asset, Finding, Line, PathRevision, Run, Way
from exposure.services import paths, safety
from exposure.services.counting import BeingCounted, NotCounted
from exposure.services.figures import as_kept, kept_hops
from tenants.scope import site_limit
from workflows.models import Case
from workflows.views.evidence_rows import Item
from workflows.views.safety_words import SafetyFacts, safety_facts, safety_words
from workflows.views.wording import listed

LEVEL_WORDS = {
    5.0: "Level 5",
    4.0: "Level 4",
    3.5: "Level 3.5",
    3.0: "Level 3",
    2.0: "Level 2",
    1.0: "Level 1",
    0.0: "Level 0",
}
KNOWN_USE = {
    Threat.ACTIVE: "Yes, used in attacks now",
    Threat.PUBLIC_POC: "A public tool shows how",
    Threat.NONE: "Not known to be used",
}
OBSERVED = "observed"
NO_LUCK = {"kind": "", "word": OBSERVED, "label": ""}
BESIDE = frozenset({"ref", "weakest", "safety"})
"""What is kept with a hop and is none of its fields."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One place on the way; see the template of the strip.

    `proof` is a grade or basis code, `used_ref` the finding that is used to get on.
    """

    level: str
    name: str
    detail: str
    url: str = ""
    proof: str = ""
    how: str = ""
    letters: str = ""
    first_letter: str = ""


@dataclass(frozen=True, slots=True)
class LostLine:
    """A line that can be stopped, and what an hour of that costs."""

    name: str
    hourly_cost: int


@dataclass(frozen=True, slots=True)
class PathFacts:
    """What the page knows about where a finding leads."""

    hops: tuple[Hop, ...] = ()
    through: float | None = None
    total: float | None = None
    lines: tuple[LostLine, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[tuple[str, int], str] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    safety: SafetyFacts = field(default_factory=SafetyFacts)
    weakest: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    # Why a reader of some sites gets no way and no units now; empty when they do.
    not_yet: str = ""


def path_facts(finding: Finding) -> PathFacts:
    """Return where the finding leads, after the newest path revision."""
    newest = (
        PathRevision.objects.order_by("-number")
        .values_list(
            "exposure_units",
            "summary__safety",
            ArraySubquery(safety.rows().values(row=JSONObject(id="pk", name="name"))),
            Subquery(Way.objects.filter(finding=finding).values("hops")[:1]),
            ArraySubquery(
                Line.objects.filter(pk__in=finding.line_ids)
                .order_by("name")
                .values(line=JSONObject(name="name", hourly_cost="hourly_cost"))
            ),
        )
        .first()
    )
    if newest is None:
        return PathFacts()
    total, counted, systems, kept, lines = newest
    told = safety_facts(systems or (), kept or (), counted or ())
    facts = PathFacts(
        through=finding.through if finding.is_counted else None,
        total=total,
        lines=tuple(LostLine(**line) for line in lines or ()),
        safety=told,
    )
    if site_limit() is not None:
        try:
            own, through, kept = _in_sight(finding)
        except (BeingCounted, NotCounted) as error:
            return replace(facts, through=None, total=None, not_yet=str(error))
        shown = through if finding.is_counted else None
        facts = replace(facts, through=shown, total=own)
    return _with_way(facts, kept) if kept and finding.is_counted else facts


def _in_sight(finding: Finding) -> tuple[float, float, list[dict[str, Any]]]:
    """Return total, units and way for a reader of some sites: computed, not kept."""
    answer = paths.latest()
    if answer is None:
        return 0.0, 0.0, []
    ways = paths.ways_of(answer)
    hops = ways.to(
        str(finding.pk), asset_id=str(finding.asset_id), port=finding.service.port
    )
    refs = {row.id: row.ref for row in answer.snapshot.findings}
    through = {row.finding_id: row.through for row in answer.analysis.findings}
    way = kept_hops(ways, hops, refs)
    return answer.analysis.exposure, through.get(str(finding.pk), 0.0), way


def _with_way(facts: PathFacts, kept: Sequence[Mapping[str, Any]]) -> PathFacts:
    """Add the hops, the places they lead to, and what is used on the way."""
    hops = tuple(
        Hop(**{**hop, "cause_ids": tuple(hop["cause_ids"])})
        for hop in ({k: v for k, v in row.items() if k not in BESIDE} for row in kept)
    )
    rows = Asset.objects.filter(pk__in=[hop.to_id for hop in hops]).values_list(
        "pk", "zone__level", "zone__name", "services__port", "services__address"
    )
    zones, places = {}, {}
    for pk, level, zone, port, address in rows:
        if zone is not None:
            zones[str(pk)] = f"{LEVEL_WORDS[level]} · {zone}"
        if address is not None:
            places[str(pk), port] = f"{address} : {port}"
    return replace(
        facts,
        hops=hops,
        zones=zones,
        places=places,
        refs={row["finding_id"]: row["ref"] for row in kept if row["ref"]},
        weakest=_weakest(hops, kept),
    )


def _weakest(
    hops: Sequence[Hop], kept: Sequence[Mapping[str, Any]]
) -> dict[int, Mapping[str, str]]:
    """Return what each hop rests on that is known worst, by the number of the hop."""
    if all("weakest" in row for row in kept):
        found = [row["weakest"] for row in kept]
    else:  # an older version kept them; the answer they come from still knows
        answer = paths.latest()
        causes = {row.id: row for row in answer.analysis.causes} if answer else {}
        found = [as_kept(weakest(hop, causes)) for hop in hops]
    return {hop.number: each for hop, each in zip(hops, found, strict=True) if each}


def proof_of(hop: Hop, facts: PathFacts) -> str:
    """Return how a hop is known: no better than the worst of what it rests on."""
    cause = facts.weakest.get(hop.number)
    return cause["word"] if cause else OBSERVED


def strip_of(
    finding: Finding, facts: PathFacts, *, evidence: Sequence[Item]
) -> list[Stop]:
    """Return the stops, the internet first; empty when no way is known.

    `evidence` is what the page shows below.
    """
    if not facts.hops:
        return []
    stops = [Stop(level="Internet", name="Anyone", detail="no account needed")]
    for hop in facts.hops:
        own = hop.finding_id in {"", str(finding.pk)} and hop is facts.hops[-1]
        cause = facts.weakest.get(hop.number, NO_LUCK)
        letters = _letters(hop, cause, own=own, evidence=evidence)
        stops.append(
            Stop(
                level=facts.zones.get(hop.to_id, "Not placed in a zone"),
                name=hop.to_name,
                detail=facts.places.get(
                    (hop.to_id, hop.port), f"port {hop.port}" if hop.port else ""
                ),
                proof=proof_of(hop, facts),
                how=_how(hop, cause, own=own, refs=facts.refs),
                letters=f"{letters[0]} to {letters[-1]}"
                if len(letters) > 1
                else "".join(letters),
                first_letter=letters[0] if letters else "",
            )
        )
    return stops


def facts_of(
    finding: Finding, facts: PathFacts, case: Case | None
) -> list[tuple[str, Any]]:
    """Return the facts below the strip as label and value."""
    rows: list[tuple[str, Any]] = [("Known use", KNOWN_USE[Threat(finding.threat)])]
    if not finding.is_counted:
        rows.append(("If used", "It cannot be used any more"))
    elif facts.lines:
        names = listed(line.name for line in facts.lines)
        cost = sum(line.hourly_cost for line in facts.lines)
        rows.append(("If used", f"{names} can stop, {amount(cost)} € an hour"))
    else:
        rows.append(("If used", "No path goes on to a line"))
    told = safety_words(
        finding,
        facts.safety,
        hops=facts.hops,
        is_part=case is not None and case.rule == "safety",
    )
    if told:
        rows.append(("Safety system", told))
    first = timezone.localdate(finding.detected_at)
    # None: a run of a site that is not the reader's.
    run: Run | None = getattr(finding.service, "first_run", None)
    by = f", run {run.number}" if run else ""
    rows.append(("First seen", f"{first.day} {first:%b}{by}"))
    if finding.reopen_count:
        rows.append(("Came back", f"{finding.reopen_count} times"))
    return rows


def _how(
    hop: Hop, cause: Mapping[str, str], *, own: bool, refs: Mapping[str, str]
) -> str:
    if cause["kind"] != "finding":
        return f"{cause['label'][:1].upper()}{cause['label'][1:]}"
    return "" if own else f"Uses {refs.get(hop.finding_id, 'another weakness')}"


def _letters(
    hop: Hop, cause: Mapping[str, str], *, own: bool, evidence: Sequence[Item]
) -> list[str]:
    """Return the letters of the items below that say what the proof says."""
    if cause["kind"] == "conduit":
        return [
            item.letter
            for item in evidence
            if item.conduit_id and item.conduit_id == hop.conduit_id
        ]
    if cause["kind"] != "finding":
        return []
    return [item.letter for item in evidence if own and not item.conduit_id]
