"""What closing each finding and each conduit is worth, as the analysis says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.paths.changes import Worth, Worths, candidates
from exposure.logic.paths.graph import I32
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.model import Cause
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import ChangeValue, FindingResult
from exposure.logic.paths.through import Needed, Passage, Passages


@dataclass(frozen=True, slots=True)
class Closing:
    """Changes by what they remove, findings by what goes through them, most first."""

    changes: tuple[ChangeValue, ...]
    findings: tuple[FindingResult, ...]


class Closings:
    """Counts, block by block, what closing is worth and what goes through findings.

    Beside the changes, the causes `alone` (numbers, ascending) are closed one by one.
    Memory is that of three blocks of 512 worlds.
    """

    def __init__(
        self,
        causes: Sequence[Cause],
        ground: Ground,
        plant: Plant,
        *,
        needed: Needed,
        alone: I32 | None = None,
    ) -> None:
        self._plant = plant
        known = frozenset(ground.graph.cause_ids)
        of_findings = [
            cause_id
            for finding in plant.open_findings()
            if (cause_id := f"finding:{finding.id}") in known
        ]
        self.worths = Worths(ground, candidates(causes), needed=needed, alone=alone)
        self._passages = Passages(ground, of_findings, needed=needed)

    def add(self, forest: Forest) -> None:
        """Count the worlds of one more block."""
        self.worths.add(forest)
        self._passages.add(forest)

    def found(self) -> Closing:
        """Return what closing is worth and what goes through each open finding."""
        rows = self.worths.found()
        return Closing(
            changes=tuple(_change(row) for row in rows),
            findings=_findings(self._plant, rows, self._passages.found()),
        )


def _change(row: Worth) -> ChangeValue:
    return ChangeValue(
        id=row.change.id,
        kind=row.change.kind,
        subject_id=row.change.subject_id,
        label=row.change.label,
        removes=row.removes,
        leaves=row.leaves,
        nothing_alone=row.nothing_alone,
        works_with=row.works_with,
    )


NOWHERE = Passage(units=0.0, line_ids=())


def _findings(
    plant: Plant, worth: list[Worth], passages: Mapping[str, Passage]
) -> tuple[FindingResult, ...]:
    removes = {row.change.id: row.removes for row in worth}
    rows = []
    for finding in plant.open_findings():
        cause_id = f"finding:{finding.id}"
        passage = passages.get(cause_id, NOWHERE)
        rows.append(
            FindingResult(
                finding_id=finding.id,
                ref=finding.ref,
                through=passage.units,
                removes=removes.get(cause_id, 0.0),
                line_ids=passage.line_ids,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.through, row.finding_id)))
