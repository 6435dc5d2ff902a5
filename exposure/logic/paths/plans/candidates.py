"""Which changes could be made in a plant, with what each would cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exposure.logic.paths.causes import sign_in
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.model import Cause
from exposure.logic.paths.plans import costs
from exposure.logic.paths.plans.costs import WORDS, ChangeKind, Cost
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plans.makeable import is_of_control
from exposure.logic.paths.plans.overrides import Override, as_said
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import CauseRow
from exposure.logic.paths.snapshot import AssetRow, Window

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
    policy: ScoringPolicy | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> list[Candidate]:
    """Return every change that could be made, ordered by id.

    `causes` are those of the attack model of the plant, or its answer's rows: a change is the causes that it
    ends or lowers, so one that does nothing in this model is not offered. The id is
    "kind:what:id", as "mfa:vendor:7", the same in every revision. What is in place
    already, such as a second factor that is on, is not offered again. What a change
    leaves of a chance is what the model gives once it is made, by the `policy` that the
    causes come from (None: the first one). Hours come from `costs` unless `overrides`
    has the id. O(causes + rows of the plant).
    """
    known: dict[tuple[str, str], list[Reason]] = defaultdict(list)
    for cause in causes:
        if cause.p > 0.0:
            known[cause.kind, cause.subject_id].append(cause)
    rules = policy or ScoringPolicy()
    rows = [
        row
        for row in (
            *_of_findings(plant, known, rules),
            *_of_services(plant, known),
            *_of_conduits(plant, known, rules),
            *_of_zones(plant, known),
            *_of_accesses(plant, known, rules),
        )
        if any(keep < 1.0 for keep in row.edit.keep.values())
    ]
    said, offered = overrides or {}, {row.id for row in rows}
    return sorted(
        (
            as_said(row, said[row.id], offered=offered) if row.id in said else row
            for row in rows
        ),
        key=lambda row: row.id,
    )


def _of_findings(
    plant: Plant, causes: Causes, policy: ScoringPolicy
) -> Iterator[Candidate]:
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
            yield _made(
                ChangeKind.CONTROL,
                subject,
                mine,
                costs.GUARD,
                keep=policy.finding_control_factor,
                group=group,
            )


def _of_services(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    """Nothing answers any more: what was found there and seen from afar ends.

    So does a sign-in that works nowhere else, unless a way to this very device names
    the port: then somebody says that something answers there.
    """
    found: dict[tuple[str, int], list[Reason]] = defaultdict(list)
    for finding in plant.open_findings():
        if finding.port:
            mine = causes.get(("finding", finding.id), ())
            found[finding.asset_id, finding.port].extend(mine)
    for service in plant.first_sightings():
        mine = causes.get(("service", service.id), ())
        found[service.asset_id, service.port].extend(mine)
    for door, cause in _single_doors(plant, causes):
        if door in found and not plant.is_named(*door):
            found[door].append(cause)
    for (asset_id, port), ended in sorted(found.items()):
        asset = plant.asset(asset_id)
        cost = _removal(asset)
        if ended and cost is not None:
            name = f"port {port} of {asset.name}"
            subject = _Subject("service", f"{asset_id}:{port}", name, asset.line_ids)
            yield _made(ChangeKind.REMOVE, subject, ended, cost)


def _single_doors(
    plant: Plant, causes: Causes
) -> Iterator[tuple[tuple[str, int], Reason]]:
    """Yield asset and port of each sign-in that is worth something there alone."""
    for credential in plant.credentials:
        mine = {row.id: row for row in causes.get(("credential", credential.id), ())}
        doors: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for asset, port in plant.openings(credential) if mine else ():
            doors[sign_in(credential, asset)].append((asset.id, port))
        for cause_id, opened in doors.items():
            if len(opened) == 1 and cause_id in mine:
                yield opened[0], mine[cause_id]


def _removal(asset: AssetRow) -> Cost | None:
    return costs.REMOVE.get(asset.kind or "other")


def _of_conduits(
    plant: Plant, causes: Causes, policy: ScoringPolicy
) -> Iterator[Candidate]:
    guard, keep = costs.GUARD, policy.control_factor
    for row in plant.conduits:
        mine = causes.get(("conduit", row.id), ())
        subject, group = _Subject("conduit", row.id, row.name), f"conduit:{row.id}"
        if mine and not is_of_control(plant.zone(row.from_zone_id)):
            yield _made(ChangeKind.CLOSE, subject, mine, costs.CLOSE, group=group)
        if mine and not row.verified_control:
            yield _made(
                ChangeKind.CONTROL, subject, mine, guard, keep=keep, group=group
            )


def _of_zones(plant: Plant, causes: Causes) -> Iterator[Candidate]:
    """A zone that is split lets nothing pass inside, also what was seen to pass."""
    seen: dict[str, list[Reason]] = defaultdict(list)
    for service in plant.first_sightings():
        if service.seen_from == plant.asset(service.asset_id).zone_id:
            mine = causes.get(("service", service.id), ())
            seen[service.seen_from].extend(mine)
    for zone in plant.zones:
        inside = [*causes.get(("same_zone", zone.id), ()), *seen[zone.id]]
        if inside:
            subject = _Subject(
                "same_zone", zone.id, zone.name, _lines_in(plant, zone.id)
            )
            yield _made(ChangeKind.SEGMENT, subject, inside, costs.SEGMENT)


def _of_accesses(
    plant: Plant, causes: Causes, policy: ScoringPolicy
) -> Iterator[Candidate]:
    factor, keep = costs.MFA, policy.mfa_factor
    for row in plant.credentials:
        mine = causes.get(("credential", row.id), ())
        if mine and not row.mfa:
            subject = _Subject("credential", row.id, row.name)
            yield _made(ChangeKind.MFA, subject, mine, factor, keep=keep)
    for access in plant.vendor_accesses:
        mine = causes.get(("vendor", access.id), ())
        name = f"remote access of {access.vendor}"
        subject = _Subject("vendor", access.id, name)
        if mine and not access.mfa:
            yield _made(ChangeKind.MFA, subject, mine, factor, keep=keep)
        if mine and access.window == Window.ALWAYS:
            left = policy.left_on_request(access)
            yield _made(ChangeKind.VENDOR, subject, mine, costs.VENDOR, keep=left)


def _lines_in(plant: Plant, zone_id: str) -> list[str]:
    return sorted({line for each in plant.in_zone(zone_id) for line in each.line_ids})


def _made(
    kind: ChangeKind,
    subject: _Subject,
    causes: Sequence[Reason],
    cost: Cost,
    *,
    keep: float = 0.0,
    group: str = "",
) -> Candidate:
    edit_id = f"{kind}:{subject.kind}:{subject.id}"
    return Candidate(
        edit=Edit(edit_id, {cause.id: keep for cause in causes}),
        kind=kind,
        subject_kind=subject.kind,
        subject_id=subject.id,
        label=f"{WORDS[kind]} {subject.name}",
        hours=cost.hours,
        downtime={line: cost.downtime for line in subject.lines if cost.downtime},
        group=group,
    )
