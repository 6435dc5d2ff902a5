"""Changes that remove nothing alone: with which others they begin to work."""

from collections.abc import Callable, Collection, Iterable

from exposure.logic.paths.plans.sample import Sample

MOST_EXPLAINED = 20


def works_with(
    sample: Sample,
    chosen: Collection[int],
    *,
    idle: Iterable[int],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[int, frozenset[int]]:
    """Return for changes of a plan that are idle alone a set that opens them.

    The set is a part of the plan, and none of its members can be left out. At most
    twenty of `idle` are explained, in order of number. What removes nothing beside the
    rest of the plan either is not.
    """
    found: dict[int, frozenset[int]] = {}
    for place in sorted(frozenset(idle) & frozenset(chosen))[:MOST_EXPLAINED]:
        others = sorted(frozenset(chosen) - {place})
        if stopped():
            break
        if _opens(sample, place, others):
            found[place] = frozenset(_smallest(sample, place, others))
    return found


def _opens(sample: Sample, place: int, others: Collection[int]) -> bool:
    return sample.loss({*others, place}) < sample.loss(others)


def _smallest(sample: Sample, place: int, others: list[int]) -> list[int]:
    """Leave out what can be left out, in ever smaller pieces (after Zeller 1999)."""
    size = len(others)
    while size:
        at = 0
        while at < len(others):
            fewer = others[:at] + others[at + size :]
            if _opens(sample, place, fewer):
                others = fewer
            else:
                at += size
        size //= 2
    return others
