"""What to find out first: the uncertain reasons that hold the exposure most in doubt."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import capfirst

from exposure.logic.paths.results import CauseRow, PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot

SETTLED_BY = {
    "finding": "Ask for a test of it.",
    "conduit": "Confirm the rule with whoever runs the firewall.",
    "same_zone": "Ask whoever runs the network whether anything filters inside the zone.",
    "credential": "Ask its owner whether it still works there.",
    "vendor": "Ask its owner whether it exists, and how it is opened.",
    "phishing": "Ask the owner of the office what mail can start there.",
}
"""By the kind of a cause; what a service answers is no question."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One row; the fields are described in exposure/paths/_questions.html."""

    label: str
    url: str
    about: str
    settled_by: str
    word: str
    chance: float
    if_true: float
    if_false: float
    doubt: float


def questions_of(
    analysis: PathAnalysis,
    snapshot: PlantSnapshot,
    *,
    finding_url: Callable[[str], str],
) -> list[QuestionRow]:
    """Return what is worth finding out, the most doubt first.

    What the reader may not see of the plant is in no `snapshot`: it has no page.
    """
    causes = {row.id: row for row in analysis.causes}
    findings = {row.id: row for row in snapshot.findings}
    rows = []
    for unknown in analysis.unknowns:
        cause: CauseRow = causes[unknown.cause_id]
        finding = findings.get(cause.subject_id)
        rows.append(
            QuestionRow(
                label=capfirst(cause.label),
                url=finding_url(finding.ref) if finding else "",
                about=finding.title if finding else "",
                settled_by=SETTLED_BY.get(cause.kind, ""),
                word=cause.word,
                chance=unknown.chance,
                if_true=unknown.if_true,
                if_false=unknown.if_false,
                doubt=unknown.doubt,
            )
        )
    return rows
