"""What keeps outsiders from a line: named nearest to them, with its last test and age."""

import datetime as dt
from dataclasses import replace

import pytest

from exposure.logic.paths.barriers import Barrier, barriers_to, last_test
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    PlantSnapshot,
    ServiceRow,
    Shut,
    ShutRow,
    ZoneRow,
)
from tests.exposure.logic.paths.sign_in_plant import PLANT

TODAY = dt.date(2026, 11, 28)
FAR = replace(
    PLANT,
    zones=(*PLANT.zones, ZoneRow("dmz", "DMZ", 3.5)),
    assets=(*PLANT.assets, AssetRow("jump", "JUMP", "dmz")),
    services=(
        PLANT.services[0],
        ServiceRow("s2", "plc", 22, seen_from="dmz"),
        ServiceRow("s3", "jump", 3389, seen_from="dmz"),
    ),
    conduits=(
        ConduitRow("in", "Rule 1", "dmz", "cell"),
        ConduitRow("c", "Rule 9", "office", to_zone_id="dmz", ports=(9,), source="May"),
    ),
    shut=(ShutRow("x", "jump", 80, "SL-7", Shut.CLOSED, "2026-11-04"),),
)


def barriers(plant: PlantSnapshot) -> tuple[Barrier, ...]:
    compiled = compile_plant(plant, policy=ScoringPolicy())
    held = Rules(compiled.graph).derivable()
    return barriers_to(compiled.plant, "l", held=held)


def test_the_conduit_nearest_to_outsiders_is_named_not_the_one_at_the_controller():
    (row,) = barriers(FAR)

    assert row.words == "Rule 9 from Office to DMZ permits no known port behind it."
    assert (row.origin, row.asset_ids) == ("office", ("jump",))
    assert (row.said, row.shut_on) == ("assumed: May", "2026-11-04")
    assert row.shut == "SL-7 on JUMP is closed"


def test_a_device_that_is_reached_and_cannot_be_taken_is_the_barrier():
    near = replace(PLANT, findings=(replace(PLANT.findings[0], state="closed"),))

    (row,) = barriers(near)

    assert (
        row.words == "EWS is reached on port 443, and nothing open there gives control."
    )
    assert (row.origin, row.said) == ("", "")


def test_zones_in_a_circle_end_and_a_line_that_nothing_leads_to_has_none():
    circle = replace(
        FAR,
        findings=(),
        services=(),
        conduits=(
            ConduitRow("a", "A", "dmz", "cell"),
            ConduitRow("b", "B", "cell", "dmz"),
        ),
    )

    assert barriers(circle) == ()


@pytest.mark.parametrize(
    ("looked", "words", "is_old"),
    [
        ("", "Never tested from there: test it.", True),
        ("2026-08-30", "Last tested on 30 August 2026: run 7.", False),
        (
            "2026-08-29",
            "Last tested on 29 August 2026: run 7. Older than 90 days: test again.",
            True,
        ),
    ],
)
def test_what_was_tested_more_than_ninety_days_ago_is_to_be_tested_again(
    looked, words, is_old
):
    said = last_test(
        Barrier("x", "", ()),
        looked_on=looked,
        looked="run 7" if looked else "",
        today=TODAY,
    )

    assert (said.words, said.is_old) == (words, is_old)


def test_of_two_tests_the_later_one_is_told():
    row = Barrier("x", "", (), shut_on="2026-11-04", shut="SL-7 on JUMP is closed")

    said = last_test(row, looked_on="2026-11-03", looked="run 7", today=TODAY)

    assert said.words == "Last tested on 4 November 2026: SL-7 on JUMP is closed."
