"""The interval that follows from the grades: how sure we are of the chances themselves."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import betaincinv

from exposure.logic.paths.draws import BLOCK, everywhere, mixed, mixed_seed
from exposure.logic.paths.graph import F64, Graph
from exposure.logic.paths.kernels.draws import DIGITS
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.worlds import (
    Worlds,
    counted,
    exposure_of,
    moves_of,
    sample,
)

REDRAWS = 40
MOST_BLOCKS = 4
MOST_STEPS = 40_000
"""A redraw is of four blocks of worlds, of fewer where steps x blocks exceed this."""

QUANTILES = 256
LEAST = 2.0**-DIGITS
GRID = 8
"""A table is made for each eighth of log odds, and shifted by the rest."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 90 % of the redraws."""

    low: float
    high: float

    def around(self, value: float) -> "Interval":
        """Return the interval widened, if need be, to hold `value`."""
        return Interval(min(self.low, value), max(self.high, value))


@dataclass(frozen=True, slots=True)
class Intervals:
    """The interval of the reach of each line, and that of the exposure in units.

    `parts` are those of the exposure of the parts that were asked for.
    """

    lines: tuple[Interval, ...]
    exposure: Interval
    parts: tuple[Interval, ...] = ()


def intervals(
    worlds: Worlds, *, seed: int, parts: Sequence[Sequence[int]] = ()
) -> Intervals:
    """Return how far what was sampled would move if the chances were other ones.

    Every uncertain chance p is redrawn 40 times from Beta(p s, (1 - p) s), where s is
    the strength of its grade: validated 200, confirmed or observed 50, version match
    or imported 20, reachable 8, theoretical or assumed 4. Certain chances stay. All
    redraws have the luck of the first worlds, so a difference to those worlds comes
    from the chances alone; it is added to what all worlds say. `parts` are numbers of
    lines whose exposure is wanted together. Raises `ModelRefused` when a strength is
    not a number above 0.
    """
    graph = worlds.graph
    spread = max(1, min(MOST_BLOCKS, MOST_STEPS // max(1, len(graph.head))))
    count = min(worlds.count, spread * BLOCK)
    lanes = everywhere(count)
    before = counted(worlds.lines[:, : len(lanes)] & lanes)
    usual, moves = exposure_of(graph, before, count=count), moves_of(graph)
    reaches: list[F64] = []
    totals = []
    for chances in redraws(graph, seed=seed):
        again = sample(graph, count=count, seed=seed, chances=chances, moves=moves)
        lost = again.hits[graph.target]
        reaches.append(np.clip(worlds.reaches + (lost - before) / count, 0.0, 1.0))
        totals.append(max(0.0, worlds.exposure + again.exposure - usual))
    moved = np.array(reaches)
    return Intervals(
        lines=tuple(_middle(row) for row in moved.T.tolist()),
        exposure=_middle(totals),
        parts=tuple(
            _middle(_sums(moved[:, list(part)] * graph.points[list(part)]))
            for part in parts
        ),
    )


def _sums(rows: F64) -> list[float]:
    """Return the exact sum of each row: a product of matrices is up to each machine."""
    return [math.fsum(row) for row in rows.tolist()]


def redraws(graph: Graph, *, seed: int) -> Iterator[F64]:
    """Yield other chances for the causes of a graph, 40 times.

    One of 256 equally likely values of the Beta distribution, chosen by the seed, the
    number of the redraw and the key of the cause alone.
    """
    uncertain = (graph.chance > 0.0) & (graph.chance < 1.0)
    key, chance = graph.key[uncertain], graph.chance[uncertain]
    widths, width = np.unique(graph.width[uncertain], return_inverse=True)
    if not (np.isfinite(widths) & (widths > 0.0)).all():
        raise ModelRefused("How sure we are of a chance is not a number above 0.")
    bounded = np.clip(chance, LEAST, 1.0 - LEAST)
    odds = bounded / (1.0 - bounded)
    level = np.rint(np.log(odds) * GRID).astype(np.int64)
    pairs, pair = np.unique(np.stack([level, width]), axis=1, return_inverse=True)
    table = np.array([_quantiles(at, float(widths[of])) for at, of in pairs.T.tolist()])
    shift = odds / np.exp(level / GRID)
    again = int(mixed_seed(seed))  # other luck than that of the worlds
    for number in range(1, REDRAWS + 1):
        places = mixed(key ^ mixed_seed(again + number)) % np.uint64(QUANTILES)
        chances = graph.chance.copy()
        if len(pair):
            value = table[pair, places.astype(np.int64)]
            chances[uncertain] = value * shift / (1.0 - value + value * shift)
        yield chances


@cache
def _quantiles(level: int, width: float) -> F64:
    """Return the middles of 256 equally likely parts of a Beta distribution."""
    chance = 1.0 / (1.0 + np.exp(-level / GRID))
    middles = (np.arange(QUANTILES) + 0.5) / QUANTILES
    values: F64 = betaincinv(chance * width, (1.0 - chance) * width, middles)
    return values


def _middle(values: list[float]) -> Interval:
    """Leave out the two lowest and the two highest of forty: 5 % on each side."""
    ordered = sorted(values)
    spare = len(ordered) // 20
    return Interval(ordered[spare], ordered[-1 - spare])
