"""What ends every way to a line, or what would open one where there is none."""

import uuid
from dataclasses import dataclass, field

from common.kept import kept
from exposure.logic.paths.barriers import Barrier, barriers_to
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.model import line_fact
from exposure.logic.paths.plans.costs import VERSION
from exposure.logic.paths.plans.ending import Ending, fewest_that_end
from exposure.logic.paths.plans.overrides import as_said, stamp
from exposure.logic.paths.results import FoundPath, LineResult
from exposure.logic.paths.sight import Sight
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer with what tells it apart: never one reader's for another one."""

    workspace_id: uuid.UUID
    revision_id: uuid.UUID
    sight: Sight | None
    counted: str
    answer: PathAnswer = field(compare=False, repr=False)


def ending_of(answer: PathAnswer, line_id: str) -> LineEnding | None:
    """Return what ends every way to a line; None for one that the answer has not.

    Changes count as all owners said, at all sites, so the set is the same whoever asks;
    whoever shows it shows a reader of some sites the names of their own. What was
    worked out is kept by revision and by what changes cost.
    """
    line = next((row for row in answer.analysis.lines if row.line_id == line_id), None)
    if line is None:
        return None
    asked = _Asked(
        current_workspace_id(),
        answer.revision.pk,
        answer.sight,
        answer.counted,
        answer,
    )
    if line.best is None:
        opens, barriers = _opens(asked, line_id), _barriers(asked, line_id)
        return LineEnding(line, opens=opens, barriers=barriers)
    ending, stays = _ended(asked, line_id, stamp(VERSION, overrides()))
    if stays is not None and answer.sight is not None:
        stays = answer.sight.of_path(stays)
    return LineEnding(line, ending=ending, stays=stays)


@kept(KEPT)
def _ended(
    asked: _Asked,
    line_id: str,
    costs: str,  # noqa: ARG001 - a part of the key
) -> tuple[Ending, FoundPath | None]:
    compiled = paths.compiled_of(asked.answer)
    offers, said = every_offer(asked.revision_id), overrides()
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


@kept(KEPT)
def _opens(asked: _Asked, line_id: str) -> tuple[WouldOpen, ...]:
    return tuple(_supposing(asked).ways_open(line_id))


@kept(KEPT)
def _barriers(asked: _Asked, line_id: str) -> tuple[Barrier, ...]:
    compiled = paths.compiled_of(asked.answer)
    held = Rules(compiled.graph).derivable()
    return barriers_to(compiled.plant, line_id, held=held)


@kept(KEPT_PLANTS)
def _supposing(asked: _Asked) -> Supposing:
    policy = paths.policy_of(asked.answer)
    return Supposing(asked.answer.plant, policy=policy)
