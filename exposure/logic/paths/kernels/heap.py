"""A heap of facts that can be moved up: every fact is in it at most once.

The least key comes first; of equal keys the smaller fact. `facts` is the heap itself,
four children a node, and `place` says where in it a fact is (-1: nowhere). The caller
counts how many it holds.
"""

from exposure.logic.paths.graph import I32, I64
from exposure.logic.paths.kernels.compiled import kernel


@kernel
def lift(facts: I32, place: I64, key: I64, size: int, fact: int) -> int:
    """Put a fact in, or move it up once its key is smaller. Return the new size."""
    at = place[fact]
    if at < 0:
        at = size
        size += 1
    mine = key[fact]
    while at > 0:
        parent = (at - 1) >> 2
        other = facts[parent]
        if key[other] < mine or (key[other] == mine and other < fact):
            break
        facts[at] = other
        place[other] = at
        at = parent
    facts[at] = fact
    place[fact] = at
    return size


@kernel
def drop_first(facts: I32, place: I64, key: I64, size: int) -> int:
    """Take out the first fact, `facts[0]`. Return the new size."""
    place[facts[0]] = -1
    size -= 1
    if size == 0:
        return size
    moved = facts[size]
    mine = key[moved]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best = child
        for each in range(child + 1, min(child + 4, size)):
            one, other = facts[each], facts[best]
            if key[one] < key[other] or (key[one] == key[other] and one < other):
                best = each
        other = facts[best]
        if mine < key[other] or (mine == key[other] and moved < other):
            break
        facts[at] = other
        place[other] = at
        at = best
    facts[at] = moved
    place[moved] = at
    return size
