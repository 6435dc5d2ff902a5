"""The whole question: what an outsider reaches, and what stops it."""

import json
from dataclasses import replace

import pytest

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import (
    FindingRow,
    PlantSnapshot,
    ServiceRow,
)
from tests.exposure.logic.paths.plants import northmill, shuffled

POLICY = ScoringPolicy()


def answer(plant: PlantSnapshot, *, seed: str = "northmill") -> PathAnalysis:
    return analyse(plant, policy=POLICY, seed=seed)


def with_second_door(plant: PlantSnapshot) -> PlantSnapshot:
    """A second weakness of the panel, seen from the internet: E2 with public code."""
    return replace(
        plant,
        services=(*plant.services, ServiceRow("s-hmi", "a-hmi", 80)),
        findings=(
            *plant.findings,
            FindingRow(
                "f-web", "SL-9", "a-hmi", 80, "old web", Grade.E2, Threat.PUBLIC_POC
            ),
        ),
    )


def test_the_worked_example_is_point_three_two_times_ten():
    line = answer(northmill()).lines[0]

    assert line.best is not None
    assert line.best.p == pytest.approx(0.32)
    assert line.best.p * line.points == pytest.approx(3.2)
    assert [hop.to_name for hop in line.best.hops] == [
        "VPN-GW-01",
        "JUMP-01",
        "HMI-P2",
        "PLC-P21",
        "Pasteuriser 2",
    ]
    assert [hop.p for hop in line.best.hops] == pytest.approx([1, 0.8, 0.4, 1, 1])
    assert [hop.basis for hop in line.best.hops] == [
        "observed",
        "imported",
        "assumed",
        "observed",
        "certain",
    ]


def test_the_sampled_reach_of_the_worked_example_is_within_a_hundredth():
    analysis = answer(northmill())

    assert analysis.lines[0].reach == pytest.approx(0.32, abs=0.01)
    assert analysis.exposure == pytest.approx(3.2, abs=0.1)


def test_every_number_stands_inside_its_bounds():
    analysis = answer(with_second_door(northmill()))

    line = analysis.lines[0]
    assert line.low <= line.reach <= line.high
    assert line.reach <= line.cut_bound
    assert line.exposure == line.points * line.reach
    assert analysis.exposure_low <= analysis.exposure <= analysis.exposure_high


def test_a_weaker_grade_makes_a_wider_interval():
    plant = northmill()
    firm = replace(
        plant,
        conduits=tuple(replace(row, basis="imported") for row in plant.conduits),
    )

    loose, tight = answer(plant).lines[0], answer(firm).lines[0]

    assert (tight.high - tight.low) / tight.reach < (
        loose.high - loose.low
    ) / loose.reach


def test_the_policy_says_how_wide_a_grade_is():
    sure = ScoringPolicy(widths={**POLICY.widths, "assumed": 5000.0})

    loose = answer(northmill()).lines[0]
    tight = analyse(northmill(), policy=sure, seed="northmill").lines[0]

    assert tight.high - tight.low < (loose.high - loose.low) / 2


def test_two_doors_are_worth_little_alone_and_know_each_other():
    analysis = answer(with_second_door(northmill()))

    worth = {row.id: row for row in analysis.changes}
    # 1 - .68 x .76 = .4832; without the first door .24, without the second .32.
    assert analysis.exposure == pytest.approx(4.83, abs=0.2)
    assert worth["finding:f-vpn"].removes == pytest.approx(2.43, abs=0.2)
    assert worth["finding:f-web"].removes == pytest.approx(1.63, abs=0.2)
    assert analysis.changes[0].id == "finding:f-plc"
    assert analysis.changes[0].leaves == 0.0


def test_a_change_that_does_nothing_alone_names_its_partner():
    plant = northmill()
    twin = replace(plant.findings[0], id="f-vpn2", ref="SL-8", port=8443)
    plant = replace(
        plant,
        services=(*plant.services, ServiceRow("s-vpn2", "a-vpn", 8443)),
        findings=(*plant.findings, twin),
    )

    worth = {row.id: row for row in answer(plant).changes}

    for row, partner in (("f-vpn", "f-vpn2"), ("f-vpn2", "f-vpn")):
        assert worth[f"finding:{row}"].nothing_alone
        assert worth[f"finding:{row}"].works_with == (f"finding:{partner}",)


def test_a_finding_shows_what_goes_through_it_and_what_closing_it_removes():
    analysis = answer(with_second_door(northmill()))

    rows = {row.finding_id: row for row in analysis.findings}
    assert rows["f-vpn"].through == pytest.approx(3.2, abs=0.15)
    assert rows["f-web"].through == pytest.approx(2.4, abs=0.15)
    assert rows["f-vpn"].removes < rows["f-vpn"].through
    assert rows["f-web"].line_ids == ("l-past",)


def test_walking_in_a_circle_is_not_going_through():
    plant = northmill()
    neighbour = replace(plant.assets[1], id="a-next", name="NEXT-01")
    service = ServiceRow("s-next", "a-next", 22, seen_from="z-dmz")
    weak = replace(plant.findings[1], id="f-next", asset_id="a-next", port=22)
    plant = replace(
        plant,
        assets=(*plant.assets, neighbour),
        services=(*plant.services, service),
        findings=(*plant.findings, weak),
    )

    rows = {row.finding_id: row for row in answer(plant).findings}

    # The attacker stands in the DMZ already when this neighbour can be attacked.
    assert rows["f-next"].through == 0.0
    assert rows["f-next"].line_ids == ()


def test_a_weakness_that_only_its_own_owner_can_use_leads_nowhere():
    plant = northmill()
    service = ServiceRow("s-ssh", "a-vpn", 22, seen_from="z-office")
    weak = replace(plant.findings[0], id="f-ssh", port=22)
    plant = replace(
        plant,
        services=(*plant.services, service),
        findings=(*plant.findings, weak),
    )

    rows = {row.finding_id: row for row in answer(plant).findings}

    assert rows["f-ssh"].through == 0.0


def test_every_route_passes_the_gateway():
    words = [row.words for row in answer(northmill()).lines[0].choke_points]

    assert "Every route takes over VPN-GW-01." in words
    assert "Every route passes through DMZ." in words


def test_other_ways_share_few_causes_with_the_best():
    line = answer(with_second_door(northmill())).lines[0]

    assert len(line.others) == 1
    assert line.others[0].p == pytest.approx(0.24)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_plant_gives_the_same_bytes(seed):
    plant = with_second_door(northmill())

    once, again = answer(plant), answer(shuffled(plant, seed=seed))

    assert once.to_json() == again.to_json()
    assert PathAnalysis.from_json(once.to_json()) == once


def test_another_seed_policy_or_number_of_worlds_is_another_revision():
    plant = northmill()

    revisions = {
        answer(plant).revision,
        answer(plant, seed="other").revision,
        analyse(plant, policy=POLICY, seed="northmill", worlds=512).revision,
        analyse(
            plant, policy=ScoringPolicy(version="prio-3"), seed="northmill"
        ).revision,
    }

    assert len(revisions) == 4


def test_a_line_that_no_world_loses_has_the_product_of_what_its_ways_need():
    plant = northmill()
    findings = tuple(replace(row, grade=Grade.E0) for row in plant.findings)

    (line,) = answer(replace(plant, findings=findings)).lines

    assert line.reach == 0.0
    assert line.best is not None
    assert line.rare == pytest.approx(0.05**4 * 0.8 * 0.4) == line.best.p
    assert answer(plant).lines[0].rare is None


def test_what_was_stored_before_there_were_rare_lines_is_still_read():
    analysis = answer(northmill())
    earlier = analysis.to_json().replace(b',"rare":null', b"")

    assert b"rare" not in earlier
    assert PathAnalysis.from_json(earlier) == analysis


def test_hostile_names_pass_through_as_they_are():
    plant = northmill()
    name = "{evil}<script>%s\u202e"
    assets = tuple(replace(row, name=name) for row in plant.assets)

    analysis = answer(replace(plant, assets=assets))

    assert analysis.lines[0].best is not None
    assert name in analysis.lines[0].best.hops[0].how
    assert PathAnalysis.from_json(analysis.to_json()) == analysis


def test_what_holds_the_exposure_most_in_doubt_is_named_first():
    analysis = answer(northmill())

    first, second = analysis.unknowns
    words = {cause.id: cause.word for cause in analysis.causes}
    assert [words[row.cause_id] for row in (first, second)] == ["assumed", "imported"]
    assert first.if_false == 0.0
    assert first.if_false < analysis.exposure < first.if_true


def test_an_answer_without_what_to_find_out_is_readable():
    stored = json.loads(answer(northmill()).to_json())
    del stored["unknowns"]

    assert PathAnalysis.from_json(json.dumps(stored)).unknowns == ()
