"""The scoring policy: the few agreed numbers behind every other number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from common.canonical import canonical_sha256
from common.errors import DomainError
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.snapshot import Basis, FindingRow

POINTS = {"C0": 0, "C1": 1, "C2": 3, "C3": 10, "C4": 30}
"""Consequence class of a line to its points."""


class PolicyRefused(DomainError, ValueError):
    """A scoring policy that cannot be used, with the entry that is wrong."""


def _grades() -> dict[str, float]:
    return {str(grade): grade.e for grade in Grade}


def _threats() -> dict[str, float]:
    return {str(threat): threat.a for threat in Threat}


def _bases() -> dict[str, float]:
    return {"observed": 1.0, "imported": 0.8, "assumed": 0.4}


def _widths() -> dict[str, float]:
    return {
        "E4": 200.0,
        "E3": 50.0,
        "E2": 20.0,
        "E1": 8.0,
        "E0": 4.0,
        "D": 200.0,
        "observed": 50.0,
        "imported": 20.0,
        "assumed": 4.0,
    }


@dataclass(frozen=True, slots=True)
class ScoringPolicy:
    """The agreed tables, one version per workspace.

    `grades`, `threats` and `bases` hold probabilities in [0, 1]; a verified control
    multiplies its conduit by `control_factor`. `widths` is the strength of the Beta
    distribution behind a probability: how many trials our knowledge is worth.
    Raises `PolicyRefused` when an entry is missing, no number or out of range.
    """

    version: str = "prio-1"
    grades: Mapping[str, float] = field(default_factory=_grades)
    threats: Mapping[str, float] = field(default_factory=_threats)
    bases: Mapping[str, float] = field(default_factory=_bases)
    control_factor: float = 0.1
    widths: Mapping[str, float] = field(default_factory=_widths)

    def __post_init__(self) -> None:
        tables: tuple[tuple[type[StrEnum], Mapping[str, float]], ...] = (
            (Grade, self.grades),
            (Threat, self.threats),
            (Basis, self.bases),
        )
        for words, table in tables:
            for word in words:
                _check(word, table.get(word, math.nan), top=1.0)
        _check("control factor", self.control_factor, top=1.0)
        for word in (*Grade, *Basis):
            width = self.widths.get(word, math.nan)
            _check(f"width of {word}", width, bottom=0.5, top=1e6)

    @property
    def sha256(self) -> str:
        """The SHA-256 over all entries: 64 hexadecimal digits."""
        return canonical_sha256(
            {
                "version": self.version,
                "grades": _plain(self.grades),
                "threats": _plain(self.threats),
                "bases": _plain(self.bases),
                "control_factor": float(self.control_factor),
                "widths": _plain(self.widths),
                "points": POINTS,
            }
        )

    def of_finding(self, finding: FindingRow) -> float:
        """Return p of a finding: e(grade) x a(threat). Validated counts in full."""
        chance = self.grades[finding.grade]
        if finding.grade == Grade.E4:
            return chance
        return chance * self.threats[finding.threat]

    def of_basis(self, basis: Basis, *, verified_control: bool = False) -> float:
        """Return q of a way: by how it is known, less while a control is verified."""
        chance = self.bases[basis]
        return chance * (self.control_factor if verified_control else 1.0)


def _check(word: str, value: float, *, bottom: float = 0.0, top: float) -> None:
    if not bottom <= value <= top:  # also refuses NaN, which no comparison accepts
        raise PolicyRefused(
            f"Scoring policy, {word}: {value} is not a number from {bottom:g} to {top:g}."
        )


def _plain(table: Mapping[str, float]) -> dict[str, float]:
    return {str(word): float(value) for word, value in sorted(table.items())}
