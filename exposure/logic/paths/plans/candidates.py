"""Which changes could be made in a plant, with what each would cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exposure.logic.paths.edits import Edit
from exposure.logic.paths.model import Cause
from exposure.logic.paths.plans import costs
from exposure.logic.paths.plans.costs import WORDS, ChangeKind, Cost
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plans.overrides import Override, as_said
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import CauseRow
from exposure.logic.paths.snapshot import AssetRow, ConduitRow, Window

HIGHEST_OF_CONTROL = 3.0
"""Purdue level of site operations: from there down the process itself sends."""

Reason = Cause | CauseRow
Causes = Mapping[tuple[str, str], Sequence[Reason]]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a change is made to; `lines` are those that stop for it."""

    kind: str
    id: str
    name: str
    lines: Sequence[str] = field(default=())


def candidates_of(
    causes: Iterable[Reason],
    plant: Plant,
    *,
    overrides: Mapping[str, Override] | None = None,
) -> list[Candidate]:
    """Return every change that could be made, ordered by id.

    `causes` are those of the attack model of the plant, or its answer's rows: a change is the causes that it
    ends or lowers, so one that does nothing in this model is not offered. The id is
    "kind:what:id", as "mfa:vendor:7", the same in every revision. What is in place
    already, such as a second factor that is on, is not offered again. Hours come from
    `costs` unless `overrides` has the id. O(causes + rows of the plant).
    """
    known: dict[tuple[str, str], list[Reason]] = defaultdict(list)
    for cause in causes:
        known[cause.kind, cause.subject_id].append(cause)
    rows = [
        *_of_findings(plant, known),
        *_of_services(plant, known),
        *_of_the_rest(plant, known),
    ]
    said, offered = overrides or {}, {row.id for row in rows}
    return sorted(
        (
            as_said(row, said[row.id], offered=offered) if row.id in said else row
            for row in rows
        ),
        key=lambda row: row.id,
    )


def _of_findings(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    for finding in plant.open_findings():
        mine = causes.get(("finding", finding.id), ())
        if not mine:
            continue
        asset = plant.asset(finding.asset_id)
        name = f"{finding.ref} on {asset.name}"
        subject = _Subject("finding", finding.id, name, asset.line_ids)
        # Fixed or guarded: the guard is there because the fix is not.
        group = f"finding:{finding.id}"
        fix = costs.PATCH.get(asset.kind, costs.PATCH["other"])
        yield _made(ChangeKind.PATCH, subject, mine, fix, group=group)
        if not finding.verified_control:
            guard = costs.GUARD_FINDING
            yield _made(ChangeKind.CONTROL, subject, mine, guard, group=group)


def _of_services(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    """Nothing answers any more: findings there and what was seen from afar end."""
    found: dict[tuple[str, int], list[Reason]] = defaultdict(list)
    for finding in plant.open_findings():
        if finding.port:
            mine = causes.get(("finding", finding.id), ())
            found[finding.asset_id, finding.port].extend(mine)
    for service in plant.first_sightings():
        mine = causes.get(("service", service.id), ())
        found[service.asset_id, service.port].extend(mine)
    for (asset_id, port), ended in sorted(found.items()):
        asset = plant.asset(asset_id)
        cost = _removal(asset)
        if ended and cost is not None:
            name = f"port {port} of {asset.name}"
            subject = _Subject("service", f"{asset_id}:{port}", name, asset.line_ids)
            yield _made(ChangeKind.REMOVE, subject, ended, cost)


def _removal(asset: AssetRow) -> Cost | None:
    return costs.REMOVE.get(asset.kind or "other")


def _of_conduits(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    for row in plant.conduits:
        mine = causes.get(("conduit", row.id), ())
        subject, group = _Subject("conduit", row.id, row.name), f"conduit:{row.id}"
        if mine and not _serves_the_process(plant, row):
            yield _made(ChangeKind.CLOSE, subject, mine, costs.CLOSE, group=group)
        if mine and not row.verified_control:
            guard = costs.GUARD_CONDUIT
            yield _made(ChangeKind.CONTROL, subject, mine, guard, group=group)


def _of_the_rest(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    yield from _of_conduits(plant, causes)
    for zone in plant.zones:
        mine = causes.get(("same_zone", zone.id), ())
        if mine:
            subject = _Subject(
                "same_zone", zone.id, zone.name, _lines_in(plant, zone.id)
            )
            yield _made(ChangeKind.SEGMENT, subject, mine, costs.SEGMENT)
    for credential in plant.credentials:
        mine = causes.get(("credential", credential.id), ())
        if mine and not credential.mfa:
            subject = _Subject("credential", credential.id, credential.name)
            yield _made(ChangeKind.MFA, subject, mine, costs.MFA)
    yield from _of_vendors(plant, causes)


def _serves_the_process(plant: Plant, row: ConduitRow) -> bool:
    """Whether a conduit begins among the control zones: what runs there uses it."""
    zone = plant.zone(row.from_zone_id)
    return zone is not None and zone.level <= HIGHEST_OF_CONTROL


def _of_vendors(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    for access in plant.vendor_accesses:
        mine = causes.get(("vendor", access.id), ())
        name = f"remote access of {access.vendor}"
        subject = _Subject("vendor", access.id, name)
        if mine and not access.mfa:
            yield _made(ChangeKind.MFA, subject, mine, costs.MFA)
        if mine and access.window == Window.ALWAYS:
            yield _made(ChangeKind.VENDOR, subject, mine, costs.VENDOR)


def _lines_in(plant: Plant, zone_id: str) -> list[str]:
    return sorted({line for each in plant.in_zone(zone_id) for line in each.line_ids})


def _made(
    kind: ChangeKind,
    subject: _Subject,
    causes: Sequence[Reason],
    cost: Cost,
    *,
    group: str = "",
) -> Candidate:
    edit_id = f"{kind}:{subject.kind}:{subject.id}"
    return Candidate(
        edit=Edit(edit_id, {cause.id: cost.keep for cause in causes}),
        kind=kind,
        subject_kind=subject.kind,
        subject_id=subject.id,
        label=f"{WORDS[kind]} {subject.name}",
        hours=cost.hours,
        downtime={line: cost.downtime for line in subject.lines if cost.downtime},
        group=group,
    )
