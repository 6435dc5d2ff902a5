"""Makes a plan: which changes, in which order and windows, and what they leave."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from exposure.logic.paths.draws import BLOCK, check_worlds, seed_number
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.plans import costs
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.answer import Plan, Point, in_words
from exposure.logic.paths.plans.frontier import along, undominated
from exposure.logic.paths.plans.greedy import Greedy
from exposure.logic.paths.plans.items import Candidate, Limits, PlanRefused
from exposure.logic.paths.plans.judge import Judge
from exposure.logic.paths.plans.milp import Best, best_set
from exposure.logic.paths.plans.pool import Pool
from exposure.logic.paths.plans.sample import Sample
from exposure.logic.paths.plans.telling import change_rows, in_order, lines_left
from exposure.logic.paths.plans.together import works_with

ENGINE = "plans-1"


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look, and with which luck.

    `seed` is that of an analysis: plans are judged in its worlds (`fresh_worlds` of
    them), and made in others, `worlds` of them, rounded up to blocks of 512. Each
    program gets `seconds`; `points` sets are worked out for the curve. `costs` names
    what the hours were taken from; the answer repeats it.
    """

    seed: str
    worlds: int = 2048
    fresh_worlds: int = 10_240
    seconds: float = 60.0
    points: int = 8
    costs: str = costs.VERSION


def plan(
    graph: Graph,
    candidates: Sequence[Candidate],
    limits: Limits,
    *,
    settings: Settings,
    on_point: Callable[[Point], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Plan:
    """Return the best set of candidates that the limits allow, with its proof.

    Every set found on the way is handed to `on_point` at once: better and better ones
    for the limits as they are, each with the gap that is proven by then, and then the
    points of the curve of exposure against downtime. Of sets that leave as little the
    plan is the one with least downtime on that curve. Once
    `stopped` says so the best so far is returned; a program that is being solved is
    not interrupted, so that can take `seconds`. The same input gives the same plan
    unless it was stopped or time ran out, which `is_complete` tells. Raises
    `PlanRefused` for limits that contradict each other or are no numbers, and
    `ModelRefused` for candidates that do not fit the graph. Room: that of one block of
    512 fresh worlds, 64 bytes for each fact, step and cause, and of the sample.
    """
    check_worlds(settings.worlds)
    desk = _Desk(graph, candidates, limits, settings=settings, stopped=stopped)
    best = desk.best(on_better=lambda found: on_point(desk.point(found)))
    on_point(desk.point(best))
    sets = [best]
    curve = along(
        best, solve=desk.solve_within, minutes=desk.downtime, points=settings.points
    )
    while not stopped() and (found := next(curve, None)) is not None:
        sets.append(found)
        on_point(desk.point(found))
    return desk.told(best, sets)


def judged(
    graph: Graph,
    candidates: Sequence[Candidate],
    limits: Limits,
    change_ids: Collection[str],
    *,
    settings: Settings,
) -> Plan:
    """Return what exactly these changes do, as a plan.

    No other set is looked for, so nothing is proven: `is_proven` is False, `bound` is 0
    and the curve has one point. Raises `PlanRefused` as `plan` does, for changes that
    are none of the candidates, and for a set that the limits do not allow.
    """
    check_worlds(settings.worlds)
    desk = _Desk(graph, candidates, limits, settings=settings, stopped=lambda: False)
    best = desk.only(change_ids)
    return desk.told(best, [best])


class _Desk:
    """What one plan is worked out on."""

    def __init__(
        self,
        graph: Graph,
        candidates: Sequence[Candidate],
        limits: Limits,
        *,
        settings: Settings,
        stopped: Callable[[], bool],
    ) -> None:
        self.graph, self.settings, self.stopped = graph, settings, stopped
        self.allowed = Allowed(candidates, limits)
        edits = [row.edit for row in candidates]
        self.sample = Sample(
            graph,
            edits,
            blocks=-(-settings.worlds // BLOCK),
            seed=seed_number(f"{settings.seed}\nplan"),
        )
        self.pool = Pool(self.sample)
        self.judge = Judge(
            graph,
            edits,
            seed=seed_number(settings.seed),
            worlds=settings.fresh_worlds,
        )
        self._known: list[frozenset[int]] = []
        self.in_time = True

    def best(self, *, on_better: Callable[[Best], None]) -> Best:
        """Return the best set for the limits as they are.

        The program usually ends in a few rounds. When its time runs out before, the
        two exact greedy sets are found as well, and it begins again with what is known.
        """
        best = self.solve(self.allowed, on_better=on_better)
        if best.ended or self.stopped():
            return best
        greedy = Greedy(self.sample, self.allowed)
        self._known.append(greedy.by_gain_per_hour(stopped=self.stopped))
        self._known.append(greedy.by_gain(stopped=self.stopped))
        return self.solve(self.allowed, on_better=on_better)

    def only(self, change_ids: Collection[str]) -> Best:
        """Return exactly these changes, of which nothing is proven."""
        for change in sorted(change_ids):
            if change not in self.allowed.number:
                raise PlanRefused(
                    f"The change {change} is not one of those to plan with."
                )
        chosen = frozenset(self.allowed.number[change] for change in change_ids)
        if why := self.allowed.misfit(chosen):
            raise PlanRefused(f"These changes cannot be made together: {why}")
        return Best(chosen, self.sample.loss(chosen), bound=0.0, ended=False)

    def solve(
        self, allowed: Allowed, *, on_better: Callable[[Best], None] = lambda _: None
    ) -> Best:
        """Return the best set that is allowed, beginning with all sets known."""
        best = best_set(
            self.pool,
            allowed,
            warm=self._known,
            seconds=self.settings.seconds,
            stopped=self.stopped,
            on_better=on_better,
        )
        self._known.append(best.chosen)
        self.in_time &= best.ended
        return best

    def solve_within(self, minutes: int) -> Best:
        """Return the best set with so much downtime at most, or what is fixed takes."""
        allowed = self.allowed
        least = self.downtime(allowed.with_needs(allowed.fixed))
        hours = max(minutes, least) / 60
        limits = replace(allowed.limits, total_downtime=hours)
        return self.solve(Allowed(allowed.candidates, limits))

    def downtime(self, chosen: Collection[int]) -> int:
        """Return for how many minutes these stop lines, summed."""
        return sum(self.allowed.minutes(place)[0] for place in chosen)

    def point(self, best: Best) -> Point:
        """Return a set as a point of the curve."""
        chosen, worlds = sorted(best.chosen), self.sample.worlds
        return Point(
            downtime=self.downtime(chosen) / 60,
            hours=sum(self.allowed.minutes(place)[1] for place in chosen) / 60,
            exposure=self.judge.exposure(chosen),
            planned=best.loss / worlds,
            bound=best.bound / worlds,
            gap=best.gap,
            change_ids=tuple(self.allowed.candidates[place].id for place in chosen),
        )

    def told(self, best: Best, sets: list[Best]) -> Plan:
        """Return the answer: of sets as good as the best that with least downtime."""
        curve = undominated(sets, minutes=self.downtime)
        best = replace(best, chosen=curve[-1].chosen, loss=curve[-1].loss)
        allowed, chosen = self.allowed, best.chosen
        weighed = self.judge.weigh(lambda alone: in_order(allowed, chosen, alone=alone))
        idle = [place for place in weighed.order if not weighed.alone[place]]
        partners = works_with(self.sample, chosen, idle=idle, stopped=self.stopped)
        changes = change_rows(allowed, weighed, partners=partners)
        edits = [allowed.candidates[place].edit for place in weighed.order]
        point, before = self.point(best), self.judge.exposure(())
        made = [row for row in changes if row.place]
        return Plan(
            engine=ENGINE,
            costs=self.settings.costs,
            seed=self.settings.seed,
            worlds=self.sample.worlds,
            fresh_worlds=self.settings.fresh_worlds,
            is_complete=self.in_time and not self.stopped(),
            is_proven=best.ended,
            sentence=in_words(
                changes=len(made),
                downtime=point.downtime,
                before=before,
                after=point.exposure,
            ),
            exposure_before=before,
            exposure=point.exposure,
            planned=point.planned,
            bound=point.bound,
            gap=best.gap,
            hours=point.hours,
            downtime=point.downtime,
            done_by=_last([stop.ends for row in made for stop in row.works]),
            changes=changes,
            frontier=tuple(self.point(each) for each in curve),
            lines=lines_left(self.graph, weighed, edits=edits),
        )


def _last(moments: list[str]) -> str:
    said = (each for each in moments if each)
    return max(said, key=datetime.fromisoformat, default="")
