"""Plans are worked out by a job, on one revision and with what the plant says of costs."""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from django.conf import settings
from django.utils import timezone

from common.errors import DomainError
from exposure.logic.paths.compile import Compiled, compile_plant
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.plans import plan as planner
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.answer import Point
from exposure.logic.paths.plans.behind import with_behind
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.costs import VERSION
from exposure.logic.paths.plans.items import Candidate, Limits, PlanRefused
from exposure.logic.paths.plans.overrides import Override, stamp
from exposure.logic.paths.plans.part import to_plan_with
from exposure.models import Line, Plan, PlanState
from exposure.services import change_offers, maintenance, paths, touched
from exposure.services.plans import AT_WORK, Wish, line_names
from tenants.scope import current_workspace_id, workspace_scope
from tenants.work import lease_kept

LOOK_SECONDS = 1.0
GIVEN_UP = "The plan could not be worked out. Make it again."
TO_SIGN = dt.timedelta(hours=24)
"""Work is planned so far ahead, so that both sides can sign for it before it begins."""
NO_WINDOW = "No maintenance window is left from 24 hours ahead. Add one first."


@dataclass(frozen=True, slots=True)
class Given:
    """What the plant says beside its model.

    `lines` are the ids of those that a wish is about, None for all there are; `said` is
    what was said of changes, by their ids; `sites` is where they are made, as in
    `touched.sites_if_frozen`.
    """

    lines: frozenset[str] | None
    said: Mapping[str, Override]
    sites: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Groundwork:
    """What a plan is worked out on; `costs` names what its changes cost."""

    graph: Graph
    changes: Sequence[Candidate]
    costs: str


def given_for(wish: Wish) -> Given:
    """Read what a plan of this wish is to go by, as it is now."""
    lines = None
    if wish.site:
        rows = Line.objects.filter(site_id=wish.site).values_list("pk", flat=True)
        lines = frozenset(str(pk) for pk in rows)
    return Given(
        lines, change_offers.overrides(), touched.sites_if_frozen(maintenance.freezes())
    )


def groundwork_for(wish: Wish, compiled: Compiled, given: Given) -> Groundwork:
    """Return the graph and the changes that a wish is planned with, and their costs."""
    said = given.said
    changes = candidates_of(
        compiled.causes, compiled.plant, policy=paths.policy(), overrides=said
    )
    places = touched.touched_by(changes, compiled.plant, given.sites)
    changes = [replace(row, touches=places[row.id]) for row in changes]
    graph, planned = to_plan_with(
        compiled.graph,
        changes,
        lines=given.lines,
        named=(*wish.fixed, *wish.forbidden, *(wish.chosen or ())),
    )
    mine = {row.id: said[row.id] for row in changes if row.id in said}
    return Groundwork(graph, planned, stamp(VERSION, mine))


def work_out(plan_id: uuid.UUID) -> None:
    """Make a plan that was asked for, and store each point as it comes."""
    with workspace_scope():
        row = Plan.objects.select_for_update().get(pk=plan_id)
        if row.state not in AT_WORK:
            return
        row.state, row.points = PlanState.WORKING, []
        row.save(update_fields=["state", "points"])
        snapshot, wish = paths.snapshot_of(row.revision_id), Wish.of(row.wish)
        limits, given = limits_of(wish), given_for(wish)
        policy = paths.policy()
    try:
        if wish.windows and not any(row.hours for row in limits.windows):
            raise PlanRefused(NO_WINDOW)
        with lease_kept():
            compiled = compile_plant(snapshot, policy=policy)
            ground = groundwork_for(wish, compiled, given)
            answer = _answer(
                ground,
                wish,
                limits,
                on_point=lambda point: _add(plan_id, point),
                stopped=_Asked(plan_id),
            )
            answer = with_behind(answer, compiled, ground.changes)
    except DomainError as error:
        _end(plan_id, PlanState.FAILED, error=str(error))
    else:
        _end(plan_id, PlanState.DONE, answer=answer)


def _answer(
    ground: Groundwork,
    wish: Wish,
    limits: Limits,
    *,
    on_point: Callable[[Point], None],
    stopped: Callable[[], bool],
) -> Answer:
    how = planner.Settings(
        seed=str(current_workspace_id()),
        fresh_worlds=settings.PATH_WORLDS,
        costs=ground.costs,
    )
    if wish.chosen is not None:
        return planner.judged(
            ground.graph, ground.changes, limits, wish.chosen, settings=how
        )
    return planner.plan(
        ground.graph,
        ground.changes,
        limits,
        settings=how,
        on_point=on_point,
        stopped=stopped,
    )


def give_up(plan_id: uuid.UUID) -> None:
    """End a plan whose work failed too often."""
    _end(plan_id, PlanState.FAILED, error=GIVEN_UP)


def limits_of(wish: Wish) -> Limits:
    """Return a wish as the planner takes it, with windows and freezes as they are now."""
    return Limits(
        hours=wish.hours,
        total_downtime=wish.downtime,
        downtime=dict(wish.lines),
        names=line_names() if wish.lines else {},
        windows=maintenance.planned_windows(ahead=TO_SIGN) if wish.windows else (),
        freezes=maintenance.freezes(),
        fixed=frozenset(wish.fixed),
        forbidden=frozenset(wish.forbidden),
    )


class _Asked:
    """Whether somebody asked to stop; looks at most once a second."""

    def __init__(self, plan_id: uuid.UUID) -> None:
        self._plan_id, self._next, self._said = plan_id, 0.0, False

    def __call__(self) -> bool:
        if not self._said and time.monotonic() >= self._next:
            self._next = time.monotonic() + LOOK_SECONDS
            with workspace_scope():
                row = Plan.objects.filter(pk=self._plan_id)
                self._said = row.filter(stop_requested_at__isnull=False).exists()
        return self._said


def _add(plan_id: uuid.UUID, point: Point) -> None:
    with workspace_scope():
        row = Plan.objects.select_for_update().only("points").get(pk=plan_id)
        row.points = [*row.points, asdict(point)]
        row.save(update_fields=["points"])


def _end(
    plan_id: uuid.UUID,
    state: PlanState,
    *,
    answer: Answer | None = None,
    error: str = "",
) -> None:
    with workspace_scope():
        row = Plan.objects.select_for_update().get(pk=plan_id)
        row.state, row.error, row.finished_at = state, error[:300], timezone.now()
        if answer is not None:
            row.result = answer.to_json()
            row.state = PlanState.STOPPED if row.stop_requested_at else state
        row.save(update_fields=["state", "error", "finished_at", "result"])
