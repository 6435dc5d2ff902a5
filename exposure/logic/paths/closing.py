"""What closing each finding and each conduit is worth, as the analysis says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.paths.changes import Worth, Worths, candidates
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.model import Cause
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import ChangeValue, FindingResult
from exposure.logic.paths.through import Needed, Passage, Passages


@dataclass(frozen=True, slots=True)
class Closing:
    """Changes by what they remove, findings by what goes through them, most first."""

    changes: tuple[ChangeValue, ...]
    findings: tuple[FindingResult, ...]


def closing_results(
    causes: Sequence[Cause],
    graph: Graph,
    plant: Plant,
    *,
    needed: Needed,
    seed: int,
    worlds: int,
) -> Closing:
    """Return what closing is worth and what goes through each open finding.

    All in the same worlds, drawn once; memory is that of three blocks of 512.
    """
    ground = Ground(graph, seed=seed, worlds=worlds)
    known = frozenset(graph.cause_ids)
    of_findings = [
        cause_id
        for finding in plant.open_findings()
        if (cause_id := f"finding:{finding.id}") in known
    ]
    worths = Worths(ground, candidates(causes), needed=needed)
    passages = Passages(ground, of_findings, needed=needed)
    for forest in ground.forests():
        worths.add(forest)
        passages.add(forest)
    rows = worths.found()
    return Closing(
        changes=tuple(_change(row) for row in rows),
        findings=_findings(plant, rows, passages.found()),
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
