"""Chains completed to whole derivations, scored by distinct causes, and kept if different."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import I32, I64, NONE, SOURCE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.kpaths import Chains, copy
from exposure.logic.paths.kernels.shortest import MOST, STEP_BITS, Flags, Net


class Desk(NamedTuple):
    """What the derivations of one graph are worked out on; made once.

    `doubt` says which causes may be true or false. A fact is `had` or `wanted`, a cause
    `counted`, while its entry is the number in `clock`. For n facts `steps` has n
    places, `stack` 2 n + 1.
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
            copy(pool, grown, 0)
            pool = grown
        copy(desk.steps[:length], pool, start[each])
        start[each + 1] = end
        price[each] = _price(desk, pool[start[each] : end])
    kept = np.zeros(most, np.int64)
    count = 0
    for each in _cheapest_first(price):
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
def _cheapest_first(prices: I64) -> I64:
    """Return the places in the order of their prices; of equal ones the first."""
    order = np.zeros(len(prices), np.int64)
    for place in range(len(prices)):
        at = place
        while at > 0 and prices[order[at - 1]] > prices[place]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = place
    return order


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
        copy(pool[start[each] : start[each + 1]], steps, ends[place])
    return Derivations(steps, ends, np.full(1, count, np.int64))


@kernel
def _completed(desk: Desk, via: I32, chains: Chains, chain: int, target: int) -> int:
    """Write a whole derivation to `desk.steps` and return how many steps it has."""
    first, second, heads = desk.net.first, desk.net.second, desk.net.head
    had, steps = desk.had, desk.steps
    desk.clock[0] += 1
    had[SOURCE] = desk.clock[0]
    count = 0
    if chain < chains.size[0]:
        for back in range(chains.length[chain] - 1, -1, -1):
            step = chains.steps[chains.start[chain] + back] >> 1
            count = _derived(desk, via, int(first[step]), count)
            if second[step] != NONE:
                count = _derived(desk, via, int(second[step]), count)
            if had[heads[step]] != desk.clock[0]:
                had[heads[step]] = desk.clock[0]
                steps[count] = step
                count += 1
    count = _derived(desk, via, target, count)
    return _needed(desk, target, count)


@kernel
def _derived(desk: Desk, via: I32, goal: int, count: int) -> int:
    """Append the cheapest derivation of a fact, without what is there already."""
    first, second, had = desk.net.first, desk.net.second, desk.had
    steps, stack = desk.steps, desk.stack
    now = desk.clock[0]
    stack[0] = goal
    height = 1
    while height:
        fact = stack[height - 1]
        if had[fact] == now:
            height -= 1
            continue
        step = via[fact] >> 1
        one, other = first[step], second[step]
        lacks = 0
        if other != NONE and had[other] != now:
            stack[height] = other
            lacks = 1
        if had[one] != now:
            stack[height + lacks] = one
            lacks += 1
        if not lacks:
            had[fact] = now
            steps[count] = step
            count += 1
            lacks = -1
        height += lacks
    return count


@kernel
def _needed(desk: Desk, target: int, count: int) -> int:
    """Keep the steps that the target needs, in their order."""
    first, second, heads = desk.net.first, desk.net.second, desk.net.head
    wanted, steps = desk.wanted, desk.steps
    now = desk.clock[0]
    wanted[target] = now
    free = count
    for at in range(count - 1, -1, -1):
        step = steps[at]
        if wanted[heads[step]] == now:
            wanted[first[step]] = now
            if second[step] != NONE:
                wanted[second[step]] = now
            free -= 1
            steps[free] = step
    kept = count - free
    for at in range(kept):
        steps[at] = steps[free + at]
    return kept


@kernel
def _price(desk: Desk, steps: I32) -> int:
    """Return the price of the distinct causes, and one for each step."""
    causes, prices, counted = desk.net.cause, desk.net.price, desk.counted
    desk.clock[0] += 1
    now = desk.clock[0]
    total = 0
    for step in steps:
        cause = causes[step]
        price = prices[step]
        if cause != NONE and counted[cause] == now:
            price &= (1 << STEP_BITS) - 1
        elif cause != NONE:
            counted[cause] = now
        total = min(total + price, MOST)
    return total


@kernel
def _are_different(desk: Desk, mine: I32, theirs: I32) -> bool:
    """Whether two share at most half of their doubtful causes, or else of all."""
    causes, doubt, counted = desk.net.cause, desk.doubt, desk.counted
    shared = np.zeros(2, np.int64)
    either = np.zeros(2, np.int64)
    desk.clock[0] += 2
    first, second = desk.clock[0] - 1, desk.clock[0]
    for step in mine:
        cause = causes[step]
        if cause != NONE and counted[cause] != first:
            counted[cause] = first
            either[1 if doubt[cause] else 0] += 1
    for step in theirs:
        cause = causes[step]
        if cause != NONE and counted[cause] != second:
            if counted[cause] == first:
                shared[1 if doubt[cause] else 0] += 1
            else:
                either[1 if doubt[cause] else 0] += 1
            counted[cause] = second
    row = 1 if either[1] else 0
    return bool(either[row] > 0 and 2 * shared[row] <= either[row])
