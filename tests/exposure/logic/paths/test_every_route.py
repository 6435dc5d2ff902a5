"""What every route passes, in order, without names from other sites."""

from dataclasses import replace

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.every_route import every_route
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.sight import ELSEWHERE, Sight, seen, veiled
from exposure.logic.paths.snapshot import PlantSnapshot
from tests.exposure.logic.paths.plants import northmill
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT


def passed(plant: PlantSnapshot, sight: Sight | None = None) -> list[tuple[str, str]]:
    plant = veiled(plant, sight) if sight else plant
    answer = analyse(plant, policy=ScoringPolicy(), seed="s", worlds=512)
    if sight:
        answer, _ = seen(answer, plant, sight)
    points = answer.lines[0].choke_points
    rows = every_route(points, plant, seen=sight.ids if sight else None)
    return [(row.name, row.how) for row in rows]


def test_each_thing_is_told_once_from_outside_to_the_line() -> None:
    assert passed(northmill()) == [
        ("VPN-GW-01", "port 443, taken over"),
        ("Office", "presence in it"),
        ("JUMP-01", "port 3389, taken over"),
        ("DMZ", "presence in it"),
        ("HMI-P2", "port 5900, taken over"),
        ("Cell 2", "presence in it"),
        ("PLC-P21", "port 102, taken over"),
    ]


def test_a_device_that_is_signed_in_to_stands_behind_what_holds_the_credential() -> (
    None
):
    assert passed(replace(PLANT, credentials=(ADMIN,))) == [
        ("EWS", "port 443, taken over"),
        ("Admin", "used"),
        ("Office", "presence in it"),
        ("PLC", "port 22, taken over"),
    ]


def test_what_is_at_another_site_is_neither_named_nor_counted() -> None:
    mine = Sight(frozenset({"a-plc", "z-cell", "l-past", "a-jump"}))

    assert passed(northmill(), mine) == [
        (ELSEWHERE, ""),
        ("JUMP-01", "port 3389, taken over"),
        (ELSEWHERE, ""),
        ("Cell 2", "presence in it"),
        ("PLC-P21", "port 102, taken over"),
    ]
