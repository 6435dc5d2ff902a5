"""What multiplies to the chance of a cause, so that a person can do it again by hand."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import CauseRow
from exposure.logic.paths.snapshot import (
    Access,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    PlantSnapshot,
    VendorAccessRow,
    Window,
)

THREATS = {
    Threat.NONE: "no attack known",
    Threat.PUBLIC_POC: "attack is public",
    Threat.ACTIVE: "attacked now",
}
ACCESSES = {
    Access.REUSED: "reused password",
    Access.PERSONAL: "sign-in of one person",
    Access.VENDOR: "vendor's access",
    Access.PHISHING: "mail",
}
WINDOWS = {
    Window.ALWAYS: "always on",
    Window.ON_REQUEST: "opened on request",
    Window.OVER: "past its end",
}
AS_COUNTED = "as counted then"


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of the scoring policy, with the entry it stands at."""

    words: str
    value: float


class Factors:
    """Takes the chances of one answer apart, by the plant and policy that made them."""

    def __init__(self, plant: PlantSnapshot, policy: ScoringPolicy) -> None:
        self._policy = policy
        self._findings = {row.id: row for row in plant.findings}
        self._conduits = {row.id: row for row in plant.conduits}
        self._credentials = {row.id: row for row in plant.credentials}
        self._vendors = {row.id: row for row in plant.vendor_accesses}

    def of(self, cause: CauseRow) -> tuple[Factor, ...]:
        """Return what multiplies to the chance of a cause.

        What is not in the plant, as for a reader who may not see it, or was counted by
        another policy, is one factor: the chance itself.
        """
        found = tuple(self._found(cause))
        if found and math.isclose(math.prod(each.value for each in found), cause.p):
            return found
        return (Factor(AS_COUNTED, cause.p),)

    def _found(self, cause: CauseRow) -> Iterator[Factor]:
        if cause.kind == "finding" and cause.subject_id in self._findings:
            yield from self._finding(self._findings[cause.subject_id])
        elif cause.kind == "conduit" and cause.subject_id in self._conduits:
            yield from self._conduit(self._conduits[cause.subject_id], cause.word)
        elif cause.kind == "credential" and cause.subject_id in self._credentials:
            yield from self._credential(self._credentials[cause.subject_id])
        elif cause.kind == "vendor" and cause.subject_id in self._vendors:
            yield from self._vendor(self._vendors[cause.subject_id])
        elif cause.kind == "phishing":
            yield from self._access(Access.PHISHING, Basis.ASSUMED, mfa=False)
        elif cause.word in self._policy.bases:
            yield _entry(self._policy.bases, cause.word, cause.word)

    def _finding(self, row: FindingRow) -> Iterator[Factor]:
        yield _entry(self._policy.grades, row.grade, f"grade {row.grade}")
        if row.grade != Grade.E4:
            yield _entry(self._policy.threats, row.threat, THREATS[row.threat])
        if row.verified_control:
            yield Factor("control is verified", self._policy.finding_control_factor)

    def _conduit(self, row: ConduitRow, word: str) -> Iterator[Factor]:
        yield _entry(self._policy.bases, word, word)
        if row.verified_control:
            yield Factor("control is verified", self._policy.control_factor)

    def _credential(self, row: CredentialRow) -> Iterator[Factor]:
        yield from self._access(row.access, row.basis, mfa=row.mfa)

    def _vendor(self, row: VendorAccessRow) -> Iterator[Factor]:
        yield from self._access(Access.VENDOR, row.basis, mfa=row.mfa)
        if row.window != Window.ALWAYS:
            yield _entry(self._policy.windows, row.window, WINDOWS[row.window])

    def _access(self, access: Access, basis: Basis, *, mfa: bool) -> Iterator[Factor]:
        yield _entry(self._policy.accesses, access, ACCESSES[access])
        yield _entry(self._policy.bases, basis, str(basis))
        if mfa:
            yield Factor("second factor", self._policy.mfa_factor)


def _entry(table: Mapping[str, float], word: str, words: str) -> Factor:
    return Factor(words, table[word])
