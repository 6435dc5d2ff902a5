"""The interval that follows from the grades: how sure we are of the chances themselves."""

import hashlib
import random
from dataclasses import dataclass

from exposure.logic.paths.changes import exposure
from exposure.logic.paths.model import AttackModel, Cause
from exposure.logic.paths.worlds import Worlds

REDRAWS = 20
REDRAW_WORLDS = 2_048


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 90 % of the redraws."""

    low: float
    high: float

    def around(self, value: float) -> "Interval":
        """Return the interval widened, if need be, to hold `value`."""
        return Interval(min(self.low, value), max(self.high, value))


def intervals(model: AttackModel, *, seed: str) -> dict[str, Interval]:
    """Return an interval of reach per line id, and one of exposure under "".

    Every uncertain chance p is redrawn 20 times from Beta(p s, (1 - p) s), where s is
    the strength of its grade: validated 200, confirmed or observed 50, version match
    or imported 20, reachable 8, theoretical or assumed 4. Certain chances stay. All
    redraws use the same luck, so the spread comes from the chances alone.
    """
    samples: dict[str, list[float]] = {target.line_id: [] for target in model.targets}
    totals: list[float] = []
    for number in range(REDRAWS):
        chances = {
            cause.id: _redraw(cause, seed=f"{seed}\n{number}") for cause in model.causes
        }
        worlds = Worlds(model, seed=seed, count=REDRAW_WORLDS, chances=chances)
        for target in model.targets:
            samples[target.line_id].append(worlds.reach(target.fact))
        totals.append(exposure(model, worlds, worlds.held))
    return {key: _middle(values) for key, values in (*samples.items(), ("", totals))}


def _redraw(cause: Cause, *, seed: str) -> float:
    if cause.p in (0.0, 1.0):
        return cause.p
    key = f"{seed}\n{cause.id}".encode(errors="surrogatepass")
    luck = random.Random(hashlib.sha256(key).digest())  # noqa: S311 - reproducible
    return luck.betavariate(cause.p * cause.width, (1.0 - cause.p) * cause.width)


def _middle(values: list[float]) -> Interval:
    """Leave out the lowest and the highest of twenty: 5 % on each side."""
    ordered = sorted(values)
    spare = len(ordered) // 20
    return Interval(ordered[spare], ordered[-1 - spare])
