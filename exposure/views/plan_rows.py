"""The rows of the pages of plans, as their templates read them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from exposure.logic.paths.model import read_fact
from exposure.logic.paths.plans.answer import ChangeRow, LineLeft, LineStop, Point
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import Plan
from exposure.services.plans import Wish
from exposure.views.board_rows import token_of
from exposure.views.change_rows import LeftRow
from exposure.views.stop_money import Rates, StopRow, euro_of, rates_of

MOST_IDLE = 200


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One change; `say` is what the plan was told of it: "fixed", "forbidden" or "".

    `ticked`: it is counted at the moment; `token` stands for it in the address.
    `guards`: what a control has to be described for, as "finding:7", or "".
    `in_network`: it stops no line and is made in windows of a network.
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
    in_network: bool
    say: str
    token: str
    ticked: bool
    guards: str


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
    """What the page of a finished plan shows whatever is ticked."""

    answer: Answer
    curve: list[CurveRow]
    listed: list[PlanChange]
    idle: list[PlanChange]
    number_idle: int
    has_assumed: bool


def told(
    plan: Plan, answer: Answer, snapshot: PlantSnapshot, ticked: Collection[str]
) -> Told:
    """Return the rows of a plan that is ready; `ticked` are ids of its changes."""
    names, wish = names_in(snapshot), Wish.of(plan.wish)
    rates = rates_of(snapshot.lines)
    labels = {row.id: row.label for row in answer.changes}
    rows = [
        _change(
            row,
            wish,
            stops=[_stop(each, names, rates) for each in row.stops],
            labels=labels,
            ticked=row.id in ticked,
        )
        for row in answer.changes
    ]
    listed = [row for row in rows if _is_listed(row)]
    idle = [row for row in rows if not _is_listed(row)]
    chosen = _chosen(answer)
    return Told(
        answer=answer,
        curve=[
            _point(point, is_on=number == chosen)
            for number, point in enumerate(answer.frontier)
        ],
        listed=listed,
        idle=idle[:MOST_IDLE],
        number_idle=len(idle),
        has_assumed=any(row.assumed for row in listed),
    )


def names_in(snapshot: PlantSnapshot) -> dict[str, str]:
    """Return what lines and assets are called, by id."""
    names = {row.id: row.name for row in snapshot.lines}
    return names | {row.id: row.name for row in snapshot.assets}


def left_rows(answer: Answer, names: Mapping[str, str]) -> list[LeftRow]:
    """Return what a plan leaves of each line that was or is exposed."""
    rows = [_line(row, names) for row in answer.lines]
    return [row for row in rows if row.before or row.after]


def _is_listed(row: PlanChange) -> bool:
    return bool(row.place or row.removes or row.say or row.ticked)


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
    row: ChangeRow,
    wish: Wish,
    *,
    stops: list[StopRow],
    labels: Mapping[str, str],
    ticked: bool,
) -> PlanChange:
    fixed, forbidden = row.id in wish.fixed, row.id in wish.forbidden
    return PlanChange(
        id=row.id,
        place=row.place,
        label=row.label,
        hours=row.hours,
        downtime=row.downtime,
        stops=stops,
        assumed=row.assumed,
        removes=row.removes,
        removes_alone=row.removes_alone,
        works_with=[labels[each] for each in row.works_with],
        why_not=row.why_not,
        in_network=bool(row.network),
        say="fixed" if fixed else "forbidden" if forbidden else "",
        token=token_of(row.id),
        ticked=ticked,
        guards=f"{row.subject_kind}:{row.subject_id}"
        if row.kind == ChangeKind.CONTROL
        else "",
    )


def _stop(row: LineStop, names: Mapping[str, str], rates: Rates) -> StopRow:
    euro = euro_of(row.line_id, row.hours, rates)
    return StopRow(names.get(row.line_id, ""), row.hours, euro)


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
