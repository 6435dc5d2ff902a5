"""What ends every way to a line, or what would open one where there is none."""

from dataclasses import dataclass

from common.kept import Kept
from exposure.logic.paths.barriers import Barrier, barriers_to
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.model import line_fact
from exposure.logic.paths.plans.costs import VERSION
from exposure.logic.paths.plans.ending import Ending, fewest_that_end
from exposure.logic.paths.plans.overrides import as_said, stamp
from exposure.logic.paths.results import FoundPath, LineResult
from exposure.logic.paths.supposing import Supposing, WouldOpen
from exposure.services import paths
from exposure.services.change_offers import every_offer, overrides
from exposure.services.paths import PathAnswer
from tenants.scope import current_workspace_id

KEPT = 200
KEPT_PLANTS = 2


@dataclass(frozen=True, slots=True)
class LineEnding:
    """A line that is reached has an `ending`; where no changes do it, `stays` is a way
    that is left. One that is not reached has what would open a way, fewest first, and the
    `barriers` that keep outsiders from it.
    """

    line: LineResult
    ending: Ending | None = None
    stays: FoundPath | None = None
    opens: tuple[WouldOpen, ...] = ()
    barriers: tuple[Barrier, ...] = ()


def ending_of(answer: PathAnswer, line_id: str) -> LineEnding | None:
    """Return what ends every way to a line; None for one that the answer has not.

    Changes count as all owners said, at all sites, so the set is the same whoever asks;
    whoever shows it shows a reader of some sites the names of their own. What was
    worked out is kept by revision and by what changes cost.
    """
    line = next((row for row in answer.analysis.lines if row.line_id == line_id), None)
    if line is None:
        return None
    # Never one reader's for another one. The answer itself is no part of what is kept.
    key = (
        current_workspace_id(),
        answer.revision.pk,
        answer.sight,
        answer.counted,
    )
    if line.best is None:
        return LineEnding(
            line,
            opens=_opens.get((key, line_id), lambda: _opens_to(answer, key, line_id)),
            barriers=_barriers.get(
                (key, line_id), lambda: _barriers_to(answer, line_id)
            ),
        )
    costs = stamp(VERSION, overrides())
    ending, stays = _ended.get((key, line_id, costs), lambda: _end(answer, line_id))
    if stays is not None and answer.sight is not None:
        stays = answer.sight.of_path(stays)
    return LineEnding(line, ending=ending, stays=stays)


_ended: Kept[tuple[Ending, FoundPath | None]] = Kept(KEPT)
_opens: Kept[tuple[WouldOpen, ...]] = Kept(KEPT)
_barriers: Kept[tuple[Barrier, ...]] = Kept(KEPT)
_plants: Kept[Supposing] = Kept(KEPT_PLANTS)


def _end(answer: PathAnswer, line_id: str) -> tuple[Ending, FoundPath | None]:
    compiled = paths.compiled_of(answer)
    offers, said = every_offer(answer.revision.pk), overrides()
    candidates = [
        as_said(row.change, said[key], offered=offers) if key in said else row.change
        for key, row in offers.items()
    ]
    rules, target = Rules(compiled.graph), line_fact(line_id)
    ending = fewest_that_end(rules, target, candidates)
    if ending.changes is not None:
        return ending, None
    finder = PathFinder(rules, steps=compiled)
    way = finder.likeliest(target, without=ending.closed)
    if way is None:
        return ending, None
    causes = {cause.id: cause for cause in compiled.causes}
    return ending, found_path(way, plant=compiled.plant, causes=causes)


def _opens_to(answer: PathAnswer, key: object, line_id: str) -> tuple[WouldOpen, ...]:
    policy = paths.policy_of(answer)
    plant = _plants.get(key, lambda: Supposing(answer.plant, policy=policy))
    return tuple(plant.ways_open(line_id))


def _barriers_to(answer: PathAnswer, line_id: str) -> tuple[Barrier, ...]:
    compiled = paths.compiled_of(answer)
    held = Rules(compiled.graph).derivable()
    return barriers_to(compiled.plant, line_id, held=held)
