"""A reader of one site gets the numbers of all and the names of the own site."""

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.sight import ELSEWHERE, STEP, Sight, seen, veiled
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
    ZoneRow,
)

OWN = Sight(frozenset({"z-own", "a-own", "l-own"}))
PLANT = PlantSnapshot(
    zones=(ZoneRow("z-own", "Cell", 1), ZoneRow("z-far", "Ridge panels", 2)),
    lines=(LineRow("l-own", "Filler", 10), LineRow("l-far", "Ridge press", 30)),
    assets=(
        AssetRow("a-own", "PLC-1", "z-own", line_ids=("l-own",)),
        AssetRow("a-far", "Ridge HMI", "z-far", description="Ridge", line_ids=("l-far",)),
        AssetRow("a-off", "Ridge drive", "z-far"),
    ),
    conduits=(
        ConduitRow(
            "c-far", "Ridge link", "z-far", to_zone_id="z-own", basis=Basis.IMPORTED,
            control="Ridge rule, which was never tested",
        ),
    ),
    credentials=(
        CredentialRow("k-far", "Ridge admin", ("a-far",), ("a-own",), stored=True),
    ),
    vendor_accesses=(VendorAccessRow("v-far", "Ridge pumps", to_zone_id="z-own"),),
    services=(
        ServiceRow("s-far", "a-far", 8443),
        ServiceRow("s-own", "a-own", 102, seen_from="z-own"),
    ),
    findings=(
        FindingRow(
            "f-far", "SL-1", "a-far", 8443, "Ridge is open", Grade.E4, Threat.ACTIVE,
            technique="T0819", verified_control=True, control="Ridge guard",
        ),
        FindingRow("f-own", "SL-2", "a-own", 102, "PLC-1 obeys", Grade.E3, Threat.ACTIVE),
    ),
)  # fmt: skip


def answers() -> tuple[PathAnalysis, PathAnalysis, PlantSnapshot]:
    """Return what everybody gets, what the reader gets, and what is shown of the plant."""
    plant = veiled(PLANT, OWN)
    whole, part = (
        analyse(each, policy=ScoringPolicy(), seed="s", worlds=2048)
        for each in (PLANT, plant)
    )
    return whole, *seen(part, plant, OWN)


def test_a_line_is_reached_as_often_whoever_asks() -> None:
    whole, mine, _ = answers()
    line = next(row for row in whole.lines if row.line_id == "l-own")

    assert 0 < line.reach < 1
    assert [row.reach for row in mine.lines] == [line.reach]
    assert mine.exposure == line.exposure < whole.exposure
    assert mine.lines[0].best.p == line.best.p


def test_nothing_of_the_other_site_is_named() -> None:
    _, mine, shown = answers()

    assert "Ridge" not in mine.to_json().decode()
    assert "SL-1" not in mine.to_json().decode()
    assert "Ridge" not in shown.canonical().decode()
    assert "Ridge" not in veiled(PLANT, OWN).canonical().decode()
    assert mine.sentence.startswith("1 line of 1 ")


def test_a_step_at_the_other_site_says_so_only() -> None:
    _, mine, shown = answers()
    first, *_ = mine.lines[0].best.hops

    assert (first.to_name, first.how, first.port) == (ELSEWHERE, STEP, 0)
    assert (first.finding_id, first.conduit_id, first.technique) == ("", "", "")
    # It is drawn, and what stands on no way of the reader's is not counted.
    assert {row.id for row in shown.assets} == {"a-own", "a-far"}


def test_what_the_other_site_alone_is_about_is_left_out() -> None:
    _, mine, shown = answers()

    assert [row.finding_id for row in mine.findings] == ["f-own"]
    assert [row.asset_id for row in mine.assets] == ["a-own"]
    assert [row.id for row in shown.findings] == ["f-own"]
    assert [row.id for row in shown.lines] == ["l-own"]


def test_no_cause_tells_a_port_of_the_other_site() -> None:
    _, mine, _ = answers()

    assert not any("8443" in row.label for row in mine.causes)


def test_who_sees_everything_sees_it_unchanged() -> None:
    everything = Sight(
        frozenset(
            row.id
            for rows in (
                PLANT.zones,
                PLANT.lines,
                PLANT.assets,
                PLANT.conduits,
                PLANT.credentials,
                PLANT.vendor_accesses,
            )
            for row in rows
        )
    )

    assert veiled(PLANT, everything) == PLANT


def test_what_to_find_out_elsewhere_has_no_name() -> None:
    _, mine, _ = answers()

    asked = {row.cause_id for row in mine.unknowns}
    labels = {row.label for row in mine.causes if row.id in asked}
    assert {"a way at another site", "SL-2"} <= labels
    assert not any("Ridge" in label or "SL-1" in label for label in labels)
