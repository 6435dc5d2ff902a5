"""Why a number moved: the differences of two pictures, in words."""

from dataclasses import replace

from exposure.logic.grades import Grade
from exposure.logic.paths.difference import differences
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    CredentialRow,
    FindingRow,
    PlantSnapshot,
    ServiceRow,
    Shut,
    ShutRow,
    VendorAccessRow,
    ZoneRow,
)

FINDING = FindingRow("f", "SL-4", "plc", 102, "Programming port", Grade.E3)
CONDUIT = ConduitRow("c", "rule 22", "z")
PLANT = PlantSnapshot(
    zones=(ZoneRow("z", "Line 2", 2),),
    assets=(AssetRow("plc", "PLC-P21", "z"), AssetRow("hmi", "HMI-P2", "z")),
    services=(ServiceRow("s", "plc", 102),),
    findings=(FINDING,),
    conduits=(CONDUIT,),
)


def words(before: PlantSnapshot, after: PlantSnapshot) -> list[str]:
    return [each.words for each in differences(before, after)]


def test_the_same_plant_in_another_order_has_no_difference() -> None:
    other = replace(PLANT, assets=PLANT.assets[::-1])

    assert differences(PLANT, other) == ()


def test_a_finding_is_found_changed_closed_and_open_again() -> None:
    none = replace(PLANT, findings=())
    better = replace(PLANT, findings=(replace(FINDING, grade=Grade.E4),))
    shut = ShutRow("x", "plc", 102, "SL-4", Shut.CLOSED)
    closed = replace(none, shut=(shut,))
    kept = replace(PLANT, findings=(replace(FINDING, state="closed"),))

    assert words(none, PLANT) == ["SL-4 was found"]
    assert words(PLANT, better) == ["SL-4 has evidence E4 instead of E3"]
    assert words(PLANT, closed) == ["SL-4 is closed"]
    assert words(PLANT, none) == ["SL-4 opens no way any more"]
    assert words(kept, PLANT) == ["SL-4 is open again"]
    assert words(kept, none) == []
    assert differences(none, PLANT)[0].subject_id == "plc"


def test_a_control_that_passes_is_told_apart_from_another_change() -> None:
    tested = replace(PLANT, conduits=(replace(CONDUIT, verified_control=True),))
    other = replace(PLANT, conduits=(replace(CONDUIT, ports=(22,)),))

    assert words(PLANT, tested) == [
        "the way rule 22 has a control that passes its test"
    ]
    assert words(tested, PLANT) == [
        "the way rule 22 has a control that passes its test no longer"
    ]
    assert words(PLANT, other) == ["the way rule 22 was changed"]


def test_a_control_is_named_with_what_became_of_it() -> None:
    failed = "Rule review, which failed its test on 14 November 2026"
    declared, guarded = (
        replace(
            PLANT,
            conduits=(replace(CONDUIT, control=words, verified_control=verified),),
            findings=(replace(FINDING, control=words, verified_control=verified),),
        )
        for words, verified in ((failed, False), ("Rule review, passed", True))
    )

    assert words(guarded, declared) == [
        f"SL-4 has the control {failed}",
        f"the way rule 22 has the control {failed}",
    ]
    assert words(guarded, PLANT) == [
        "SL-4 has no control any more",
        "the way rule 22 has no control any more",
    ]


def test_ways_in_come_before_the_plant_itself() -> None:
    after = replace(
        PLANT,
        findings=(),
        vendor_accesses=(VendorAccessRow("v", "Acme Drives", to_zone_id="z"),),
        credentials=(CredentialRow("k", "line operator"),),
        services=(),
        assets=PLANT.assets[:1],
    )

    assert words(PLANT, after) == [
        "SL-4 opens no way any more",
        "the access of Acme Drives was added",
        "the credential line operator was added",
        "PLC-P21 no longer answers on 102/tcp",
        "HMI-P2 was removed",
    ]


def test_a_service_that_is_only_known_longer_is_no_difference() -> None:
    dated = replace(PLANT.services[0], known_since="2026-11-14")

    assert words(PLANT, replace(PLANT, services=(dated,))) == []
