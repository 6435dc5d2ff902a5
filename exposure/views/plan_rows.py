"""The rows of the pages of plans, as their templates read them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from exposure.logic.frontier_chart import FrontierChart, frontier_chart
from exposure.logic.paths.model import read_fact
from exposure.logic.paths.plans.answer import ChangeRow, LineLeft, LineStop, Point
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import Plan
from exposure.services.plans import Wish
from exposure.views.change_rows import LeftRow

MOST_IDLE = 200
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class StopRow:
    """One line that stands still for a change, and when ("" without windows)."""

    line: str
    hours: float
    starts: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One change; `say` is what the plan was told of it: "fixed", "forbidden" or "".

    `sign_off` is what templates/exposure/plans/_sign_off.html shows of it.
    """

    id: str
    place: int
    label: str
    hours: float
    downtime: float
    stops: list[StopRow]
    assumed: bool
    removes: float
    removes_alone: float
    works_with: list[str]
    why_not: str
    say: str
    sign_off: object | None = None


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One point of the curve as text."""

    downtime: float
    hours: float
    units: float
    changes: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that the page of a finished plan shows."""

    answer: Answer
    chart: FrontierChart
    curve: list[CurveRow]
    made: list[PlanChange]
    listed: list[PlanChange]
    idle: list[PlanChange]
    lines: list[LeftRow]
    reached_before: int
    reached_after: int
    gap_percent: str
    has_assumed: bool
    number_idle: int
    done_by: dt.datetime | None


def told(plan: Plan, answer: Answer, snapshot: PlantSnapshot) -> Told:
    """Return the rows of a plan that is ready."""
    names = {row.id: row.name for row in snapshot.lines}
    names |= {row.id: row.name for row in snapshot.assets}
    wish, labels = Wish.of(plan.wish), {row.id: row.label for row in answer.changes}
    rows = [_change(row, wish, names=names, labels=labels) for row in answer.changes]
    made = [row for row in rows if row.place]
    others = [row for row in rows if not row.place and (row.removes or row.say)]
    idle = [row for row in rows if not (row.place or row.removes or row.say)]
    lines = [_line(row, names) for row in answer.lines]
    chosen = _chosen(answer)
    return Told(
        answer=answer,
        chart=frontier_chart(
            [(point.downtime, point.exposure) for point in answer.frontier],
            before=answer.exposure_before,
            chosen=chosen,
        ),
        curve=[
            _point(point, is_on=number == chosen)
            for number, point in enumerate(answer.frontier)
        ],
        made=made,
        listed=[*made, *others],
        idle=idle[:MOST_IDLE],
        lines=[row for row in lines if row.before or row.after],
        reached_before=sum(row.reach_before > 0 for row in answer.lines),
        reached_after=sum(row.reach > 0 for row in answer.lines),
        gap_percent=f"{HUNDRED * answer.gap:.2g} %",
        has_assumed=any(row.assumed for row in made),
        number_idle=len(idle),
        done_by=_moment(answer.done_by),
    )


def so_far(points: list[Mapping[str, float]]) -> list[CurveRow]:
    """Return the sets that were found while the work goes on, the newest last."""
    return [
        CurveRow(
            downtime=float(row["downtime"]),
            hours=float(row["hours"]),
            units=float(row["exposure"]),
            changes=len(row["change_ids"]),  # type: ignore[arg-type]  # a list in JSON
            is_on=False,
        )
        for row in points
    ]


def _chosen(answer: Answer) -> int:
    made = {row.id for row in answer.changes if row.place}
    sets = (
        number for number, p in enumerate(answer.frontier) if {*p.change_ids} == made
    )
    return next(sets, -1)


def _change(
    row: ChangeRow, wish: Wish, *, names: Mapping[str, str], labels: Mapping[str, str]
) -> PlanChange:
    fixed, forbidden = row.id in wish.fixed, row.id in wish.forbidden
    return PlanChange(
        id=row.id,
        place=row.place,
        label=row.label,
        hours=row.hours,
        downtime=row.downtime,
        stops=[_stop(each, names) for each in row.stops],
        assumed=row.assumed,
        removes=row.removes,
        removes_alone=row.removes_alone,
        works_with=[labels[each] for each in row.works_with],
        why_not=row.why_not,
        say="fixed" if fixed else "forbidden" if forbidden else "",
    )


def _stop(row: LineStop, names: Mapping[str, str]) -> StopRow:
    return StopRow(names.get(row.line_id, ""), row.hours, _moment(row.starts))


def _line(row: LineLeft, names: Mapping[str, str]) -> LeftRow:
    facts = row.way.facts if row.way else ()
    passed = [names[key] for fact in facts if (key := read_fact(fact).id) in names]
    return LeftRow(
        name=names.get(row.line_id, ""),
        before=row.exposure_before,
        after=row.exposure,
        names=[
            each for each in dict.fromkeys(passed) if each != names.get(row.line_id)
        ],
        is_closed=row.way is None,
    )


def _point(point: Point, *, is_on: bool) -> CurveRow:
    return CurveRow(
        downtime=point.downtime,
        hours=point.hours,
        units=point.exposure,
        changes=len(point.change_ids),
        is_on=is_on,
    )


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
