"""From the plant to the attack model."""

from dataclasses import replace

import pytest

from exposure.logic.grades import Grade
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.model import AttackModel, ModelRefused
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    FindingRow,
    Gives,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)
from tests.exposure.logic.paths.plants import northmill, shuffled

POLICY = ScoringPolicy()
ZONES = (ZoneRow("office", "Office", 4), ZoneRow("cell", "Cell", 2))
PLC = AssetRow("plc", "PLC-1", "cell", line_ids=("l",))
LINES = (LineRow("l", "Line 1", 10),)


def compiled(**rows: object) -> AttackModel:
    plant = PlantSnapshot(zones=ZONES, lines=LINES, assets=(PLC,))
    return compile_model(replace(plant, **rows), policy=POLICY)


def ways(model: AttackModel) -> dict[tuple[str, str], float]:
    """Premise and conclusion of each step, with the chance of its causes."""
    chance = {cause.id: cause.p for cause in model.causes}
    return {
        (step.body[0], step.head): chance[step.causes[0]] if step.causes else 1.0
        for step in model.steps
    }


def finding(**values: object) -> FindingRow:
    return replace(FindingRow("f", "SL-1", "plc", 102, "open", Grade.E4), **values)


def test_a_service_seen_from_the_internet_is_reached_for_certain():
    model = compiled(services=(ServiceRow("s", "plc", 102),))

    assert ways(model)["net:internet", "reach:plc:102"] == 1.0


def test_a_service_seen_inside_its_zone_is_reached_from_there_only():
    model = compiled(services=(ServiceRow("s", "plc", 102, seen_from="cell"),))

    assert ways(model)["zone:cell", "reach:plc:102"] == 1.0
    assert ("net:internet", "reach:plc:102") not in ways(model)


def test_the_same_zone_is_assumed_to_be_flat_until_somebody_looked():
    model = compiled(services=(ServiceRow("s", "plc", 102, seen_from="office"),))

    assert ways(model)["zone:cell", "reach:plc:102"] == 0.4


@pytest.mark.parametrize(
    ("basis", "verified", "chance"),
    [
        (Basis.IMPORTED, False, 0.8),
        (Basis.ASSUMED, False, 0.4),
        (Basis.IMPORTED, True, 0.08),
    ],
)
def test_a_conduit_leads_to_the_services_of_its_zone(basis, verified, chance):
    conduit = ConduitRow(
        "c", "rule 1", "office", "cell", basis=basis, verified_control=verified
    )

    model = compiled(
        conduits=(conduit,), services=(ServiceRow("s", "plc", 102, seen_from="cell"),)
    )

    assert ways(model)["zone:office", "reach:plc:102"] == pytest.approx(chance)


def test_a_conduit_permits_its_ports_only():
    conduit = ConduitRow("c", "rule 1", "office", "cell", ports=(80,))

    model = compiled(
        conduits=(conduit,), services=(ServiceRow("s", "plc", 102, seen_from="cell"),)
    )

    assert ("zone:office", "reach:plc:102") not in ways(model)


def test_what_was_seen_through_a_conduit_is_the_conduit_observed():
    conduit = ConduitRow("c", "rule 1", "", "cell", basis=Basis.ASSUMED)
    services = (
        ServiceRow("s", "plc", 102),
        ServiceRow("t", "plc", 80, seen_from="cell"),
    )

    model = compiled(conduits=(conduit,), services=services)

    assert ways(model)["net:internet", "reach:plc:102"] == 1.0
    assert ways(model)["net:internet", "reach:plc:80"] == 0.4
    subjects = {cause.subject_id for cause in model.causes if cause.kind == "conduit"}
    assert subjects == {"c"}
    assert not any(cause.id == "service:s" for cause in model.causes)


def test_control_opens_the_zone_and_stops_the_line():
    model = compiled(findings=(finding(),))

    assert ways(model)["reach:plc:102", "control:plc"] == 1.0
    assert ways(model)["control:plc", "zone:cell"] == 1.0
    assert ways(model)["control:plc", "line:l"] == 1.0


def test_a_foothold_opens_the_zone_and_stops_no_line():
    model = compiled(findings=(finding(gives=Gives.FOOTHOLD),))

    assert ways(model)["foothold:plc", "zone:cell"] == 1.0
    assert ("reach:plc:102", "control:plc") not in ways(model)
    assert ("foothold:plc", "line:l") not in ways(model)


def test_a_device_that_sends_no_packets_is_a_dead_end():
    quiet = replace(PLC, sends_packets=False)

    model = compiled(assets=(quiet,), findings=(finding(),))

    assert ("control:plc", "zone:cell") not in ways(model)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "closed"},
        {"state": "disproved"},
        {"grade": Grade.D},
        {"gives": Gives.NOTHING},
    ],
)
def test_a_finding_that_is_over_gives_no_step(values):
    model = compiled(findings=(finding(**values),))

    assert not any(cause.kind == "finding" for cause in model.causes)


def test_a_treated_finding_still_gives_its_step():
    model = compiled(findings=(finding(state="treated"),))

    assert ("reach:plc:102", "control:plc") in ways(model)


def test_a_finding_without_a_port_is_used_through_every_service():
    services = (ServiceRow("s", "plc", 80), ServiceRow("t", "plc", 443))

    model = compiled(services=services, findings=(finding(port=0),))

    assert ("reach:plc:80", "control:plc") in ways(model)
    assert ("reach:plc:443", "control:plc") in ways(model)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_means_nothing(seed):
    plant = northmill()

    assert compile_model(shuffled(plant, seed=seed), policy=POLICY) == compile_model(
        plant, policy=POLICY
    )


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"assets": (replace(PLC, zone_id="nowhere"),)}, "PLC-1 .* nowhere"),
        ({"assets": (replace(PLC, line_ids=("x",)),)}, "PLC-1 controls the line x"),
        ({"assets": (PLC, PLC)}, "same asset plc"),
        ({"assets": (replace(PLC, id=""),)}, "no id"),
        ({"assets": (replace(PLC, id="a b"),)}, "blank"),
        ({"zones": (ZoneRow("cell", "Cell", 2.5),)}, "not a Purdue level"),
        ({"zones": (ZoneRow("cell", "Cell", float("nan")),)}, "not a Purdue level"),
        ({"lines": (LineRow("l", "Line 1", 7),)}, "consequence 7"),
        ({"services": (ServiceRow("s", "ghost", 80),)}, "asset ghost"),
        ({"services": (ServiceRow("s", "plc", 70_000),)}, "70000 is not a port"),
        ({"services": (ServiceRow("s", "plc", 80, seen_from="x"),)}, "zone x"),
        ({"findings": (finding(asset_id="ghost"),)}, "SL-1 .* ghost"),
        ({"findings": (finding(grade="E9"),)}, '"E9" is not one of E0'),
        ({"conduits": (ConduitRow("c", "rule 1", "office"),)}, "one zone or to one"),
        ({"conduits": (ConduitRow("c", "rule 1", "x", "cell"),)}, "starts .* x"),
        ({"conduits": (ConduitRow("c", "rule 1", "", "x"),)}, "leads to the zone x"),
        ({"conduits": (ConduitRow("c", "r", "", "", "x"),)}, "leads to the asset x"),
    ],
)
def test_a_row_that_points_at_nothing_is_refused_in_words(rows, sentence):
    with pytest.raises(ModelRefused, match=sentence):
        compiled(**rows)


def test_a_plant_too_big_to_calculate_is_refused_in_words(monkeypatch):
    monkeypatch.setattr("exposure.logic.paths.model.MAX_STEPS", 3)
    monkeypatch.setattr("exposure.logic.paths.compile.MAX_STEPS", 3)
    services = tuple(ServiceRow(f"s{port}", "plc", port) for port in range(1, 50))

    with pytest.raises(ModelRefused, match="at most 3"):
        compiled(services=services)
