"""From a set of changes to the rows that people read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from exposure.logic.paths.edits import Edit
from exposure.logic.paths.graph import F64, Graph
from exposure.logic.paths.plans.allowed import Allowed, Placement
from exposure.logic.paths.plans.answer import ChangeRow, LineLeft, LineStop
from exposure.logic.paths.plans.items import PlanRefused
from exposure.logic.paths.plans.judge import Weighed
from exposure.logic.paths.plans.left import ways_left

NO_MORE = "It removes nothing more once the plan is made."


def in_order(allowed: Allowed, chosen: Collection[int], *, alone: F64) -> list[int]:
    """Return the changes of a set in the order to make them in.

    First what stops no line, by what it removes alone; then by that per hour of
    downtime. A change comes after those it needs.
    """

    def worth(place: int) -> tuple[float, ...]:
        stop, work = allowed.minutes(place)
        return (stop > 0, -alone[place] / max(stop, 1), work, place)

    # What is needed needs less than what needs it.
    depth = {
        place: len(allowed.with_needs([place])) for place in allowed.with_needs(chosen)
    }
    order: dict[int, None] = {}
    for place in sorted(chosen, key=worth):
        both = allowed.with_needs([place])
        order.update(
            dict.fromkeys(sorted(both, key=lambda each: (depth[each], *worth(each))))
        )
    return list(order)


def change_rows(
    allowed: Allowed, weighed: Weighed, *, partners: Mapping[int, Collection[int]]
) -> tuple[ChangeRow, ...]:
    """Return a row for each candidate: those made in order, then what more would do.

    `partners` is what `works_with` said. Raises `PlanRefused` if no window is found for
    what is made.
    """
    made, more = frozenset(weighed.order), weighed.more
    others = sorted(
        frozenset(range(len(more))) - made,
        key=lambda place: (-more[place], -weighed.alone[place], place),
    )
    where = allowed.placed(made) if allowed.limits.windows else {}
    if where is None:  # never a plan whose stops have no time
        raise PlanRefused("The work was not placed into the windows. Add some room.")
    desk = _Desk(allowed, weighed, where)
    rows = [
        desk.made(at, place, removes=removed, partners=partners.get(place, ()))
        for at, (place, removed) in enumerate(
            zip(weighed.order, weighed.removed, strict=True), start=1
        )
    ]
    return (*rows, *(desk.left_out(place, made=made) for place in others))


def lines_left(
    graph: Graph, weighed: Weighed, *, edits: Iterable[Edit]
) -> tuple[LineLeft, ...]:
    """Return each line before and after `edits`, what is most exposed after first."""
    columns = (
        graph.line_ids,
        graph.points.tolist(),
        weighed.reach_before,
        weighed.reach,
        ways_left(graph, edits),
    )
    rows = [
        LineLeft(
            line_id=line_id,
            points=points,
            reach_before=before,
            reach=after,
            exposure_before=points * before,
            exposure=points * after,
            way=way,
        )
        for line_id, points, before, after, way in zip(*columns, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.exposure, row.line_id)))


@dataclass(frozen=True, slots=True)
class _Desk:
    allowed: Allowed
    weighed: Weighed
    where: Placement

    def made(
        self, at: int, place: int, *, removes: float, partners: Collection[int]
    ) -> ChangeRow:
        ids = tuple(self.allowed.candidates[each].id for each in sorted(partners))
        return self._row(place, at=at, removes=removes, works_with=ids)

    def left_out(self, place: int, *, made: frozenset[int]) -> ChangeRow:
        removes = float(self.weighed.more[place])
        why_not = self.allowed.misfit(made | self.allowed.with_needs([place]))
        if not why_not and not removes:
            why_not = NO_MORE
        return self._row(place, removes=removes, why_not=why_not)

    def _row(
        self,
        place: int,
        *,
        removes: float,
        at: int = 0,
        works_with: tuple[str, ...] = (),
        why_not: str = "",
    ) -> ChangeRow:
        row, (stop, work) = self.allowed.candidates[place], self.allowed.minutes(place)
        return ChangeRow(
            id=row.id,
            kind=row.kind,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            label=row.label,
            hours=work / 60,
            downtime=stop / 60,
            stops=tuple(
                self._stop(place, line) for line in sorted(self.allowed.stops[place])
            ),
            assumed=row.assumed,
            is_fixed=place in self.allowed.fixed,
            place=at,
            removes=removes,
            removes_alone=float(self.weighed.alone[place]),
            works_with=works_with,
            why_not=why_not,
            only_in=row.only_in,
            network=tuple(
                self._stop(place, line)
                for line in sorted(self.allowed.works[place])
                if line not in self.allowed.stops[place]
            ),
        )

    def _stop(self, place: int, line: str) -> LineStop:
        hours = self.allowed.works[place][line] / 60
        at = self.where.get((place, line))
        if at is None:
            return LineStop(line, hours, "", "", "")
        window = self.allowed.windows[at]
        return LineStop(
            line, hours, window.id, window.start.isoformat(), window.end.isoformat()
        )
