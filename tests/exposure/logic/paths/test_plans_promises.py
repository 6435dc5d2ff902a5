"""A plan promises what the model gives once somebody has made the change in it."""

from dataclasses import replace

import pytest

from exposure.logic.grades import Grade
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import FINDING_CONTROL, ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
    ZoneRow,
)
from exposure.logic.paths.whatif import what_if
from tests.exposure.logic.paths.made_changes import MAKE
from tests.exposure.logic.paths.plants import exact_reach, northmill
from tests.exposure.logic.paths.random_plants import random_plant
from tests.exposure.logic.paths.recount import recounted

WORLDS = 10_240
POLICY = ScoringPolicy()


def worked_example() -> PlantSnapshot:
    """Northmill with sign-ins, a vendor, a station of one sign-in, a way that was seen."""
    plant = northmill()
    return replace(
        plant,
        zones=(*plant.zones, ZoneRow("z-ews", "Engineering", 3.5)),
        assets=(
            *plant.assets,
            AssetRow("a-ews", "EWS-01", "z-ews", "ews", line_ids=("l-past",)),
        ),
        conduits=(
            *plant.conduits,
            ConduitRow("c-ews", "Rule 9", "z-dmz", to_zone_id="z-ews"),
        ),
        services=(
            *plant.services,
            ServiceRow("s-ews", "a-ews", 22, "ssh", seen_from="z-dmz"),
            ServiceRow("s-jump", "a-jump", 3389, "rdp", seen_from="z-dmz"),
        ),
        findings=tuple(
            replace(row, grade=Grade.E3) if row.id == "f-hmi" else row
            for row in plant.findings
        ),
        credentials=(
            CredentialRow("k-anna", "Anna", held_on=("a-jump",), opens=("a-ews",)),
            CredentialRow(
                "k-all",
                "Admin",
                held_on=("a-vpn",),
                opens=("a-hmi", "a-jump"),
                shared=True,
                basis=Basis.IMPORTED,
            ),
        ),
        vendor_accesses=(VendorAccessRow("v", "Krohn", to_zone_id="z-dmz"),),
    )


def model_of(plant: PlantSnapshot, policy: ScoringPolicy = POLICY) -> AttackModel:
    return compile_model(plant, policy=policy)


def changes_of(
    plant: PlantSnapshot, policy: ScoringPolicy = POLICY
) -> dict[str, Candidate]:
    causes = model_of(plant, policy).causes
    return {row.id: row for row in candidates_of(causes, Plant(plant), policy=policy)}


def made(plant: PlantSnapshot, change: Candidate) -> AttackModel:
    make = MAKE[f"{change.kind}:{change.subject_kind}"]
    return model_of(make(plant, change.subject_id))


def test_what_a_change_ends_is_to_the_bit_what_the_model_gives_after_it():
    plant = worked_example()
    model, changes = model_of(plant), changes_of(plant)
    ends = [row for row in changes.values() if not any(row.edit.keep.values())]
    # A vendor comes into it: whether that is in front of a device is not said.
    ends = [row for row in ends if row.id != "segment:same_zone:z-dmz"]

    promised = {row.id: recounted(model, [row.edit]) for row in ends}

    assert promised == {row.id: recounted(made(plant, row)) for row in ends}
    assert {row.kind for row in ends} == {"patch", "remove", "close", "segment"}
    before = recounted(model)
    assert {
        key.partition(":")[0] for key, left in promised.items() if left < before
    } == {
        "patch",
        "remove",
        "close",
        "segment",
    }


@pytest.mark.parametrize(
    "change_id",
    [
        "control:conduit:c-22",
        "control:conduit:c-ews",
        "mfa:credential:k-all",
        "mfa:credential:k-anna",
        "mfa:vendor:v",
        "vendor:vendor:v",
    ],
)
def test_what_a_change_leaves_of_a_chance_is_what_the_model_leaves(change_id):
    """How often it stays is drawn beside the cause, so the bits differ, not the chance."""
    plant = worked_example()
    before, change = model_of(plant), changes_of(plant)[change_id]

    after = made(plant, change)

    keep = change.edit.keep
    assert {row.id: row.p for row in after.causes} == {
        row.id: pytest.approx(row.p * keep.get(row.id, 1.0), rel=1e-12)
        for row in before.causes
    }
    assert after.steps == before.steps
    reach = exact_reach(after)
    given = sum(row.points * reach.get(row.fact, 0.0) for row in after.targets)
    counted = what_if(graph_of(before), [change.edit], seed=7, worlds=WORLDS)
    assert counted.after == pytest.approx(given, abs=0.2)  # of 10 points; 4 sigma


def test_no_plan_promises_more_than_the_model_gives():
    """A sign-in with other doors stays, so a plant may give more than was promised."""
    for seed in range(20):
        plant = random_plant(seed)
        model = model_of(plant)
        for row in changes_of(plant).values():
            if any(row.edit.keep.values()) or row.kind == "segment":
                continue
            assert recounted(made(plant, row)) <= recounted(model, [row.edit]), row.id


def test_shares_follow_the_policy_and_what_changes_nothing_is_not_offered():
    plant = worked_example()
    loose = replace(
        POLICY,
        mfa_factor=0.25,
        control_factor=1.0,
        windows={**POLICY.windows, "always": 0.5, "on_request": 0.1},
    )
    changes = changes_of(plant, loose)

    def left(change_id: str) -> set[float]:
        return set(changes[change_id].edit.keep.values())

    assert left("mfa:vendor:v") == left("mfa:credential:k-all") == {0.25}
    assert left("vendor:vendor:v") == {0.2}
    assert "control:conduit:c-22" not in changes
    assert left("control:finding:f-hmi") == {FINDING_CONTROL}
    shut = replace(POLICY, windows={**POLICY.windows, "on_request": 1.0})
    assert "vendor:vendor:v" not in changes_of(plant, shut)


def test_a_sign_in_ends_with_the_only_door_it_opens():
    plant = worked_example()

    changes = changes_of(plant)

    assert changes["remove:service:a-ews:22"].edit.keep == {
        "credential:k-anna:a-ews": 0
    }
    # The password of all devices works elsewhere; a rule names the port of the panel.
    assert "credential:k-all" not in changes["remove:service:a-hmi:5900"].edit.keep


def test_a_zone_that_is_split_shows_nothing_of_itself_any_more():
    """What was seen inside is as much a lack of a filter as what is assumed."""
    split_up = changes_of(worked_example())["segment:same_zone:z-cell"]

    assert set(split_up.edit.keep) == {"same_zone:z-cell", "service:s-plc"}
