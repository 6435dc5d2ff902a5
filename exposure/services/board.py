"""The changes of a plan, ticked by hand: what exactly these do, in the plan's worlds."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from common.errors import Conflict
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.board import LineWork, order_to_make, work_by_line
from exposure.logic.paths.plans.freezing import Span, Task, free_times
from exposure.logic.paths.plans.items import Candidate, Limits
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.whatif import Comparison, LineChange, WhatIf, what_if
from exposure.models import Plan
from exposure.services import maintenance, paths, planning, plans, touched
from exposure.services.what_if import bytes_of, remembering
from tenants.models import Membership
from tenants.scope import current_workspace_id

KEPT, MOST_KEPT = 8, 256 << 20
"""So many plans are remembered between two ticks, in so many bytes; one always is."""

CHANGED = (
    "What changes cost, or how they are counted, has changed since this plan was made. "
    "Its own figures stand; make the plan again to tick other changes."
)
NO_ROOM = (
    "This plan makes changes in maintenance windows only, and no window has room for "
    "some of them"
)


Places = Mapping[str, tuple[str, ...]]
"""The lines and networks on which a change is made, by its id."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What some changes do together. Exposures are in units.

    `order` are their ids in the order to make them; `without_stop` is what is left
    after those that come before the first one that stops a line. `hours` and `downtime`
    are summed. `why_not`: why nobody can make exactly these, "" if one can.
    """

    order: tuple[str, ...]
    before: float
    after: float
    without_stop: float
    hours: float
    downtime: float
    lines: tuple[LineChange, ...]
    why_not: str


def count_set(plan: Plan, answer: Answer, change_ids: Collection[str]) -> Counted:
    """Return what exactly these changes of a plan do: as a plan of them would say it.

    Raises Conflict when the plan cannot be counted any more as it was.
    """
    desk = _desk(plan, answer)
    with desk.lock:
        return desk.count(change_ids)


def work_of(
    answer: Answer, change_ids: Collection[str], limits: Limits, *, places: Places
) -> tuple[LineWork, ...]:
    """Return which lines stand still for some changes, and in which windows."""
    rows = [row for row in answer.changes if row.id in frozenset(change_ids)]
    allowed = Allowed([_as_said(row, places) for row in rows], limits)
    return work_by_line(allowed, range(len(rows)))


def places_of(answer: Answer, snapshot: PlantSnapshot, limits: Limits) -> Places:
    """Return on which lines and networks the changes of a plan are made, by their ids.

    They are of use for freezes alone: without any it is empty.
    """
    if not limits.freezes:
        return {}
    sites = touched.sites_if_frozen(limits.freezes)
    return touched.touched_by(answer.changes, Plant(snapshot), sites)


def freezes_round(
    answer: Answer,
    order: Sequence[str],
    works: Sequence[LineWork],
    limits: Limits,
    *,
    places: Places,
) -> dict[str, Span]:
    """Return when freezes leave time for changes that no window dates, by their ids.

    `order` are the changes of a set in the order to make them and `works` what they
    stop; a change that no freeze to come touches is left out.
    """
    rows = {row.id: row for row in answer.changes}
    dated = {work.change_id for row in works for work in row.works if work.window}
    homeless: dict[str, dict[str, float]] = {}
    for row in works:
        for work in row.works:
            if not work.window:
                homeless.setdefault(work.change_id, {})[row.line_id] = work.hours
    asked = [each for each in order if each in homeless or each not in dated]
    tasks = [
        Task(
            {*places.get(each, ()), *homeless.get(each, ())},
            rows[each].hours,
            homeless.get(each, {}),
        )
        for each in asked
    ]
    spans = free_times(tasks, limits.freezes, now=timezone.now())
    found = zip(asked, spans, strict=True)
    return {each: span for each, span in found if span.begins or span.ends}


def windows_now() -> Limits:
    """Return the windows and freezes that a plan made now would take, and no more."""
    windows = maintenance.planned_windows(ahead=planning.TO_SIGN)
    return Limits(windows=windows, freezes=maintenance.freezes())


def keep(plan: Plan, change_ids: Collection[str], *, by: Membership) -> Plan:
    """Make a plan of exactly these changes of another one.

    Raises Conflict, with the reason, while the other one is not ready, for a set that
    nobody can make or whose lines have no window that they need, and as
    `plans.keep_set` does.
    """
    answer = plans.answer_of(plan)
    if answer is None:
        raise Conflict("This plan is not ready yet.")
    why_not = count_set(plan, answer, change_ids).why_not
    if why_not:
        raise Conflict(f"These changes cannot be made together: {why_not}")
    if plans.Wish.of(plan.wish).windows:
        limits = windows_now()
        places = places_of(answer, paths.snapshot_of(plan.revision_id), limits)
        works = work_of(answer, change_ids, limits, places=places)
        homeless = sum(work.window is None for row in works for work in row.works)
        if homeless:
            raise Conflict(f"{NO_ROOM} ({homeless} of the works on lines).")
    return plans.keep_set(plan.pk, change_ids, by=by)


def _as_said(row: ChangeRow, places: Places) -> Candidate:
    return Candidate(
        edit=Edit(row.id, {}),
        kind=row.kind,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        label=row.label,
        hours=row.hours,
        downtime={stop.line_id: stop.hours for stop in row.stops},
        only_in=row.only_in,
        touches=places.get(row.id, ()),
    )


class _Desk:
    """One plan, ready to be asked again and again; who asks holds its lock."""

    def __init__(self, plan: Plan, answer: Answer) -> None:
        self.lock = threading.Lock()
        wish = plans.Wish.of(plan.wish)
        compiled = paths.compiled_at(plan.revision_id)
        ground = planning.groundwork_for(wish, compiled, planning.given_for(wish))
        known = {row.id: row for row in ground.changes}
        if ground.costs != answer.costs or not all(
            row.id in known for row in answer.changes
        ):
            raise Conflict(CHANGED)
        rows = sorted(answer.changes, key=lambda row: row.id)
        # Windows are looked at where work is placed into them, not here.
        candidates = [replace(known[row.id], only_in=()) for row in rows]
        self._allowed = Allowed(candidates, Limits())
        self._alone = [row.removes_alone for row in rows]
        self._edits = {row.id: known[row.id].edit for row in rows}
        self._graph = ground.graph
        self._worlds, self._seed = answer.fresh_worlds, seed_number(answer.seed)
        self.size = 2 * bytes_of(self._graph, worlds=self._worlds)
        # Two, so that each moves a little from one tick to the next.
        self._quiet, self._whole = self._remembering(), self._remembering()
        own = [row.id for row in answer.changes if row.place]
        counted = self._ask(self._whole, own)
        if (counted.before, counted.after) != (answer.exposure_before, answer.exposure):
            raise Conflict(CHANGED)

    def count(self, change_ids: Collection[str]) -> Counted:
        allowed = self._allowed
        chosen = [allowed.number[each] for each in sorted(set(change_ids))]
        order, quiet = order_to_make(allowed, chosen, alone=self._alone)
        ids = tuple(allowed.candidates[place].id for place in order)
        without_stop = self._ask(self._quiet, ids[:quiet]).after
        whole = self._ask(self._whole, ids)
        minutes = [allowed.minutes(place) for place in order]
        return Counted(
            order=ids,
            before=whole.before,
            after=whole.after,
            without_stop=without_stop,
            hours=sum(work for _, work in minutes) / 60,
            downtime=sum(stop for stop, _ in minutes) / 60,
            lines=whole.lines,
            why_not=allowed.contradiction(chosen),
        )

    def _remembering(self) -> WhatIf | None:
        return remembering(
            self._graph,
            list(self._edits.values()),
            seed=self._seed,
            worlds=self._worlds,
        )

    def _ask(self, remembered: WhatIf | None, change_ids: Sequence[str]) -> Comparison:
        if remembered is not None:
            return remembered.ask(change_ids)
        edits = [self._edits[each] for each in change_ids]
        return what_if(self._graph, edits, seed=self._seed, worlds=self._worlds)


_Key = tuple[uuid.UUID, uuid.UUID]
_desks: OrderedDict[_Key, _Desk] = OrderedDict()
_turn = threading.Lock()


def _desk(plan: Plan, answer: Answer) -> _Desk:
    """Return the desk of a plan: never one workspace's for another one."""
    key = (current_workspace_id(), plan.pk)
    with _turn:
        desk = _desks.get(key)
    # Outside of the turn: a big plan takes a second, and others tick meanwhile.
    desk = desk or _Desk(plan, answer)
    with _turn:
        _desks[key] = desk
        _desks.move_to_end(key)
        while len(_desks) > 1 and (len(_desks) > KEPT or _size() > MOST_KEPT):
            _desks.popitem(last=False)
    return desk


def _size() -> int:
    return sum(desk.size for desk in _desks.values())
