"""Every technique of a path stands at one of its hops."""

from dataclasses import replace

from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import CauseRow
from exposure.logic.paths.sight import STEP
from exposure.logic.paths.snapshot import ConduitRow, PlantSnapshot
from exposure.logic.paths.techniques import techniques_of
from tests.exposure.logic.paths.random_plants import random_plant
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT, PUMPS

WEAK = replace(PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=22)


def told(plant: PlantSnapshot) -> list[tuple[list[tuple[str, ...]], set[str]]]:
    """Return for each way: the techniques of its hops, and those of its steps."""
    compiled = compile_plant(plant, policy=ScoringPolicy().with_phishing())
    finder = PathFinder(Rules(compiled.graph), steps=compiled)
    causes = {cause.id: cause for cause in compiled.causes}
    rows = {
        key: CauseRow(key, row.kind, row.subject_id, row.label, row.p, row.word)
        for key, row in causes.items()
    }
    found = []
    for target in compiled.targets:
        for way in finder.ways(target.fact):
            path = found_path(way, plant=compiled.plant, causes=causes)
            hops = [
                techniques_of(hop, rows, plant.vendor_accesses) for hop in path.hops
            ]
            found.append((hops, {step.technique for step in way.steps} - {""}))
    return found


def test_the_hops_of_a_path_name_the_techniques_of_all_its_steps() -> None:
    ways = 0
    for seed in range(120):
        plant = random_plant(seed)
        if any(row.from_zone_id == row.to_zone_id for row in plant.conduits):
            continue  # such a conduit is a way in and a way on in one
        for hops, steps in told(plant):
            ways += 1
            assert {each for hop in hops for each in hop} == steps, seed

    assert ways > 20


def test_a_sign_in_is_the_arrival_the_credential_and_its_use() -> None:
    (hops, _), *_ = told(replace(PLANT, credentials=(ADMIN,)))

    assert hops[1] == ("T0883", "T0893", "T0859")


def test_a_vendor_over_a_conduit_is_one_move() -> None:
    plant = replace(
        PLANT,
        services=(replace(PLANT.services[1], seen_from="cell"),),
        findings=(replace(WEAK, technique="T0843"),),
        conduits=(ConduitRow("c", "Rule 1", "office", "cell"),),
        vendor_accesses=(replace(PUMPS, conduit_id="c", ports=(22,)),),
    )

    assert ("T0822", "T0843") in [hops[0] for hops, _ in told(plant)]


def test_a_step_out_of_sight_names_none() -> None:
    plant = replace(PLANT, credentials=(ADMIN,))
    compiled = compile_plant(plant, policy=ScoringPolicy())
    way = PathFinder(Rules(compiled.graph), steps=compiled).ways("line:l")[0]
    causes = {cause.id: cause for cause in compiled.causes}
    hop = found_path(way, plant=compiled.plant, causes=causes).hops[1]
    rows = {
        key: CauseRow(key, row.kind, row.subject_id, row.label, row.p, row.word)
        for key, row in causes.items()
    }

    assert techniques_of(replace(hop, how=STEP, technique=""), rows, ()) == ()
