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
    walk, count = _walked(net, works)
    last = np.full(count, NONE, np.int32)  # a list of facts for each half-dominator
    next_ = np.full(count, NONE, np.int32)
    chief = np.zeros(count, np.int32)
    trail = np.empty(count, np.int32)
    for here in range(count - 1, 0, -1):
        fact = walk.fact[here]
        for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
            step = net.wins[at]
            if not works[step]:
                continue
            _lower(walk, trail, here, net.first[step])
            if net.second[step] != NONE:
                _lower(walk, trail, here, net.second[step])
        half = walk.half[here]
        next_[here] = last[half]
        last[half] = here
        parent = walk.parent[here]
        walk.above[here] = parent
        each = last[parent]
        while each != NONE:
            low = _best(walk, trail, each)
            chief[each] = low if walk.half[low] < walk.half[each] else parent
            each = next_[each]
        last[parent] = NONE
    above = np.full(facts, NONE, np.int32)
    above[SOURCE] = SOURCE
    for here in range(1, count):
        if chief[here] != walk.half[here]:
            chief[here] = chief[chief[here]]
        above[walk.fact[here]] = walk.fact[chief[here]]
    return above


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
    queue = np.empty(facts, np.int32)
    waits = np.zeros(facts, np.bool_)
    queue[0] = SOURCE
    first, size = 0, 1
    while size:
        fact = queue[first]
        first = (first + 1) % facts
        size -= 1
        waits[fact] = False
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            head = net.head[step]
            if works[step] and _spread(net, bits, own, step) and not waits[head]:
                waits[head] = True
                queue[(first + size) % facts] = head
                size += 1
    return bits


@kernel
def _spread(net: Net, bits: U64, own: I32, step: int) -> bool:
    one, other, head = net.first[step], net.second[step], net.head[step]
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
    at = net.uses_ptr[:-1].copy()
    stack = np.empty(facts, np.int32)
    stack[0] = SOURCE
    walk.number[SOURCE] = 0
    walk.fact[0] = SOURCE
    height = 1
    count = 1
    while height:
        fact = stack[height - 1]
        if at[fact] == net.uses_ptr[fact + 1]:
            height -= 1
            continue
        step = net.uses[at[fact]]
        at[fact] += 1
        head = net.head[step]
        if works[step] and walk.number[head] == NONE:
            walk.number[head] = count
            walk.fact[count] = head
            walk.parent[count] = walk.number[fact]
            count += 1
            stack[height] = head
            height += 1
    return walk, count


@kernel
def _lower(walk: Walk, trail: I32, here: int, fact: int) -> None:
    number = walk.number[fact]
    if number != NONE:
        low = walk.half[_best(walk, trail, number)]
        if low < walk.half[here]:
            walk.half[here] = low


@kernel
def _best(walk: Walk, trail: I32, number: int) -> int:
    """Return the fact with the lowest half-dominator above, and shorten the way up."""
    if walk.above[number] == NONE:
        return number
    height = 0
    at = number
    while walk.above[walk.above[at]] != NONE:
        trail[height] = at
        height += 1
        at = walk.above[at]
    for place in range(height - 1, -1, -1):
        at = trail[place]
        up = walk.above[at]
        if walk.half[walk.best[up]] < walk.half[walk.best[at]]:
            walk.best[at] = walk.best[up]
        walk.above[at] = walk.above[up]
    return int(walk.best[number])
