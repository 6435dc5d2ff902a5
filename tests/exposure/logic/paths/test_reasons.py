"""Why there is no path, and what else must not be forgotten."""

from dataclasses import replace

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)
from tests.exposure.logic.paths.plants import northmill


def answer(plant: PlantSnapshot) -> PathAnalysis:
    return analyse(plant, policy=ScoringPolicy(), seed="northmill", worlds=512)


def test_closing_the_gateway_leaves_a_reason_in_words():
    plant = northmill()
    closed = replace(plant.findings[0], state="closed")

    line = answer(replace(plant, findings=(closed, *plant.findings[1:]))).lines[0]

    assert (line.best, line.reach, line.exposure, line.cut_bound) == (None, 0, 0, 0)
    assert line.others == ()
    assert any("Cell 2" in sentence for sentence in line.reasons)


def test_a_way_that_is_shut_names_its_control_and_the_age_of_its_test():
    plant = northmill()
    closed = replace(plant.findings[0], state="closed")
    words = "Rule review, which passed its test on 14 November 2026"
    ways = tuple(
        replace(row, to_asset_id="a-plc", verified_control=True, control=words)
        for row in plant.conduits
    )

    line = answer(
        replace(plant, findings=(closed, *plant.findings[1:]), conduits=ways)
    ).lines[0]

    assert any(f", with the control {words})" in reason for reason in line.reasons)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"services": ()}, "No service was seen from the internet"),
        ({"assets": "no lines"}, "No asset is named that controls Pasteuriser 2"),
        ({"conduits": "none to the cell"}, "No conduit leads to PLC-P21"),
        ({"findings": "controller closed"}, "reached on port 102, but no open finding"),
    ],
)
def test_no_path_always_has_a_reason(change, sentence):
    plant = northmill()
    wording = {
        "no lines": tuple(replace(row, line_ids=()) for row in plant.assets),
        "none to the cell": plant.conduits[:1],
        "controller closed": (
            *plant.findings[:3],
            replace(plant.findings[3], state="closed"),
        ),
    }
    rows = {name: wording.get(value, value) for name, value in change.items()}

    line = answer(replace(plant, **rows)).lines[0]

    assert line.best is None
    assert any(sentence in reason for reason in line.reasons)


def test_a_reached_service_without_a_finding_is_listed_not_forgotten():
    plant = northmill()
    plant = replace(plant, services=(*plant.services, ServiceRow("s", "a-vpn", 22)))

    (unknown,) = answer(plant).unknown_services

    assert (unknown.asset_name, unknown.port, unknown.reached) == ("VPN-GW-01", 22, 1.0)


def test_an_empty_plant_is_answered_with_a_sentence():
    analysis = answer(PlantSnapshot())

    assert analysis.exposure == 0.0
    assert analysis.lines == ()
    assert "No production line" in analysis.sentence


def test_islands_and_rings_come_to_an_end():
    plant = northmill()
    ring = tuple(
        ConduitRow(f"r{spot}", f"ring {spot}", start, end)
        for spot, (start, end) in enumerate(
            [("z-cell", "z-dmz"), ("z-dmz", "z-office"), ("z-office", "z-office")]
        )
    )
    island = ZoneRow("z-far", "Far", 1)
    plant = replace(
        plant,
        zones=(*plant.zones, island),
        lines=(*plant.lines, LineRow("l-far", "Far line", 30)),
        assets=(
            *plant.assets,
            AssetRow("a-far", "PLC-FAR", "z-far", line_ids=("l-far",)),
        ),
        conduits=(*plant.conduits, *ring),
    )

    analysis = answer(plant)

    by_id = {line.line_id: line for line in analysis.lines}
    assert by_id["l-far"].reach == 0.0
    assert by_id["l-far"].reasons == ("No service and no finding of PLC-FAR is known.",)
    assert by_id["l-past"].best is not None
    assert by_id["l-past"].best.p == pytest.approx(0.32)
    assert analysis.sentence.startswith("1 line of 2 can be reached")
