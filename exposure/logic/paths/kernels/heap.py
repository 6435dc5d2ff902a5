"""A heap of facts that can be moved up: every fact is in it at most once.

The least key comes first; of equal keys the smaller fact. `facts` and `keys` are the
heap itself, four children a node, and `place` says where in it a fact is (-1: nowhere).
The caller counts how many it holds.
"""

from exposure.logic.paths.graph import I32, I64
from exposure.logic.paths.kernels.compiled import kernel


@kernel
def lift(facts: I32, keys: I64, place: I64, size: int, fact: int, key: int) -> int:
    """Put a fact in, or move it up to a smaller key. Return the new size."""
    at = place[fact]
    if at < 0:
        at = size
        size += 1
    while at > 0:
        parent = (at - 1) >> 2
        other = facts[parent]
        if keys[parent] < key or (keys[parent] == key and other < fact):
            break
        facts[at] = other
        keys[at] = keys[parent]
        place[other] = at
        at = parent
    facts[at] = fact
    keys[at] = key
    place[fact] = at
    return size


@kernel
def drop_first(facts: I32, keys: I64, place: I64, size: int) -> int:
    """Take out the first fact, `facts[0]`. Return the new size."""
    place[facts[0]] = -1
    size -= 1
    if size == 0:
        return size
    fact, key = facts[size], keys[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best = child
        for each in range(child + 1, min(child + 4, size)):
            if keys[each] < keys[best] or (
                keys[each] == keys[best] and facts[each] < facts[best]
            ):
                best = each
        if key < keys[best] or (key == keys[best] and fact < facts[best]):
            break
        facts[at] = facts[best]
        keys[at] = keys[best]
        place[facts[at]] = at
        at = best
    facts[at] = fact
    keys[at] = key
    place[fact] = at
    return size
