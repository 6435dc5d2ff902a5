"""Chains completed to whole derivations, scored by distinct causes, and kept if different."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import I32, I64, NONE, SOURCE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.kpaths import Chains
from exposure.logic.paths.kernels.shortest import MOST, STEP_BITS, Flags, Net


class Desk(NamedTuple):
    """What the derivations of one graph are worked out on; made once.

    `doubt` says which causes may be true or false. A fact is `had` or `wanted`, a cause `counted`, while its entry is the number in
    `clock`. For n facts `steps` has n places, `stack` 2 n + 1.
    """

    net: Net
    doubt: Flags
    had: I64
    wanted: I64
    counted: I64
    steps: I32
    stack: I32
    clock: I64


class Derivations(NamedTuple):
    """Derivation d is `steps[start[d]:start[d + 1]]`, in an order that works."""

    steps: I32
    start: I64
    size: I64


@kernel
def different(
    desk: Desk, via: I32, chains: Chains, target: int, most: int
) -> Derivations:
    """Return up to `most` derivations of `target`, the likeliest found first.

    Each chain, and the cheapest derivation (`via`) as a chain of nothing, is completed
    with the cheapest derivation of every fact that its bodies lack, and priced by its
    distinct causes. A derivation is kept when it shares at most half of its causes of
    which there is `doubt` (Jaccard) with each that was kept before it; where there is
    no doubt at all, half of all its causes.
    """
    many = chains.size[0] + 1
    price = np.empty(many, np.int64)
    start = np.zeros(many + 1, np.int64)
    pool = np.empty(256, np.int32)
    for each in range(many):
        length = _completed(desk, via, chains, each, target)
        end = start[each] + length
        while end > len(pool):
            grown = np.empty(2 * len(pool), np.int32)
            grown[: start[each]] = pool[: start[each]]
            pool = grown
        pool[start[each] : end] = desk.steps[:length]
        start[each + 1] = end
        price[each] = _price(desk, pool[start[each] : end])
    kept = np.zeros(most, np.int64)
    count = 0
    for each in np.argsort(price, kind="mergesort"):
        mine = pool[start[each] : start[each + 1]]
        new = True
        for place in range(count):
            other = kept[place]
            if new:
                theirs = pool[start[other] : start[other + 1]]
                new = _are_different(desk, mine, theirs)
        if new:
            kept[count] = each
            count += 1
        if count == most:
            break
    return _picked(pool, start, kept, count)


@kernel
def derivation_of(desk: Desk, via: I32, target: int) -> I32:
    """Return the steps of the cheapest derivation of a fact that has one."""
    nothing = np.zeros(1, np.int64)
    empty = Chains(np.empty(0, np.int32), nothing, nothing, nothing, nothing)
    length = _completed(desk, via, empty, 0, target)
    return desk.steps[:length].copy()


@kernel
def _picked(pool: I32, start: I64, kept: I64, count: int) -> Derivations:
    ends = np.zeros(count + 1, np.int64)
    for place in range(count):
        ends[place + 1] = ends[place] + start[kept[place] + 1] - start[kept[place]]
    steps = np.empty(ends[count], np.int32)
    for place in range(count):
        each = kept[place]
        steps[ends[place] : ends[place + 1]] = pool[start[each] : start[each + 1]]
    return Derivations(steps, ends, np.full(1, count, np.int64))


@kernel
def _completed(desk: Desk, via: I32, chains: Chains, chain: int, target: int) -> int:
    """Write a whole derivation to `desk.steps` and return how many steps it has."""
    desk.clock[0] += 1
    desk.had[SOURCE] = desk.clock[0]
    count = 0
    if chain < chains.size[0]:
        for back in range(chains.length[chain] - 1, -1, -1):
            step = chains.steps[chains.start[chain] + back] >> 1
            count = _derived(desk, via, int(desk.net.first[step]), count)
            if desk.net.second[step] != NONE:
                count = _derived(desk, via, int(desk.net.second[step]), count)
            if desk.had[desk.net.head[step]] != desk.clock[0]:
                desk.had[desk.net.head[step]] = desk.clock[0]
                desk.steps[count] = step
                count += 1
    count = _derived(desk, via, target, count)
    return _needed(desk, target, count)


@kernel
def _derived(desk: Desk, via: I32, goal: int, count: int) -> int:
    """Append the cheapest derivation of a fact, without what is there already."""
    now = desk.clock[0]
    if desk.had[goal] == now:
        return count
    stack = desk.stack  # every fact is opened once and asks for two at most
    stack[0] = goal
    height = 1
    while height:
        fact = stack[height - 1]
        if desk.had[fact] == now:
            height -= 1
            continue
        step = via[fact] >> 1
        one, other = desk.net.first[step], desk.net.second[step]
        lacks = False
        if other != NONE and desk.had[other] != now:
            stack[height] = other
            height += 1
            lacks = True
        if desk.had[one] != now:
            stack[height] = one
            height += 1
            lacks = True
        if not lacks:
            desk.had[fact] = now
            desk.steps[count] = step
            count += 1
            height -= 1
    return count


@kernel
def _needed(desk: Desk, target: int, count: int) -> int:
    """Keep the steps that the target needs, in their order."""
    now = desk.clock[0]
    desk.wanted[target] = now
    free = count
    for at in range(count - 1, -1, -1):
        step = desk.steps[at]
        if desk.wanted[desk.net.head[step]] == now:
            desk.wanted[desk.net.first[step]] = now
            if desk.net.second[step] != NONE:
                desk.wanted[desk.net.second[step]] = now
            free -= 1
            desk.steps[free] = step
    kept = count - free
    for at in range(kept):
        desk.steps[at] = desk.steps[free + at]
    return kept


@kernel
def _price(desk: Desk, steps: I32) -> int:
    """Return the price of the distinct causes, and one for each step."""
    desk.clock[0] += 1
    total = 0
    for step in steps:
        cause = desk.net.cause[step]
        whole = desk.net.price[step]
        if cause != NONE and desk.counted[cause] == desk.clock[0]:
            whole &= (1 << STEP_BITS) - 1
        elif cause != NONE:
            desk.counted[cause] = desk.clock[0]
        total = min(total + whole, MOST)
    return total


@kernel
def _are_different(desk: Desk, mine: I32, theirs: I32) -> bool:
    shared, either, alike, all_ = _compared(desk, mine, theirs)
    if either == 0:  # no doubt at all
        shared, either = alike, all_
    return bool(either > 0 and 2 * shared <= either)


@kernel
def _compared(desk: Desk, mine: I32, theirs: I32) -> tuple[int, int, int, int]:
    """Return how many doubtful causes two share and have, and how many certain ones."""
    counts = np.zeros((2, 2), np.int64)
    desk.clock[0] += 2
    first, second = desk.clock[0] - 1, desk.clock[0]
    for step in mine:
        cause = desk.net.cause[step]
        if cause != NONE and desk.counted[cause] != first:
            desk.counted[cause] = first
            counts[1 if desk.doubt[cause] else 0, 1] += 1
    for step in theirs:
        cause = desk.net.cause[step]
        if cause != NONE and desk.counted[cause] != second:
            row = 1 if desk.doubt[cause] else 0
            if desk.counted[cause] == first:
                counts[row, 0] += 1
            else:
                counts[row, 1] += 1
            desk.counted[cause] = second
    return counts[1, 0], counts[1, 1], counts[0, 0], counts[0, 1]
