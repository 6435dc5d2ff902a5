"""The map of attack paths."""

import re
from dataclasses import replace

import pytest

from exposure.logic.path_map import PathMap, path_map
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import FoundPath
from exposure.logic.paths.snapshot import (
    AssetRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
)
from tests.exposure.logic.paths.plants import northmill

NUMBER = re.compile(r"-?\d+\.\d")
PATH = re.compile(r"M-?[\d.]+ -?[\d.]+([VHCl][-\d. ]+|h[-\d. ]+|z)*")


def mapped(plant: PlantSnapshot, **choice: object) -> PathMap:
    analysis = analyse(plant, policy=ScoringPolicy(), seed="northmill", worlds=512)
    return path_map(analysis, plant, **choice)


def _with_basis(path: FoundPath, basis: str) -> FoundPath:
    return replace(path, hops=tuple(replace(hop, basis=basis) for hop in path.hops))


def with_many_panels(plant: PlantSnapshot, *, count: int) -> PlantSnapshot:
    """The plant with panels that face the internet, one line each or all the same."""
    return replace(
        plant,
        assets=(
            *plant.assets,
            *(
                AssetRow(f"p{n:03}", f"PANEL-{n}", "z-cell", "hmi", "", ("l-past",))
                for n in range(count)
            ),
        ),
        services=(
            *plant.services,
            *(ServiceRow(f"sp{n}", f"p{n:03}", 80) for n in range(count)),
        ),
        findings=(
            *plant.findings,
            *(
                replace(
                    plant.findings[3],
                    id=f"fp{n}",
                    ref=f"SL-{100 + n}",
                    asset_id=f"p{n:03}",
                    port=80,
                    grade="E1",
                )
                for n in range(count)
            ),
        ),
    )


def test_it_draws_the_selected_path_through_the_levels():
    drawing = mapped(northmill())

    boxes = {box.key: box for box in drawing.boxes}
    assert [box.name for box in drawing.boxes] == [
        "Internet",
        "VPN-GW-01",
        "JUMP-01",
        "HMI-P2",
        "PLC-P21",
        "Pasteuriser 2",
    ]
    assert all(box.on_path for box in drawing.boxes)
    assert boxes["line:l-past"].is_hit
    assert [band.name for band in drawing.bands] == [
        "Internet",
        "Level 4",
        "Level 3.5",
        "Level 2",
        "Level 0",
    ]


def test_it_says_how_each_way_is_known():
    drawing = mapped(northmill())

    basis = {edge.to_key: edge.basis for edge in drawing.edges}
    assert basis == {
        "asset:a-vpn": "observed",
        "asset:a-jump": "imported",
        "asset:a-hmi": "assumed",
        "asset:a-plc": "observed",
        "line:l-past": "observed",
    }
    assert any("Rule 22, assumed" in edge.title for edge in drawing.edges)


@pytest.mark.parametrize("selected", [0, 1])
def test_of_two_hops_between_the_same_boxes_it_shows_the_better_known(selected):
    plant = northmill()
    analysis = analyse(plant, policy=ScoringPolicy(), seed="northmill", worlds=512)
    line = analysis.lines[0]
    assert line.best is not None
    paths = [line.best, _with_basis(line.best, "assumed")]
    line = replace(line, best=paths[selected], others=(paths[1 - selected],))

    drawing = path_map(replace(analysis, lines=(line,)), plant)

    known = {edge.to_key: edge.basis for edge in drawing.edges}
    assert known["asset:a-vpn"] == "observed"
    assert known["asset:a-jump"] == "imported"


def test_every_coordinate_is_finished_text():
    drawing = mapped(with_many_panels(northmill(), count=3))

    for box in drawing.boxes:
        assert all(NUMBER.fullmatch(text) for text in (box.x, box.y, box.text_x))
    for edge in drawing.edges:
        assert PATH.fullmatch(edge.d)
        assert PATH.fullmatch(edge.head)


def test_it_marks_the_best_cut_on_the_path():
    cut = mapped(northmill()).cut

    assert cut is not None
    assert cut.change_id == "conduit:c-114"
    assert re.fullmatch(r"Rule 114 · removes \d\.\d", cut.label)


def test_a_vendors_access_is_a_place_to_cut_as_well():
    access = VendorAccessRow("v", "Boiler maker", to_zone_id="z-cell")
    findings = tuple(row for row in northmill().findings if row.id == "f-plc")
    plant = replace(northmill(), vendor_accesses=(access,), findings=findings)
    answer = analyse(plant, policy=ScoringPolicy(), seed="northmill", worlds=512)
    vendors = [row for row in answer.changes if row.kind == "vendor"]
    others = {row.id for row in answer.changes if row.kind != "vendor"}

    cut = path_map(answer, plant, cannot=others).cut

    assert cut is not None
    assert cut.change_id == vendors[0].id


def test_what_nobody_can_make_is_not_the_place_to_cut():
    plant = northmill()
    answer = analyse(plant, policy=ScoringPolicy(), seed="map", worlds=256)
    ids = [row.id for row in answer.changes if row.removes]

    cut = path_map(answer, plant, cannot={"conduit:c-114"}).cut

    assert cut is not None
    assert cut.change_id != "conduit:c-114"
    assert path_map(answer, plant, cannot=ids).cut is None


def test_it_selects_what_is_asked_for_and_falls_back_to_the_best():
    plant = with_many_panels(northmill(), count=1)

    best = mapped(plant).selected
    other = mapped(plant, line_id="l-past", path_number=1).selected
    nonsense = mapped(plant, line_id="ghost", path_number=99).selected

    assert best is not None
    assert other is not None
    assert other != best
    assert nonsense == best


def test_the_selected_path_lies_on_top():
    drawing = mapped(with_many_panels(northmill(), count=1))

    flags = [edge.on_path for edge in drawing.edges]
    assert flags == sorted(flags)
    assert not all(flags)


def test_alike_assets_are_one_box():
    plant = northmill()
    paths = with_many_panels(plant, count=4)
    lines = tuple(LineRow(f"l{n}", f"Line {n}", 1) for n in range(4))
    assets = tuple(
        replace(row, line_ids=tuple(line.id for line in lines))
        if row.id.startswith("p")
        else row
        for row in paths.assets
    )

    drawing = mapped(replace(paths, assets=assets, lines=(*plant.lines, *lines)))

    folded = [box for box in drawing.boxes if box.stands_for > 1]
    assert [box.subtitle for box in folded] == ["and 2 alike"]
    assert drawing.drawn == 8


def test_a_big_plant_is_drawn_in_part_and_says_so():
    plant = northmill()
    count = 90
    crowd = with_many_panels(plant, count=count)
    lines = tuple(LineRow(f"l{n:03}", f"Line {n}", 1) for n in range(count))
    assets = tuple(
        replace(row, line_ids=("l" + row.id[1:],)) if row.id.startswith("p") else row
        for row in crowd.assets
    )

    drawing = mapped(replace(crowd, assets=assets, lines=(*plant.lines, *lines)))

    assert len([box for box in drawing.boxes if box.kind == "asset"]) <= 60
    assert drawing.total == count + 4
    assert "more are on further paths" in drawing.summary


def test_an_asset_and_a_line_may_have_the_same_id():
    plant = northmill()
    line = replace(plant.lines[0], id="a-plc")
    plc = replace(plant.assets[3], line_ids=("a-plc",))

    drawing = mapped(replace(plant, lines=(line,), assets=(*plant.assets[:3], plc)))

    keys = [box.key for box in drawing.boxes]
    assert len(set(keys)) == len(keys) == 6


def test_without_a_path_it_still_shows_the_lines():
    drawing = mapped(replace(northmill(), services=()))

    assert drawing.selected is None
    assert drawing.cut is None
    assert drawing.edges == ()
    assert [(box.name, box.is_ghost) for box in drawing.boxes] == [
        ("Internet", False),
        ("Pasteuriser 2", True),
    ]
    assert drawing.summary == "No path reaches production, by what is known."


@pytest.mark.parametrize("name", ["x" * 500, "<script>", "{{ a }}", ""])
def test_a_hostile_name_stays_short_and_is_left_to_the_template(name):
    plant = northmill()
    assets = tuple(replace(row, name=name) for row in plant.assets)

    drawing = mapped(replace(plant, assets=assets))

    box = next(box for box in drawing.boxes if box.kind == "asset")
    assert box.full_name == name
    assert len(box.name) <= 20


def test_an_asset_without_a_zone_has_a_lane_of_its_own():
    plant = northmill()
    gateway = replace(plant.assets[0], zone_id="", line_ids=("l-past",))

    drawing = mapped(replace(plant, assets=(gateway, *plant.assets[1:])))

    assert "Not placed" in [band.name for band in drawing.bands]


def test_a_finding_elsewhere_draws_nothing():
    plant = northmill()
    lonely = FindingRow("f", "SL-77", "a-vpn", 9999, "unreached", "E4")

    drawing = mapped(replace(plant, findings=(*plant.findings, lonely)))

    assert len(drawing.boxes) == 6
