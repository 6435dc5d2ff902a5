"""The evidence grade of a finding, and the threat of its weakness: two separate axes."""

from enum import StrEnum

INDEPENDENT_RUNS = 2


class Grade(StrEnum):
    """What we know about a weakness on this very asset.

    `label` is the word on the screen; `e` (0 to 1) is the share of certainty that the
    grade contributes to a cause.
    """

    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"
    D = "D"

    @property
    def label(self) -> str:
        """Return the plain word for the grade.

        >>> Grade.E3.label
        'confirmed'
        """
        return _LABELS[self]

    @property
    def e(self) -> float:
        """Return the certainty that this grade stands for, from 0 to 1."""
        return _CERTAINTY[self]


_LABELS = {
    Grade.E0: "theoretical",
    Grade.E1: "reachable",
    Grade.E2: "version match",
    Grade.E3: "confirmed",
    Grade.E4: "validated",
    Grade.D: "disproved",
}
_CERTAINTY = {
    Grade.E0: 0.05,
    Grade.E1: 0.15,
    Grade.E2: 0.40,
    Grade.E3: 0.70,
    Grade.E4: 1.0,
    Grade.D: 0.0,
}
_FROM_LEVEL = {"L0": Grade.E2, "L1": Grade.E1, "L2": Grade.E3, "L3": Grade.E3}
_ONE_LOWER = {
    Grade.E4: Grade.E3,
    Grade.E3: Grade.E2,
    Grade.E2: Grade.E1,
    Grade.E1: Grade.E0,
}


class Threat(StrEnum):
    """What the world does with a weakness; says nothing about an asset.

    `a` (0 to 1) is the share that the threat contributes to a cause.
    """

    NONE = "none"
    PUBLIC_POC = "public_poc"
    ACTIVE = "active"

    @property
    def a(self) -> float:
        """Return the weight of this threat, from 0 to 1."""
        return {Threat.NONE: 0.3, Threat.PUBLIC_POC: 0.6, Threat.ACTIVE: 1.0}[self]


def from_level(level: str, *, agreeing_runs: int = 1, anomaly: bool = False) -> Grade:
    """Return the grade that a probe level ("L0" to "L3", or "") earns.

    A direct proof (L2, L3) is confirmed by one run and validated once a second,
    independent run agrees; `agreeing_runs` counts all runs that agree, this one
    included. An answer that the protocol forbids (`anomaly`) costs one grade. An
    unknown or empty level is only theoretical.

    >>> from_level("L3"), from_level("L3", agreeing_runs=2)
    (<Grade.E3: 'E3'>, <Grade.E4: 'E4'>)
    """
    grade = _FROM_LEVEL.get(level, Grade.E0)
    if grade is Grade.E3 and agreeing_runs >= INDEPENDENT_RUNS:
        grade = Grade.E4
    return lowered(grade) if anomaly else grade


def lowered(grade: Grade) -> Grade:
    """Return the grade below, for evidence of a host that looks like a decoy.

    >>> lowered(Grade.E4), lowered(Grade.E0)
    (<Grade.E3: 'E3'>, <Grade.E0: 'E0'>)
    """
    return _ONE_LOWER.get(grade, grade)
