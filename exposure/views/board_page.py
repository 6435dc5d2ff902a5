"""Puts together what the planner's page shows of a finished plan and a set of changes."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from common.errors import Conflict
from exposure.logic.frontier_chart import FrontierChart, Spot, frontier_chart
from exposure.logic.paths.plans.answer import ChangeRow, Point
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.board import LineWork, Work, in_rows
from exposure.logic.paths.plans.items import Limits, Window, closed_since
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import Plan
from exposure.services.board import (
    Counted,
    count_set,
    freezes_round,
    places_of,
    windows_now,
    work_of,
)
from exposure.services.plans import Wish
from exposure.services.plant_calendar import network_names, plant_calendars, zones_of
from exposure.views.board_rows import (
    Asked,
    Board,
    figures_of,
    ids_made,
    money_of,
    own_figures,
    proven_words,
    sentence_of,
    stand_rows,
    token_of,
    used_windows,
)
from exposure.views.calendar_rows import calendar_rows
from exposure.views.change_rows import LeftRow
from exposure.views.frozen_rows import frozen_rows
from exposure.views.plan_rows import left_rows, names_in
from exposure.views.stop_money import rates_of

GONE = "A window that this plan uses is over, was removed, or is frozen since."


def board_of(
    plan: Plan, answer: Answer, snapshot: PlantSnapshot, asked: Asked
) -> Board:
    """Return the page of a set of changes of a plan: the plan's own unless one is asked."""
    wish, own = Wish.of(plan.wish), ids_made(answer.changes)
    notes = list(asked.notes)
    ids = own if asked.change_ids is None else asked.change_ids
    counted = own_figures(answer)
    if ids != own:
        try:
            counted = count_set(plan, answer, ids)
        except Conflict as error:
            notes.append(str(error))
            ids = own
    is_own = ids == own
    limits, calendars = windows_now(), plant_calendars()
    places = places_of(answer, snapshot, limits)
    stands = (
        stored_work(answer)
        if is_own and wish.windows
        else work_of(answer, ids, limits, places=places)
    )
    if _are_gone(stands, limits):
        notes.append(GONE)
    names, zones = names_in(snapshot) | network_names(calendars), zones_of(calendars)
    rates = rates_of(snapshot.lines)
    labels = {row.id: row.label for row in answer.changes}
    standing = stand_rows(stands, names=names, zones=zones, rates=rates, labels=labels)
    is_proven = is_own and wish.chosen is None
    return Board(
        sentence=answer.sentence if is_own else sentence_of(counted),
        is_own=is_own,
        number=len(ids),
        tokens=[token_of(each) for each in counted.order],
        notes=notes,
        why_not=counted.why_not,
        figures=figures_of(
            counted,
            stands,
            answer=answer,
            names=names,
            zones=zones,
            proven=proven_words(answer) if is_proven else "",
        ),
        chart=_chart(answer, wish, counted, is_own=is_own),
        money=money_of(standing),
        stands=standing,
        frozen=frozen_rows(
            freezes_round(answer, counted.order, stands, limits, places=places),
            labels=labels,
            places=places,
            zones=zones,
        ),
        calendars=calendar_rows(
            calendars,
            used=used_windows(stands),
            stops={row.line_id for row in stands},
        ),
        lines=left_rows(answer, names) if is_own else list(_lines_left(counted, names)),
    )


def stored_work(answer: Answer) -> tuple[LineWork, ...]:
    """Return which lines stand still for a plan, in the windows that it was given."""
    found: dict[str, list[Work]] = {}
    for row in answer.changes:
        for stop in row.works if row.place else ():
            window = _window(stop.window_id, stop.line_id, stop.starts, stop.ends)
            found.setdefault(stop.line_id, []).append(Work(row.id, stop.hours, window))
    rows = [
        LineWork(line, sum(each.hours for each in works), tuple(works), len(works), 0.0)
        for line, works in found.items()
    ]
    return in_rows(rows)


def _window(window_id: str, line_id: str, starts: str, ends: str) -> Window | None:
    if not window_id:
        return None
    start, end = (dt.datetime.fromisoformat(each) for each in (starts, ends))
    hours = (end - start) / dt.timedelta(hours=1)
    return Window(window_id, line_id, start, end, hours)


def _are_gone(stands: Collection[LineWork], limits: Limits) -> bool:
    used = [work.window for row in stands for work in row.works if work.window]
    return bool(closed_since(used, limits))


def _lines_left(counted: Counted, names: Mapping[str, str]) -> Iterator[LeftRow]:
    rows = sorted(counted.lines, key=lambda row: (-row.after, row.line_id))
    for row in rows:
        if row.before or row.after:
            name = names.get(row.line_id, "")
            yield LeftRow(name, row.before, row.after, names=[], is_closed=False)


def _chart(
    answer: Answer, wish: Wish, counted: Counted, *, is_own: bool
) -> FrontierChart:
    made = [row for row in answer.changes if row.place]
    if wish.chosen is None:
        spots, chosen = _on_the_curve(answer, made)
    else:
        spots = list(_one_by_one(answer, made))
        chosen = len(spots) - 1
    number = len(counted.order)
    ticked = Spot(counted.downtime, counted.after, f"ticked, {_changes(number)}")
    return frontier_chart(
        spots,
        before=answer.exposure_before,
        chosen=chosen,
        ticked=None if is_own else ticked,
    )


def _on_the_curve(answer: Answer, made: list[ChangeRow]) -> tuple[list[Spot], int]:
    labels = {row.id: row.label for row in answer.changes}
    ids = {row.id for row in made}
    spots: list[Spot] = []
    chosen, before = -1, frozenset[str]()
    for place, point in enumerate(answer.frontier):
        here = frozenset(point.change_ids)
        if here == ids:
            chosen = place
        words = _words(point, here - before, before - here, labels=labels)
        if chosen == place:
            words = f"the plan, {_changes(len(here))}"
        spots.append(Spot(point.downtime, point.exposure, words))
        before = here
    return spots, chosen


def _words(
    point: Point,
    new: frozenset[str],
    gone: frozenset[str],
    *,
    labels: Mapping[str, str],
) -> str:
    if not point.downtime:
        return f"{_changes(len(point.change_ids))}, no downtime"
    if len(new) == 1 and not gone:
        return f"add {labels[next(iter(new))]}"
    return _changes(len(point.change_ids))


def _one_by_one(answer: Answer, made: list[ChangeRow]) -> Iterator[Spot]:
    """Yield what a set that was kept by hand leaves, change by change in its order.

    What comes before the first line stops is one spot.
    """
    downtime, left, quiet = 0.0, answer.exposure_before, 0
    for row in made:
        if row.downtime and not downtime and quiet:
            yield Spot(0.0, left, f"{_changes(quiet)}, no downtime")
        downtime, left = downtime + row.downtime, max(left - row.removes, 0.0)
        quiet += not downtime
        if downtime and row.place < len(made):
            yield Spot(downtime, left, f"add {row.label}")
    if made:
        words = f"this set, {_changes(len(made))}"
        yield Spot(answer.downtime, answer.exposure, words)


def _changes(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"
