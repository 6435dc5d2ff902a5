"""Which changes a plant has, what they do to it, and what they cost."""

from dataclasses import replace
from pathlib import Path

import pytest

from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.plans import costs
from exposure.logic.paths.plans.candidates import Override, candidates_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    ConduitRow,
    CredentialRow,
    PlantSnapshot,
    VendorAccessRow,
    Window,
)
from tests.exposure.logic.paths.plants import northmill, shuffled

ROOT = Path(__file__).parents[4]


def changes_of(plant: PlantSnapshot, **more):
    model = compile_model(plant, policy=ScoringPolicy())
    return {row.id: row for row in candidates_of(model.causes, Plant(plant), **more)}


def test_each_finding_conduit_zone_and_service_can_be_changed():
    changes = changes_of(northmill())

    assert {row.label: row.hours for row in changes.values()} == {
        "Fix SL-1 on VPN-GW-01": 3,
        "Guard SL-1 on VPN-GW-01": 8,
        "Turn off port 443 of VPN-GW-01": 2,
        "Fix SL-2 on JUMP-01": 3,
        "Guard SL-2 on JUMP-01": 8,
        "Turn off port 3389 of JUMP-01": 2,
        "Fix SL-3 on HMI-P2": 6,
        "Guard SL-3 on HMI-P2": 8,
        "Turn off port 5900 of HMI-P2": 2,
        "Fix SL-4 on PLC-P21": 8,
        "Guard SL-4 on PLC-P21": 8,
        "Close Rule 114": 2,
        "Guard Rule 114": 8,
        "Close Rule 22": 2,
        "Guard Rule 22": 8,
        "Split Cell 2": 40,
        "Split DMZ": 40,
        "Split Office": 40,
    }


def test_ids_and_order_do_not_depend_on_the_order_of_rows():
    first, other = (changes_of(shuffled(northmill(), seed=each)) for each in (1, 2))

    assert list(first.values()) == list(other.values())
    assert list(first) == sorted(first)


def test_only_lines_that_the_device_runs_stand_still():
    changes = changes_of(northmill())

    assert changes["patch:finding:f-plc"].downtime == {"l-past": 4}
    assert changes["patch:finding:f-hmi"].downtime == {}
    assert changes["segment:same_zone:z-cell"].downtime == {"l-past": 2}
    assert changes["segment:same_zone:z-dmz"].downtime == {}
    assert changes["control:finding:f-plc"].downtime == {}


def test_a_service_that_is_off_has_no_weakness_and_is_not_seen():
    off = changes_of(northmill())["remove:service:a-vpn:443"]

    assert off.edit.keep == {"finding:f-vpn": 0.0, "service:s-vpn": 0.0}


def test_a_controllers_protocol_is_not_turned_off():
    assert "remove:service:a-plc:102" not in changes_of(northmill())


def test_a_conduit_with_a_verified_control_gets_no_second_one():
    plant = northmill()
    conduits = tuple(replace(row, verified_control=True) for row in plant.conduits)
    changes = changes_of(replace(plant, conduits=conduits))

    assert "close:conduit:c-22" in changes
    assert "control:conduit:c-22" not in changes


def test_a_weakness_with_a_verified_control_gets_no_second_one():
    plant = northmill()
    findings = tuple(replace(row, verified_control=True) for row in plant.findings)
    changes = changes_of(replace(plant, findings=findings))

    assert "patch:finding:f-plc" in changes
    assert "control:finding:f-plc" not in changes


def with_access(*, mfa: bool = False, window: Window = Window.ALWAYS) -> PlantSnapshot:
    """The worked example with Anna's sign-in, kept on the jump host, and a vendor."""
    opens = ("a-hmi", "a-jump")
    return replace(
        northmill(),
        credentials=(
            CredentialRow("k", "Anna", held_on=("a-vpn",), opens=opens, mfa=mfa),
        ),
        vendor_accesses=(
            VendorAccessRow("v", "Krohn", to_zone_id="z-cell", mfa=mfa, window=window),
        ),
    )


def of_access(plant: PlantSnapshot, **more):
    kinds = {"credential", "vendor"}
    changes = changes_of(plant, **more).values()
    return {row.label: row for row in changes if row.subject_kind in kinds}


def test_sign_ins_and_vendors_get_a_second_factor_and_a_key_to_the_door():
    changes = of_access(with_access())

    assert list(changes) == [
        "Second factor on Anna",
        "Second factor on remote access of Krohn",
        "Open only on request: remote access of Krohn",
    ]
    assert changes["Second factor on Anna"].edit.keep == {
        "credential:k:a-hmi": 0.1,
        "credential:k:a-jump": 0.1,
    }


def test_what_is_in_place_is_not_offered_again():
    assert list(of_access(with_access(mfa=True))) == [
        "Open only on request: remote access of Krohn"
    ]
    assert of_access(with_access(mfa=True, window=Window.ON_REQUEST)) == {}


def test_what_the_plant_says_goes_before_the_table():
    said = Override(
        hours=2,
        downtime={"l": 1},
        keep=0.5,
        needs=("gone", "mfa:vendor:v"),
        only_in=("w",),
        cannot="It has no such setting.",
    )
    overrides = {"mfa:credential:k": said, "mfa:vendor:v": Override(hours=1)}

    changes = of_access(with_access(), overrides=overrides)

    row = changes["Second factor on Anna"]
    assert set(row.edit.keep.values()) == {0.5}
    assert (row.hours, row.downtime, row.assumed) == (2, {"l": 1}, False)
    # What is not offered any more is in place, and holds nothing up.
    assert (row.needs, row.only_in) == (("mfa:vendor:v",), ("w",))
    assert row.cannot == "It has no such setting."
    other = changes["Second factor on remote access of Krohn"]
    assert (other.hours, other.assumed) == (1, True)


def test_what_has_no_cause_cannot_be_changed():
    assert candidates_of([], Plant(northmill())) == []


def test_the_worked_example_is_planned_with_what_costs_least():
    """One chain of doors, 3.2 units: closing the cheapest door is enough."""
    model = compile_model(northmill(), policy=ScoringPolicy())
    changes = candidates_of(model.causes, Plant(northmill()))
    settings = Settings(seed="northmill", worlds=2048)

    answer = plan(graph_of(model), changes, Limits(hours=2), settings=settings)

    assert answer.exposure_before == pytest.approx(3.2, abs=0.15)
    assert answer.exposure == 0
    assert answer.sentence == (
        "One change without downtime removes all of the exposure."
    )
    assert answer.lines[0].way is None


def test_the_manual_prints_the_table_of_hours_that_is_used():
    text = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")

    assert costs.cost_table() in text
    assert costs.VERSION in text


def test_a_way_that_the_process_uses_is_guarded_and_never_closed():
    plant = northmill()
    cell = next(zone for zone in plant.zones if zone.level <= 3.0)
    inside = ConduitRow("c-in", "Panels to line 2", cell.id, to_asset_id="a-jump")
    changes = changes_of(replace(plant, conduits=(*plant.conduits, inside)))

    assert "control:conduit:c-in" in changes
    assert "close:conduit:c-in" not in changes
    assert "close:conduit:c-22" in changes
