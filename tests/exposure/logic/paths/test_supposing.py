"""What would open a way to a line: what was shut, what is permitted, who is inside."""

from dataclasses import replace

import pytest

from exposure.logic.grades import Grade
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    CredentialRow,
    PlantSnapshot,
    ServiceRow,
    Shut,
    ShutRow,
)
from exposure.logic.paths.supposing import Supposing
from tests.exposure.logic.paths.plants import northmill


def opens(plant: PlantSnapshot, policy: ScoringPolicy | None = None):
    return Supposing(plant, policy=policy or ScoringPolicy()).ways_open("l-past")


def shut(plant: PlantSnapshot, *findings: str) -> PlantSnapshot:
    rows = tuple(
        replace(row, state="closed") if row.id in findings else row
        for row in plant.findings
    )
    return replace(plant, findings=rows)


def test_a_line_that_is_reached_needs_nothing_more():
    assert opens(northmill()) == []


def test_what_was_shut_comes_first_with_its_proof():
    plant = northmill()
    proof = ShutRow("s", "a-plc", 102, "SL-4", Shut.CLOSED, day="2026-11-04")
    gone = ShutRow("g", "a-plc", 22, "SL-5", Shut.DISPROVED)
    # A closed finding is in no snapshot any more, its proof is.
    left = tuple(row for row in plant.findings if row.id != "f-plc")

    first, *others = opens(replace(plant, findings=left, shut=(proof, gone)))

    assert first.is_proven
    assert first.things == (
        "SL-4 on PLC-P21, closed, proven on 4 November 2026, opens again and gives "
        "control.",
    )
    # Nothing answers on the port of SL-5 any more.
    assert others == []


def test_each_set_is_enough_and_shares_nothing_with_the_others():
    sets = opens(shut(northmill(), "f-vpn"))

    said = [each for row in sets for each in row.things]
    assert len(said) == len({*said})
    assert "SL-1 on VPN-GW-01, closed, opens again and gives control." in said
    # The way in from furthest outside says most.
    assert "Somebody gets into Office by a way that is not known." in said


def test_a_sign_in_may_be_known_outside():
    plant = northmill()
    left = tuple(row for row in plant.findings if row.id != "f-plc")
    disproved = replace(plant.findings[3], grade=Grade.D)
    key = CredentialRow("k", "Anna", opens=("a-plc",))
    services = (*plant.services, ServiceRow("s-ssh", "a-plc", 22, "tcp", "z-cell"))
    plant = replace(
        plant, findings=(*left, disproved), credentials=(key,), services=services
    )

    said = [row.things for row in opens(plant)]

    assert said[:2] == [
        ("SL-4 on PLC-P21, disproved, opens again and gives control.",),
        ("Somebody outside has Anna.",),
    ]


def test_a_conduit_may_let_more_through_than_is_known():
    plant = northmill()
    conduits = tuple(replace(row, ports=(9,)) for row in plant.conduits)
    narrow = replace(plant, conduits=conduits, services=plant.services[:1])

    said = [each for row in opens(narrow) for each in row.things]

    assert any("lets more than port 9 through." in each for each in said)


def test_what_is_only_assumed_may_be_so_after_all():
    policy = ScoringPolicy().without_assumed()
    plant = northmill()
    answer = analyse(plant, policy=policy, seed="s", worlds=512)
    if answer.lines[0].best is not None:
        pytest.fail("The worked example has a way without anything assumed.")

    said = [each for row in opens(plant, policy) for each in row.things]

    assert any(each.startswith("This is so after all: ") for each in said)


def test_where_no_weakness_takes_what_runs_the_line_nothing_helps():
    plant = northmill()
    bare = replace(plant, findings=(), credentials=())

    assert opens(bare) == []
