"""Which findings stand behind a change that is about none: what only it leads to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exposure.logic.paths.compile import Compiled
from exposure.logic.paths.derive import Forest, Rules
from exposure.logic.paths.kernels.shortest import FAR
from exposure.logic.paths.model import reach_fact
from exposure.logic.paths.plans.answer import ChangeRow, Plan
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.snapshot import FindingRow

OF_FINDINGS = "finding"


def with_behind(
    answer: Plan, compiled: Compiled, candidates: Iterable[Candidate]
) -> Plan:
    """Return a plan whose changes name the findings that stand behind them.

    A change that is about a finding names that one. Another one that the plan makes
    names the findings which no known way leads to but over what it ends or guards:
    without its causes, packets arrive there no more. What two changes cut only
    together stands behind neither. One search of the model for each such change.
    """
    asked = [row for row in answer.changes if row.place and not _is_of_a_finding(row)]
    cut = _cut(asked, compiled, {row.id: row for row in candidates}) if asked else {}
    return replace(
        answer,
        changes=tuple(
            replace(row, behind=(row.subject_id,))
            if _is_of_a_finding(row)
            else replace(row, behind=cut.get(row.id, ()))
            for row in answer.changes
        ),
    )


def _is_of_a_finding(row: ChangeRow) -> bool:
    return row.subject_kind == OF_FINDINGS


def _cut(
    rows: Iterable[ChangeRow], compiled: Compiled, candidates: Mapping[str, Candidate]
) -> dict[str, tuple[str, ...]]:
    rules, plant = Rules(compiled.graph), compiled.plant
    doors = {
        row.id: numbers
        for row in plant.open_findings()
        if (numbers := _doors(row, rules, plant))
    }
    found = {}
    for row in rows:
        left = rules.without(candidates[row.id].edit.keep.keys())
        found[row.id] = tuple(
            finding for finding, numbers in doors.items() if not _is_open(left, numbers)
        )
    return found


def _doors(row: FindingRow, rules: Rules, plant: Plant) -> list[int]:
    """Return the facts that packets arrive where the finding is, those that can hold."""
    ports = (row.port,) if row.port else plant.ports_of(row.asset_id)
    numbers = (rules.number_of(reach_fact(row.asset_id, port)) for port in ports)
    return [number for number in numbers if number >= 0]


def _is_open(forest: Forest, numbers: list[int]) -> bool:
    return any(forest.whole.cost[number] < FAR for number in numbers)
