"""From the plant to the attack model: each rule applied to each row it fits."""

from collections.abc import Iterator

from exposure.logic.paths.checks import check_snapshot
from exposure.logic.paths.model import (
    MAX_STEPS,
    AttackModel,
    Cause,
    Step,
    Target,
    control_fact,
    foothold_fact,
    line_fact,
    reach_fact,
    zone_fact,
)
from exposure.logic.paths.plant import Plant, permits
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.rules import (
    CONDUIT,
    CONTROL,
    FOOTHOLD,
    GOING_ON,
    LINE,
    SAME_ZONE,
    SEEN,
)
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    Gives,
    PlantSnapshot,
)


def compile_model(snapshot: PlantSnapshot, *, policy: ScoringPolicy) -> AttackModel:
    """Return the attack model of a plant, the same for every order of its rows.

    O(conduits x services of the zones they lead to). Raises `ModelRefused` when a
    row points at nothing or the plant is too big to calculate.
    """
    check_snapshot(snapshot)
    plant = Plant(snapshot)
    steps: dict[str, Step] = {}
    causes: dict[str, Cause] = {}
    for step, cause in _all_steps(plant, policy):
        steps.setdefault(step.id, step)
        if cause is not None:
            causes.setdefault(cause.id, cause)
        if len(steps) > MAX_STEPS:
            break  # the model refuses it, in words; more would only take time
    return AttackModel(
        causes=tuple(causes[key] for key in sorted(causes)),
        steps=tuple(steps[key] for key in sorted(steps)),
        targets=tuple(
            Target(line_id=line.id, fact=line_fact(line.id), points=line.points)
            for line in plant.lines
        ),
    )


Guarded = tuple[Step, Cause | None]


def _all_steps(plant: Plant, policy: ScoringPolicy) -> Iterator[Guarded]:
    for conduit in plant.conduits:
        yield from _conduit_steps(plant, policy, conduit)
    yield from _seen_steps(plant, policy)
    for asset in plant.assets:
        yield from _same_zone_steps(plant, policy, asset)
    yield from _finding_steps(plant, policy)
    for asset in plant.assets:
        yield from _consequences(plant, asset)


def _conduit_steps(
    plant: Plant, policy: ScoringPolicy, conduit: ConduitRow
) -> Iterator[Guarded]:
    """A port that was seen open through a conduit is observed; its others are not."""
    for asset in plant.behind(conduit):
        for port in plant.ports_of(asset.id):
            if not permits(conduit, port):
                continue
            seen = plant.was_seen(asset.id, port, origin=conduit.from_zone_id)
            cause = _conduit_cause(policy, conduit, seen=bool(seen))
            sentence = CONDUIT.sentence.format(
                conduit=conduit.name,
                origin=plant.zone_name(conduit.from_zone_id),
                asset=asset.name,
                port=port,
            )
            yield (
                _step(
                    reach_fact(asset.id, port),
                    zone_fact(conduit.from_zone_id),
                    cause=cause,
                    technique=CONDUIT.technique,
                    sentence=sentence,
                ),
                cause,
            )


def _conduit_cause(policy: ScoringPolicy, conduit: ConduitRow, *, seen: bool) -> Cause:
    basis = Basis.OBSERVED if seen else conduit.basis
    chance = policy.of_basis(basis, verified_control=conduit.verified_control)
    return Cause(
        id=f"seen_conduit:{conduit.id}" if seen else f"conduit:{conduit.id}",
        kind="conduit",
        subject_id=conduit.id,
        label=conduit.name,
        p=chance,
        word=str(basis),
        width=policy.widths[basis],
    )


def _seen_steps(plant: Plant, policy: ScoringPolicy) -> Iterator[Guarded]:
    for service in plant.first_sightings():
        asset = plant.asset(service.asset_id)
        if plant.is_explained(service):
            continue
        origin = plant.zone_name(service.seen_from)
        cause = Cause(
            id=f"service:{service.id}",
            kind="service",
            subject_id=service.id,
            label=f"{asset.name} port {service.port}, seen from {origin}",
            p=policy.of_basis(Basis.OBSERVED),
            word=str(Basis.OBSERVED),
            width=policy.widths[Basis.OBSERVED],
        )
        sentence = SEEN.sentence.format(
            asset=asset.name, port=service.port, origin=origin
        )
        yield (
            _step(
                reach_fact(asset.id, service.port),
                zone_fact(service.seen_from),
                cause=cause,
                technique=SEEN.technique,
                sentence=sentence,
            ),
            cause,
        )


def _same_zone_steps(
    plant: Plant, policy: ScoringPolicy, asset: AssetRow
) -> Iterator[Guarded]:
    """One cause for the whole zone: whether it is flat is one question, not many."""
    if not asset.zone_id:
        return
    zone = plant.zone_name(asset.zone_id)
    cause = Cause(
        id=f"same_zone:{asset.zone_id}",
        kind="same_zone",
        subject_id=asset.zone_id,
        label=f"no filter inside {zone}",
        p=policy.of_basis(Basis.ASSUMED),
        word=str(Basis.ASSUMED),
        width=policy.widths[Basis.ASSUMED],
    )
    for port in plant.ports_of(asset.id):
        if plant.was_seen(asset.id, port, origin=asset.zone_id):
            continue  # the sighting itself is the better reason
        yield (
            _step(
                reach_fact(asset.id, port),
                zone_fact(asset.zone_id),
                cause=cause,
                technique=SAME_ZONE.technique,
                sentence=SAME_ZONE.sentence.format(asset=asset.name, port=port),
            ),
            cause,
        )


def _finding_steps(plant: Plant, policy: ScoringPolicy) -> Iterator[Guarded]:
    for finding in plant.open_findings():
        asset = plant.asset(finding.asset_id)
        rule = CONTROL if finding.gives == Gives.CONTROL else FOOTHOLD
        fact = control_fact if finding.gives == Gives.CONTROL else foothold_fact
        cause = Cause(
            id=f"finding:{finding.id}",
            kind="finding",
            subject_id=finding.id,
            label=finding.ref,
            p=policy.of_finding(finding),
            word=str(finding.grade),
            width=policy.widths[finding.grade],
        )
        sentence = rule.sentence.format(
            ref=finding.ref, title=finding.title, asset=asset.name
        )
        ports = (finding.port,) if finding.port else plant.ports_of(asset.id)
        for port in ports:
            yield (
                _step(
                    fact(asset.id),
                    reach_fact(asset.id, port),
                    cause=cause,
                    technique=finding.technique,
                    sentence=sentence,
                ),
                cause,
            )


def _consequences(plant: Plant, asset: AssetRow) -> Iterator[Guarded]:
    control = control_fact(asset.id)
    if asset.sends_packets and asset.zone_id:
        sentence = GOING_ON.sentence.format(
            asset=asset.name, zone=plant.zone_name(asset.zone_id)
        )
        for held in (control, foothold_fact(asset.id)):
            yield _step(zone_fact(asset.zone_id), held, sentence=sentence), None
    for line_id in sorted(set(asset.line_ids)):
        sentence = LINE.sentence.format(asset=asset.name, line=plant.line_name(line_id))
        step = _step(
            line_fact(line_id), control, technique=LINE.technique, sentence=sentence
        )
        yield step, None


def _step(
    head: str,
    premise: str,
    *,
    cause: Cause | None = None,
    technique: str = "",
    sentence: str,
) -> Step:
    causes = (cause.id,) if cause else ()
    return Step(
        id=" ".join((head, "from", premise, *causes)),
        head=head,
        body=(premise,),
        causes=causes,
        technique=technique,
        sentence=sentence,
    )
