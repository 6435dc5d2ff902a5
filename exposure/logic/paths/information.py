"""The value of information: which uncertain cause is worth confirming first."""

from collections.abc import Iterable

import numpy as np

from exposure.logic.paths.changes import Worths
from exposure.logic.paths.graph import F64, I32, Graph
from exposure.logic.paths.ground import EVERY_WORLD, Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.shift import shift
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.results import Unknown

LOOKED_INTO = 3
"""So many times as many causes as are asked for are looked into, the likeliest first."""


def worth_knowing(
    graph: Graph,
    *,
    seed: int,
    worlds: int,
    cause_ids: Iterable[str] | None = None,
    most: int = 10,
) -> tuple[Unknown, ...]:
    """Return the causes that are most worth confirming, the most doubt first.

    Looks at the uncertain ones among `cause_ids` (None: all of the graph) and leaves
    out those that remove nothing when they are impossible. First everything is closed
    by itself: what that removes is the chance of the cause times what hangs on it,
    which says what to look into. Those are then made certain, in the same worlds.
    O(causes) times the part of the graph that hangs on each. Raises `ModelRefused` for
    a cause that is not in the graph, for a strength that is not a number above 0, and
    for an absurd number of worlds.
    """
    causes = uncertain(graph, cause_ids)
    ground = Ground(graph, seed=seed, worlds=worlds)
    worths = Worths(ground, (), needed=_nothing, alone=causes)
    for forest in ground.forests():
        worths.add(forest)
    return most_worth_knowing(ground, causes, worths, most=most)


def most_worth_knowing(
    ground: Ground, causes: I32, worths: Worths, *, most: int
) -> tuple[Unknown, ...]:
    """Return of these causes (numbers) those that are most worth confirming.

    `worths` counted what closing each of them removes. Otherwise as `worth_knowing`.
    """
    graph, worlds = ground.graph, ground.worlds
    lost, removed = worths.lost, worths.removed_alone()
    spread = _deviation(graph, causes)
    likely = removed / graph.chance[causes] * spread
    order = np.lexsort((causes, -likely))[: LOOKED_INTO * max(0, most)]
    chosen = order[removed[order] > 0.0]
    added = _made_certain(ground, causes[chosen])
    rows = []
    for row, place in enumerate(chosen.tolist()):
        chance = float(graph.chance[causes[place]])
        swing = float(added[row] + removed[place]) / worlds
        rows.append(
            Unknown(
                cause_id=graph.cause_ids[causes[place]],
                chance=chance,
                if_true=float(lost + added[row]) / worlds,
                if_false=float(lost - removed[place]) / worlds,
                moves=2.0 * chance * (1.0 - chance) * swing,
                doubt=float(spread[place]) * swing,
            )
        )
    rows.sort(key=lambda row: (-row.doubt, row.cause_id))
    return tuple(rows[: max(0, most)])


def uncertain(graph: Graph, cause_ids: Iterable[str] | None = None) -> I32:
    """Return the numbers of the causes that may be true or not (None: among all)."""
    doubted = (graph.chance > 0.0) & (graph.chance < 1.0)
    if cause_ids is not None:
        number = {cause: place for place, cause in enumerate(graph.cause_ids)}
        asked = np.zeros(len(doubted), np.bool_)
        for cause in cause_ids:
            if cause not in number:
                raise ModelRefused(f"There is no cause {cause} in this model.")
            asked[number[cause]] = True
        doubted &= asked
    return np.flatnonzero(doubted).astype(np.int32)


def _deviation(graph: Graph, causes: I32) -> F64:
    """Return the standard deviation of Beta(p s, (1 - p) s) for each cause."""
    chance, width = graph.chance[causes], graph.width[causes]
    if not (np.isfinite(width) & (width > 0.0)).all():
        raise ModelRefused("How sure we are of a chance is not a number above 0.")
    deviation: F64 = np.sqrt(chance * (1.0 - chance) / (width + 1.0))
    return deviation


def _made_certain(ground: Ground, causes: I32) -> F64:
    """Return points x worlds that are lost in addition if each cause were certain."""
    added = np.zeros(len(causes))
    if not len(causes):
        return added
    everywhere = np.full((1, WORDS), EVERY_WORLD)
    for forest in ground.forests():
        before = ground.points(forest)
        for row in range(len(causes)):
            # Nothing is lost by it, so who won what is not asked, and not put right.
            cause, held = causes[row : row + 1], forest.held.copy()
            own = forest.true[cause]
            more = forest._replace(held=held)
            shift(ground.net, more, ground.desk, cause, everywhere)
            added[row] += ground.points(more) - before
            forest.true[cause] = own
    return added


def _nothing(facts: Iterable[str]) -> dict[str, frozenset[str]]:
    return {fact: frozenset() for fact in facts}
