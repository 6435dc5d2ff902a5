"""Which findings stand behind a change: all that cannot be reached without it."""

from dataclasses import replace

from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.plans.answer import Plan
from exposure.logic.paths.plans.behind import with_behind
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import ConduitRow, PlantSnapshot
from tests.exposure.logic.paths.plants import northmill


def behind(plant: PlantSnapshot, *changes: str) -> dict[str, tuple[str, ...]]:
    """Return what stands behind the changes of a plan that makes these."""
    compiled = compile_plant(plant, policy=ScoringPolicy())
    candidates = candidates_of(compiled.causes, compiled.plant)
    answer = plan(
        compiled.graph,
        candidates,
        Limits(fixed=frozenset(changes)),
        settings=Settings(seed="northmill", worlds=512, fresh_worlds=512, points=1),
    )
    told = with_behind(answer, compiled, candidates)
    assert Plan.from_json(told.to_json()) == told
    return {row.id: row.behind for row in told.changes}


def reached(plant: PlantSnapshot, *, without: set[str]) -> set[str]:
    """The definition: facts won by trying every step again and again."""
    model = compile_plant(plant, policy=ScoringPolicy()).model()
    won, before = {model.source}, 0
    while len(won) > before:
        before = len(won)
        won |= {
            step.head
            for step in model.steps
            if won.issuperset(step.body) and not without.intersection(step.causes)
        }
    return won


CUTS = ("close:conduit:c-22", "control:conduit:c-114", "segment:same_zone:z-cell")


def test_what_every_way_leads_over_stands_behind_it() -> None:
    found = behind(northmill(), *CUTS)

    assert found["close:conduit:c-22"] == ("f-hmi", "f-plc")
    assert found["control:conduit:c-114"] == ("f-hmi", "f-jump", "f-plc")
    # The controller was seen to answer inside its zone, which the split ends.
    assert found["segment:same_zone:z-cell"] == ("f-plc",)
    assert found["patch:finding:f-vpn"] == ("f-vpn",)


def test_it_is_what_the_definition_says() -> None:
    plant, found = northmill(), behind(northmill(), *CUTS)
    compiled = compile_plant(plant, policy=ScoringPolicy())
    rows = candidates_of(compiled.causes, compiled.plant)
    edits = {row.id: set(row.edit.keep) for row in rows}

    for change in CUTS:
        ended = reached(plant, without=set()) - reached(plant, without=edits[change])
        assert set(found[change]) == {
            row.id
            for row in plant.findings
            if f"reach:{row.asset_id}:{row.port}" in ended
        }


def test_with_a_second_way_nothing_stands_behind_the_first_one() -> None:
    plant = northmill()
    other = ConduitRow(
        "c-new", "Rule 9", "z-office", to_asset_id="a-hmi", ports=(5900,)
    )
    two_ways = replace(plant, conduits=(*plant.conduits, other))

    assert behind(two_ways, "close:conduit:c-22")["close:conduit:c-22"] == ()


def test_what_a_plan_does_not_make_is_not_searched_for() -> None:
    assert behind(northmill(), "patch:finding:f-vpn")["close:conduit:c-114"] == ()
