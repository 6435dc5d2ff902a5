"""Grades follow from levels, and never say more than was proved."""

import pytest

from exposure.logic.grades import Grade, Threat, from_level


@pytest.mark.parametrize(
    ("level", "grade"),
    [
        ("", Grade.E0),
        ("L0", Grade.E2),
        ("L1", Grade.E1),
        ("L2", Grade.E3),
        ("L3", Grade.E3),
        ("L9", Grade.E0),
    ],
)
def test_it_follows_from_the_level(level: str, grade: Grade) -> None:
    assert from_level(level) is grade


@pytest.mark.parametrize("level", ["L2", "L3"])
def test_it_is_validated_when_a_second_run_agrees(level: str) -> None:
    assert from_level(level, agreeing_runs=2) is Grade.E4


@pytest.mark.parametrize("level", ["", "L0", "L1"])
def test_it_does_not_rise_by_repetition_alone(level: str) -> None:
    assert from_level(level, agreeing_runs=9) is from_level(level)


def test_it_loses_one_grade_for_an_anomaly() -> None:
    assert from_level("L3", anomaly=True) is Grade.E2
    assert from_level("L3", agreeing_runs=2, anomaly=True) is Grade.E3
    assert from_level("", anomaly=True) is Grade.E0


def test_it_weighs_more_the_more_is_known() -> None:
    weights = [grade.e for grade in Grade if grade is not Grade.D]

    assert weights == sorted(weights)
    assert weights[-1] == 1.0
    assert Grade.D.e == 0.0


def test_it_has_a_word_for_each_grade() -> None:
    assert [grade.label for grade in Grade] == [
        "theoretical",
        "reachable",
        "version match",
        "confirmed",
        "validated",
        "disproved",
    ]


def test_it_weighs_threats() -> None:
    assert [threat.a for threat in Threat] == [0.3, 0.6, 1.0]
