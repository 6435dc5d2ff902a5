"""The scoring policy: the few agreed numbers behind every other number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from common.canonical import canonical_sha256
from common.errors import DomainError
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.snapshot import (
    Access,
    Basis,
    CredentialRow,
    FindingRow,
    VendorAccessRow,
    Window,
)

POINTS = {"C0": 0, "C1": 1, "C2": 3, "C3": 10, "C4": 30}
"""Consequence class of a line to its points."""

CONDUIT_CONTROL, FINDING_CONTROL = 0.1, 0.3
"""What a verified control leaves of a way, and of a weakness that it stands before."""


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
        "reused": 8.0,
        "personal": 8.0,
        "vendor": 4.0,
        "phishing": 4.0,
    }


def _accesses() -> dict[str, float]:
    return {"reused": 0.7, "personal": 0.35, "vendor": 0.35, "phishing": 0.35}


def _windows() -> dict[str, float]:
    return {"always": 1.0, "on_request": 0.3, "over": 0.1}


@dataclass(frozen=True, slots=True)
class ScoringPolicy:
    """The agreed tables, one version per workspace.

    `grades`, `threats` and `bases` hold probabilities in [0, 1]; a verified control
    multiplies its conduit by `control_factor` and its weakness by
    `finding_control_factor`. `accesses` is the chance that a sign-in
    serves an attacker, or a vendor's access or a phishing mail lets one in; how we know
    of it multiplies it, as do `windows` (when a vendor's access is open) and
    `mfa_factor` (a second factor). `phishing` says whether mail counts as an entry at
    all. `widths` is the strength of the Beta distribution behind a probability: how
    many trials our knowledge is worth; of two reasons, the weaker.
    Raises `PolicyRefused` when an entry is missing, no number or out of range.
    """

    version: str = "prio-2"
    grades: Mapping[str, float] = field(default_factory=_grades)
    threats: Mapping[str, float] = field(default_factory=_threats)
    bases: Mapping[str, float] = field(default_factory=_bases)
    control_factor: float = CONDUIT_CONTROL
    widths: Mapping[str, float] = field(default_factory=_widths)
    accesses: Mapping[str, float] = field(default_factory=_accesses)
    windows: Mapping[str, float] = field(default_factory=_windows)
    mfa_factor: float = 0.1
    phishing: bool = False
    finding_control_factor: float = FINDING_CONTROL

    def __post_init__(self) -> None:
        tables: tuple[tuple[type[StrEnum], Mapping[str, float]], ...] = (
            (Grade, self.grades),
            (Threat, self.threats),
            (Basis, self.bases),
            (Access, self.accesses),
            (Window, self.windows),
        )
        for words, table in tables:
            for word in words:
                _check(word, table.get(word, math.nan), top=1.0)
        _check("control factor", self.control_factor, top=1.0)
        _check("control factor of a weakness", self.finding_control_factor, top=1.0)
        _check("factor of a second factor", self.mfa_factor, top=1.0)
        for word in (*Grade, *Basis, *Access):
            width = self.widths.get(word, math.nan)
            _check(f"width of {word}", width, bottom=0.5, top=1e6)

    @property
    def sha256(self) -> str:
        """The SHA-256 over all entries: 64 hexadecimal digits."""
        # An entry that is younger than stored hashes is in it where somebody set it.
        guarded = self.finding_control_factor
        later = (
            {"finding_control_factor": float(guarded)}
            if guarded != FINDING_CONTROL
            else {}
        )
        return canonical_sha256(
            {
                "version": self.version,
                "grades": _plain(self.grades),
                "threats": _plain(self.threats),
                "bases": _plain(self.bases),
                "control_factor": float(self.control_factor),
                "widths": _plain(self.widths),
                "accesses": _plain(self.accesses),
                "windows": _plain(self.windows),
                "mfa_factor": float(self.mfa_factor),
                "phishing": self.phishing,
                "points": POINTS,
                **later,
            }
        )

    def without_assumed(self) -> "ScoringPolicy":
        """Return this policy for readers who take nothing for granted.

        What is only assumed is shut: conduits, flat zones, sign-ins, vendors, mail.
        """
        return replace(
            self,
            version=f"{self.version}, without assumed ways",
            bases={**self.bases, Basis.ASSUMED.value: 0.0},
        )

    def with_phishing(self) -> "ScoringPolicy":
        """Return this policy with mail as an entry, whose chance is an assumption."""
        return replace(self, version=f"{self.version}, with phishing", phishing=True)

    def of_finding(self, finding: FindingRow) -> float:
        """Return p of a finding: e(grade) x a(threat). Validated counts in full.

        Less while a control before it is verified.
        """
        chance = self.grades[finding.grade]
        if finding.grade != Grade.E4:
            chance *= self.threats[finding.threat]
        return chance * (
            self.finding_control_factor if finding.verified_control else 1.0
        )

    def of_basis(self, basis: Basis, *, verified_control: bool = False) -> float:
        """Return q of a way: by how it is known, less while a control is verified."""
        chance = self.bases[basis]
        return chance * (self.control_factor if verified_control else 1.0)

    def of_credential(self, row: CredentialRow) -> float:
        """Return the chance that a sign-in works for an attacker who has it."""
        return self._of_access(row.access, row.basis, mfa=row.mfa)

    def of_vendor(self, row: VendorAccessRow) -> float:
        """Return the chance that somebody comes in through a vendor's access."""
        open_for = self.windows[row.window]
        return open_for * self._of_access(Access.VENDOR, row.basis, mfa=row.mfa)

    def left_on_request(self, row: VendorAccessRow) -> float:
        """Return which share of its chance a vendor's access keeps, opened on request."""
        now = self.windows[row.window]
        return self.windows[Window.ON_REQUEST] / now if now else 1.0

    def of_phishing(self) -> float:
        """Return the chance that mail gives a foothold in an office zone; an assumption."""
        return self._of_access(Access.PHISHING, Basis.ASSUMED)

    def width_of(self, access: Access, basis: Basis) -> float:
        """Return the width of an access that is known in this way."""
        return min(self.widths[access], self.widths[basis])

    def _of_access(self, access: Access, basis: Basis, *, mfa: bool = False) -> float:
        chance = self.accesses[access] * self.bases[basis]
        return chance * (self.mfa_factor if mfa else 1.0)


def _check(word: str, value: float, *, bottom: float = 0.0, top: float) -> None:
    if not bottom <= value <= top:  # also refuses NaN, which no comparison accepts
        raise PolicyRefused(
            f"Scoring policy, {word}: {value} is not a number from {bottom:g} to {top:g}."
        )


def _plain(table: Mapping[str, float]) -> dict[str, float]:
    return {str(word): float(value) for word, value in sorted(table.items())}
