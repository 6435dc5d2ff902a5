"""Plants that are wrong, empty, torn apart or huge: a sentence, never a crash."""

from dataclasses import replace

import pytest

from exposure.logic.grades import Grade
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.compile import compile_graph, compile_model, compile_plant
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    Shut,
    ShutRow,
    VendorAccessRow,
    ZoneRow,
)

POLICY = ScoringPolicy()
PLANT = PlantSnapshot(
    zones=(ZoneRow("cell", "Cell", 1),),
    lines=(LineRow("l", "Line 1", 10),),
    assets=(AssetRow("plc", "PLC-1", "cell", line_ids=("l",)),),
    services=(ServiceRow("s", "plc", 102),),
    findings=(FindingRow("f", "SL-1", "plc", 102, "open", Grade.E4),),
)
ADMIN = CredentialRow("k", "Admin")
VENDOR = VendorAccessRow("v", "Pumpwright", to_zone_id="cell")
SHUT = ShutRow("x", "plc", 102, "SL-2", Shut.CLOSED, "2026-11-14")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"credentials": (ADMIN, ADMIN)}, "same credential k"),
        ({"credentials": (replace(ADMIN, held_on=("x",)),)}, "Admin is held on .* x"),
        ({"credentials": (replace(ADMIN, opens=("x",)),)}, "Admin opens the asset x"),
        (
            {"credentials": (replace(ADMIN, opens_zones=("x",)),)},
            "Admin opens the zone x",
        ),
        ({"credentials": (replace(ADMIN, basis="heard"),)}, '"heard" is not one of'),
        ({"vendor_accesses": (VENDOR, VENDOR)}, "same vendor access v"),
        ({"vendor_accesses": (replace(VENDOR, to_zone_id=""),)}, "one zone or to one"),
        ({"vendor_accesses": (replace(VENDOR, to_zone_id="x"),)}, "Pumpwright .* x"),
        ({"vendor_accesses": (replace(VENDOR, conduit_id="x"),)}, "Pumpwright .* x"),
        ({"vendor_accesses": (replace(VENDOR, ports=(0,)),)}, "0 is not a port"),
        ({"vendor_accesses": (replace(VENDOR, window="x"),)}, '"x" is not one of'),
        ({"shut": (replace(SHUT, asset_id="x"),)}, "SL-2, .* x"),
        ({"shut": (replace(SHUT, day="soon"),)}, "'soon' is not a day"),
        ({"services": (ServiceRow("s", "plc", 102, known_since="?"),)}, "not a day"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_in_words(
    rows: dict[str, object], sentence: str
):
    with pytest.raises(ModelRefused, match=sentence):
        compile_model(replace(PLANT, **rows), policy=POLICY)


def test_a_model_of_nothing_is_an_answer():
    graph = compile_graph(PlantSnapshot(), policy=POLICY)
    answer = analyse(PlantSnapshot(), policy=POLICY, seed="s", worlds=64)

    assert graph.facts == ("net:internet",)
    assert len(graph.head) == 0
    assert (answer.exposure, answer.lines) == (0.0, ())
    assert answer.sentence


def test_an_island_is_not_reached_and_the_page_says_why():
    island = (ZoneRow("far", "Far cell", 1), LineRow("m", "Line 2", 10))
    plant = replace(
        PLANT,
        zones=(*PLANT.zones, island[0]),
        lines=(*PLANT.lines, island[1]),
        assets=(*PLANT.assets, AssetRow("p2", "PLC-2", "far", line_ids=("m",))),
        services=(*PLANT.services, ServiceRow("t", "p2", 102, seen_from="far")),
        findings=(*PLANT.findings, replace(PLANT.findings[0], id="g", asset_id="p2")),
    )

    answer = analyse(plant, policy=POLICY, seed="s", worlds=64)

    by_name = {line.name: line for line in answer.lines}
    assert by_name["Line 1"].reach == 1.0
    assert by_name["Line 2"].reach == 0.0
    assert any("PLC-2" in reason for reason in by_name["Line 2"].reasons)


def test_a_line_that_nobody_controls_is_never_lost():
    plant = replace(PLANT, lines=(*PLANT.lines, LineRow("m", "Line 2", 30)))

    model = compile_model(plant, policy=POLICY)

    assert not any(step.head == "line:m" for step in model.steps)
    assert [each.line_id for each in model.targets] == ["l", "m"]


@pytest.mark.parametrize(
    "rows",
    [
        {"shut": (SHUT, replace(SHUT, id="y", how=Shut.GONE))},
        {
            "findings": (
                *PLANT.findings,
                replace(PLANT.findings[0], id="g", ref="SL-2", grade=Grade.D),
                replace(PLANT.findings[0], id="h", ref="SL-3", state="closed"),
            )
        },
        {
            "conduits": (
                ConduitRow("c", "Rule 1", "", "cell", ports=(443,)),
                ConduitRow("d", "Rule 2", "", "cell", basis=Basis.ASSUMED),
            )
        },
    ],
    ids=["proven shut, and seen", "open, disproved and closed", "two drawings"],
)
def test_where_facts_contradict_each_other_what_was_seen_counts(
    rows: dict[str, object],
):
    answer = analyse(replace(PLANT, **rows), policy=POLICY, seed="s", worlds=64)

    assert [line.reach for line in answer.lines] == [1.0]


def test_one_node_may_lead_to_a_hundred_thousand_ports():
    assets = tuple(AssetRow(f"a{n}", f"A-{n}", "cell") for n in range(1000))
    services = tuple(
        ServiceRow(f"s{n}-{port}", f"a{n}", port)
        for n in range(1000)
        for port in range(1, 101)
    )

    compiled = compile_plant(
        PlantSnapshot(zones=PLANT.zones, assets=assets, services=services),
        policy=POLICY,
    )

    graph = compiled.graph
    assert graph.uses.ptr[1] - graph.uses.ptr[0] == 100_000
    assert compiled[99_999].sentence.endswith("seen from the internet")


def test_more_steps_than_can_be_calculated_are_refused_in_words():
    with pytest.raises(ModelRefused, match="more than 2 attack steps"):
        compile_plant(PLANT, policy=POLICY, most=2)
