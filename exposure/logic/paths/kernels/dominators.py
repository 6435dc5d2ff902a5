"""Facts that nobody can do without: dominators, and what is left when a fact is gone."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import I32, NONE, SOURCE, U64
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.shortest import Flags, Net


class Walk(NamedTuple):
    """A depth-first walk: facts by number, and what Lengauer and Tarjan keep of them."""

    number: I32
    fact: I32
    parent: I32
    half: I32
    best: I32
    above: I32


@kernel
def dominators(net: Net, works: Flags) -> I32:
    """Return the immediate dominator of each fact when one fact of a body is enough.

    The simple method of Lengauer and Tarjan 1979, O(steps log facts). The source is its
    own; a fact that is not reached has -1.
    """
    facts = len(net.uses_ptr) - 1
    first, second, wins_ptr, wins = net.first, net.second, net.wins_ptr, net.wins
    walk, count = _walked(net, works)
    number, above, half, best = walk.number, walk.above, walk.half, walk.best
    last = np.full(count, NONE, np.int32)  # a list of facts for each half-dominator
    next_ = np.full(count, NONE, np.int32)
    chief = np.zeros(count, np.int32)
    trail = np.empty(count, np.int32)
    for here in range(count - 1, 0, -1):
        fact = walk.fact[here]
        for step in wins[wins_ptr[fact] : wins_ptr[fact + 1]]:
            for before in (first[step], second[step]):
                if works[step] and before != NONE and number[before] != NONE:
                    low = _best(above, half, best, trail, int(number[before]))
                    half[here] = min(half[here], half[low])
        next_[here] = last[half[here]]
        last[half[here]] = here
        parent = walk.parent[here]
        above[here] = parent
        each = last[parent]
        while each != NONE:
            low = _best(above, half, best, trail, int(each))
            chief[each] = low if half[low] < half[each] else parent
            each = next_[each]
        last[parent] = NONE
    result = np.full(facts, NONE, np.int32)
    result[SOURCE] = SOURCE
    for here in range(1, count):
        if chief[here] != half[here]:
            chief[here] = chief[chief[here]]
        result[walk.fact[here]] = walk.fact[chief[here]]
    return result


@kernel
def left_without(net: Net, works: Flags, gone: I32) -> U64:
    """Return for each fact one bit for each fact in `gone`: derivable without it.

    Bit k of a row speaks of the plant in which `gone[k]` can never be won: the least
    fixpoint of all those plants at once, bodies complete. [facts, words of 64].
    """
    facts = len(net.uses_ptr) - 1
    words = (len(gone) + 63) // 64
    bits = np.zeros((facts, words), np.uint64)
    own = np.full(facts, NONE, np.int32)
    for place in range(len(gone)):
        own[gone[place]] = place
    bits[SOURCE] = ~np.uint64(0)
    first, second, heads = net.first, net.second, net.head
    queue = np.empty(facts, np.int32)
    waits = np.zeros(facts, np.bool_)
    queue[0] = SOURCE
    at, size = 0, 1
    while size:
        fact = queue[at]
        at = (at + 1) % facts
        size -= 1
        waits[fact] = False
        for step in net.uses[net.uses_ptr[fact] : net.uses_ptr[fact + 1]]:
            head = heads[step]
            if not works[step]:
                continue
            if _spread(bits, own, first[step], second[step], head) and not waits[head]:
                waits[head] = True
                queue[(at + size) % facts] = head
                size += 1
    return bits


@kernel
def _spread(bits: U64, own: I32, one: int, other: int, head: int) -> bool:
    """Win the head where its body is won, but not where it is gone."""
    new = False
    for word in range(bits.shape[1]):
        row = bits[one, word]
        if other != NONE:
            row &= bits[other, word]
        if own[head] >> 6 == word:
            row &= ~(np.uint64(1) << np.uint64(own[head] & 63))
        if row & ~bits[head, word]:
            bits[head, word] |= row
            new = True
    return new


@kernel
def _walked(net: Net, works: Flags) -> tuple[Walk, int]:
    facts = len(net.uses_ptr) - 1
    walk = Walk(
        np.full(facts, NONE, np.int32),
        np.zeros(facts, np.int32),
        np.zeros(facts, np.int32),
        np.arange(facts).astype(np.int32),
        np.arange(facts).astype(np.int32),
        np.full(facts, NONE, np.int32),
    )
    number, uses_ptr, uses, heads = walk.number, net.uses_ptr, net.uses, net.head
    at = uses_ptr[:-1].copy()
    stack = np.empty(facts, np.int32)
    stack[0] = SOURCE
    number[SOURCE] = 0
    walk.fact[0] = SOURCE
    height = 1
    count = 1
    while height:
        fact = stack[height - 1]
        if at[fact] == uses_ptr[fact + 1]:
            height -= 1
            continue
        step = uses[at[fact]]
        at[fact] += 1
        head = heads[step]
        if works[step] and number[head] == NONE:
            number[head] = count
            walk.fact[count] = head
            walk.parent[count] = number[fact]
            count += 1
            stack[height] = head
            height += 1
    return walk, count


@kernel
def _best(above: I32, half: I32, best: I32, trail: I32, number: int) -> int:
    """Return the fact with the lowest half-dominator above, and shorten the way up."""
    if above[number] == NONE:
        return number
    height = 0
    at = number
    while above[above[at]] != NONE:
        trail[height] = at
        height += 1
        at = int(above[at])
    for place in range(height - 1, -1, -1):
        at = int(trail[place])
        up = above[at]
        if half[best[up]] < half[best[at]]:
            best[at] = best[up]
        above[at] = above[up]
    return int(best[number])
