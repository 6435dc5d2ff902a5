"""When to act."""

from collections import Counter
from itertools import product

import pytest

from exposure.logic.grades import Grade
from exposure.logic.priority import (
    Automatable,
    Band,
    Exploitation,
    Exposure,
    HumanImpact,
    Mission,
    Safety,
    asked,
    consequence_class,
    consequence_points,
    human_impact,
    indicated,
    worst,
)

INPUTS = list(product(Exploitation, Exposure, Automatable, HumanImpact))


def band(row: tuple[Exploitation, Exposure, Automatable, HumanImpact]) -> Band:
    exploitation, exposure, automatable, impact = row
    return indicated(
        exploitation, exposure=exposure, automatable=automatable, impact=impact
    )


def test_the_table_has_the_published_counts():
    counts = Counter(band(row) for row in INPUTS)

    assert counts == {
        Band.SCHEDULED: 42,
        Band.OUT_OF_CYCLE: 20,
        Band.DEFER: 7,
        Band.IMMEDIATE: 3,
    }


@pytest.mark.parametrize("place", range(4))
def test_it_is_monotone_in_each_of_its_four_inputs(place):
    words = [list(kind) for kind in (Exploitation, Exposure, Automatable, HumanImpact)]

    for row in INPUTS:
        spot = words[place].index(row[place])
        if spot + 1 < len(words[place]):
            raised = (*row[:place], words[place][spot + 1], *row[place + 1 :])
            assert band(raised).rank >= band(row).rank


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("active", "open", "yes", "very_high"), Band.IMMEDIATE),
        (("active", "open", "yes", "high"), Band.IMMEDIATE),
        (("active", "open", "no", "very_high"), Band.IMMEDIATE),
        (("none", "small", "no", "medium"), Band.DEFER),
        (("public_poc", "open", "yes", "low"), Band.SCHEDULED),
        (("none", "open", "yes", "very_high"), Band.OUT_OF_CYCLE),
    ],
)
def test_it_answers_as_printed(row, expected):
    kinds = (Exploitation, Exposure, Automatable, HumanImpact)

    assert band(tuple(map(lambda kind, word: kind(word), kinds, row))) == expected


@pytest.mark.parametrize(
    ("grade", "kev", "expected"),
    [
        (Grade.D, True, Band.DEFER),
        (Grade.E0, True, Band.DEFER),
        (Grade.E1, True, Band.SCHEDULED),
        (Grade.E2, False, Band.OUT_OF_CYCLE),
        (Grade.E2, True, Band.IMMEDIATE),
        (Grade.E3, False, Band.IMMEDIATE),
        (Grade.E4, False, Band.IMMEDIATE),
    ],
)
def test_weak_evidence_caps_what_is_asked(grade, kev, expected):
    assert asked(Band.IMMEDIATE, grade=grade, kev=kev) == expected


def test_strong_evidence_never_raises_what_is_indicated():
    for indicated_band, grade in product(Band, Grade):
        result = asked(indicated_band, grade=grade, kev=True)
        assert result.rank <= indicated_band.rank


def test_a_finding_takes_its_worst_target():
    assert worst([Band.SCHEDULED, Band.IMMEDIATE, Band.DEFER]) == Band.IMMEDIATE
    assert worst([]) == Band.DEFER


def test_human_impact_is_monotone_and_follows_the_definitions():
    order = list(HumanImpact)
    for safety, mission in product(Safety, Mission):
        here = order.index(human_impact(safety, mission=mission))
        worse = [
            human_impact(other, mission=mission)
            for other in list(Safety)[list(Safety).index(safety) :]
        ] + [
            human_impact(safety, mission=other)
            for other in list(Mission)[list(Mission).index(mission) :]
        ]
        assert all(order.index(impact) >= here for impact in worse)


@pytest.mark.parametrize(
    ("safety", "mission", "impact"),
    [
        (Safety.MARGINAL, Mission.DEGRADED, HumanImpact.MEDIUM),
        (Safety.MARGINAL, Mission.CRIPPLED, HumanImpact.MEDIUM),
        (Safety.MARGINAL, Mission.MEF_FAILURE, HumanImpact.HIGH),
        (Safety.CRITICAL, Mission.DEGRADED, HumanImpact.HIGH),
        (Safety.CRITICAL, Mission.MEF_FAILURE, HumanImpact.HIGH),
        (Safety.NEGLIGIBLE, Mission.MEF_FAILURE, HumanImpact.MEDIUM),
        (Safety.NEGLIGIBLE, Mission.MISSION_FAILURE, HumanImpact.VERY_HIGH),
        (Safety.CATASTROPHIC, Mission.DEGRADED, HumanImpact.VERY_HIGH),
    ],
)
def test_the_disputed_cells_follow_the_text(safety, mission, impact):
    assert human_impact(safety, mission=mission) == impact


def test_the_classes_carry_their_points():
    impacts = [None, *HumanImpact]

    assert [consequence_class(row) for row in impacts] == ["C0", "C1", "C2", "C3", "C4"]
    assert [consequence_points(row) for row in impacts] == [0, 1, 3, 10, 30]


def test_bands_have_words_for_the_screen():
    words = [row.words for row in Band]

    assert words == ["Not now", "Planned stop", "Next window", "Now"]
