"""The value of information: which uncertain cause is worth confirming first."""

from collections.abc import Iterable

import numpy as np

from exposure.logic.paths.graph import F64, I32, Graph
from exposure.logic.paths.ground import EVERY_WORLD, Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.removed import Table, gains
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
    causes = _uncertain(graph, cause_ids)
    ground = Ground(graph, seed=seed, worlds=worlds)
    lost, removed = _closed(ground, causes)
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


def _uncertain(graph: Graph, cause_ids: Iterable[str] | None) -> I32:
    uncertain = (graph.chance > 0.0) & (graph.chance < 1.0)
    if cause_ids is not None:
        number = {cause: place for place, cause in enumerate(graph.cause_ids)}
        asked = np.zeros(len(uncertain), np.bool_)
        for cause in cause_ids:
            if cause not in number:
                raise ModelRefused(f"There is no cause {cause} in this model.")
            asked[number[cause]] = True
        uncertain &= asked
    return np.flatnonzero(uncertain).astype(np.int32)


def _deviation(graph: Graph, causes: I32) -> F64:
    """Return the standard deviation of Beta(p s, (1 - p) s) for each cause."""
    chance, width = graph.chance[causes], graph.width[causes]
    if not (np.isfinite(width) & (width > 0.0)).all():
        raise ModelRefused("How sure we are of a chance is not a number above 0.")
    deviation: F64 = np.sqrt(chance * (1.0 - chance) / (width + 1.0))
    return deviation


def _closed(ground: Ground, causes: I32) -> tuple[float, F64]:
    """Return points x worlds that are lost, and that closing each cause removes."""
    removed = np.zeros(len(causes))
    table = Table(
        ptr=np.arange(len(causes) + 1),
        cause=causes,
        gone=np.full((len(causes), WORDS), EVERY_WORLD),
    )
    lost = 0.0
    for forest in ground.forests():
        lost += ground.points(forest)
        gains(ground.net, forest, ground.desk, table, removed)
    return lost, removed


def _made_certain(ground: Ground, causes: I32) -> F64:
    """Return points x worlds that are lost in addition if each cause were certain."""
    added = np.zeros(len(causes))
    everywhere = np.full((1, WORDS), EVERY_WORLD)
    for forest in ground.forests():
        before = ground.points(forest)
        for row in range(len(causes)):
            cause = causes[row : row + 1]
            own = forest.true[cause]
            shift(ground.net, forest, ground.desk, cause, everywhere)
            added[row] += ground.points(forest) - before
            shift(ground.net, forest, ground.desk, cause, own)
    return added
