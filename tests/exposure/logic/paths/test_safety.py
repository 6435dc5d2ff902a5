"""Safety systems are told beside the lines: reached, taken, and from which findings."""

from dataclasses import replace

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.safety import SafetyReach, safety_reach, safety_results
from exposure.logic.paths.snapshot import AssetRow, PlantSnapshot, ServiceRow, ZoneRow
from tests.exposure.logic.paths.plants import northmill

WORLDS = 512
SAFETY = ("a-sis", "a-far", "a-dark")


def plant() -> PlantSnapshot:
    """Northmill with a safety system beside the panel, and two that nothing leads to."""
    known = northmill()
    return replace(
        known,
        zones=(*known.zones, ZoneRow("z-safe", "Safety systems", 1)),
        assets=(
            *known.assets,
            AssetRow("a-sis", "SIS-P2", "z-cell", "sis", sends_packets=False),
            AssetRow("a-far", "SIS-B1", "z-safe", "sis", sends_packets=False),
            AssetRow("a-dark", "SIS-X", "z-cell", "sis", sends_packets=False),
        ),
        services=(
            *known.services,
            ServiceRow("s-sis", "a-sis", 502, seen_from="z-cell"),
            ServiceRow("s-far", "a-far", 502, seen_from="z-safe"),
        ),
    )


def reach(snapshot: PlantSnapshot) -> SafetyReach:
    return safety_reach(compile_plant(snapshot, policy=ScoringPolicy()), SAFETY)


def test_each_is_told_with_the_worlds_that_reach_it_the_worst_first():
    answer = analyse(plant(), policy=ScoringPolicy(), seed="s", worlds=WORLDS)
    panel = next(row for row in answer.assets if row.asset_id == "a-hmi")

    sis, dark, far = safety_results(answer, plant(), SAFETY)

    entered = round(panel.controlled * WORLDS)
    assert 0 < entered < WORLDS
    assert (sis.asset.name, sis.reached, sis.taken) == ("SIS-P2", entered, 0)
    assert (far.asset.name, far.reached, far.has_ports) == ("SIS-B1", 0, True)
    assert (dark.asset.name, dark.reached, dark.has_ports) == ("SIS-X", 0, False)
    assert (dark.zone_entered, far.zone_entered) == (entered, 0)


def test_they_add_no_units_to_the_lines():
    with_them = analyse(plant(), policy=ScoringPolicy(), seed="s", worlds=WORLDS)
    without = analyse(northmill(), policy=ScoringPolicy(), seed="s", worlds=WORLDS)

    assert with_them.exposure == without.exposure


def test_findings_lead_on_to_what_their_user_gets_to():
    found = reach(plant())

    assert found.known == {"a-sis": True, "a-far": False, "a-dark": False}
    leads = {row.asset_id: found.onward.get(row.id) for row in plant().findings}
    assert leads == {
        "a-vpn": ("a-sis",),
        "a-jump": ("a-sis",),
        "a-hmi": ("a-sis",),
        "a-plc": None,
    }


def test_what_is_impossible_leads_nowhere():
    shut = replace(plant(), findings=())

    assert reach(shut) == SafetyReach(dict.fromkeys(sorted(SAFETY), False))
