"""Cheapest ways from the source to every fact, over facts that are enough or all needed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import I32, I64, NONE, SOURCE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.heap import Heap, drop_first, lift

Flags = NDArray[np.bool_]

MOST = 1 << 61
"""Prices stop growing here, so that no sum of two overflows."""
FAR = 1 << 62
"""The cost of what cannot be derived."""
STEP_BITS = 18
"""A price is -ln p above these bits and counts steps in them."""


class Net(NamedTuple):
    """A graph as the searches read it: see `Graph` for the columns.

    `price` is a whole number for each step (see `STEP_BITS`), so sums have no rounding
    and equal ways have equal costs on every machine.
    """

    first: I32
    second: I32
    head: I32
    cause: I32
    price: I64
    uses_ptr: I64
    uses: I32
    wins_ptr: I64
    wins: I32


class Tree(NamedTuple):
    """The cheapest way to each fact.

    `cost` is its price (`FAR`: there is none). `via` is the last step of it, written
    2 x step + 1 when it came from the second fact of the body and 2 x step otherwise
    (-1: the source, or no way). `order` lists the `size` facts that have one, each
    after those that its way needs.
    """

    cost: I64
    via: I32
    order: I32
    size: I64


class Growth(NamedTuple):
    """A tree that is being grown, and by which rule."""

    net: Net
    works: Flags
    tree: Tree
    heap: Heap
    settled: Flags
    together: bool


@kernel
def cheapest(net: Net, works: Flags, *, together: bool) -> Tree:
    """Return the cheapest way to every fact with the steps that work.

    Not `together`: one fact of a body is enough (Dijkstra 1959). `together`: the cost
    of a step is its price and that of all its body (Knuth 1977; a fact used twice is
    paid twice), and following `via` never runs in a circle. O(steps log facts).
    """
    growth = _begun(net, works, together=together)
    growth.tree.cost[SOURCE] = 0
    _grow(growth, lift(growth.heap, 0, SOURCE))
    return growth.tree


@kernel
def cheapest_without(net: Net, works: Flags, whole: Tree, *, together: bool) -> Tree:
    """Return what `cheapest` returns when fewer steps work than for `whole`.

    Ways that are still open cost what they cost: only facts whose cheapest way is
    closed are searched again, from their edge.
    """
    growth = _begun(net, works, together=together)
    tree, settled = growth.tree, growth.settled
    tree.cost[:] = whole.cost
    tree.via[:] = whole.via
    count = 0
    for place in range(whole.size[0]):
        fact = whole.order[place]
        if fact == SOURCE or _is_open(growth, whole.via[fact]):
            settled[fact] = True
            tree.order[count] = fact
            count += 1
        else:
            tree.cost[fact] = FAR
            tree.via[fact] = NONE
    tree.size[0] = count
    size = 0
    for place in range(whole.size[0]):
        fact = whole.order[place]
        if settled[fact]:
            continue
        for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
            if works[net.wins[at]]:
                size = _try(growth, size, net.wins[at], 0)
                size = _try(growth, size, net.wins[at], 1)
    _grow(growth, size)
    return tree


@kernel
def _begun(net: Net, works: Flags, *, together: bool) -> Growth:
    facts = len(net.uses_ptr) - 1
    tree = Tree(
        np.full(facts, FAR, np.int64),
        np.full(facts, NONE, np.int32),
        np.empty(facts, np.int32),
        np.zeros(1, np.int64),
    )
    heap = Heap(np.empty(facts, np.int32), np.full(facts, -1, np.int64), tree.cost)
    settled = np.zeros(facts, np.bool_)
    return Growth(net, works, tree, heap, settled, together)


@kernel
def _is_open(growth: Growth, via: int) -> bool:
    net, settled = growth.net, growth.settled
    step = via >> 1
    if not growth.works[step]:
        return False
    if growth.together:
        other = net.second[step]
        return bool(settled[net.first[step]] and (other == NONE or settled[other]))
    return bool(settled[net.second[step] if via & 1 else net.first[step]])


@kernel
def _grow(growth: Growth, size: int) -> None:
    net, tree, heap = growth.net, growth.tree, growth.heap
    count = tree.size[0]
    while size:
        fact = heap.facts[0]
        size = drop_first(heap, size)
        growth.settled[fact] = True
        tree.order[count] = fact
        count += 1
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            if growth.works[step]:
                side = 1 if net.second[step] == fact else 0
                size = _try(growth, size, step, side)
    tree.size[0] = count


@kernel
def _try(growth: Growth, size: int, step: int, side: int) -> int:
    """Take a step if what it starts from is settled and its head gets cheaper.

    It starts from the fact on this side of its body, or from both.
    """
    net, tree, settled = growth.net, growth.tree, growth.settled
    head = net.head[step]
    fact = net.second[step] if side else net.first[step]
    if fact == NONE or not settled[fact] or settled[head]:
        return size
    total = net.price[step] + tree.cost[fact]
    if growth.together and net.second[step] != NONE:
        other = net.first[step] if side else net.second[step]
        if not settled[other]:
            return size
        total += tree.cost[other]
    total = min(total, MOST)
    via = 2 * step + (0 if growth.together else side)
    if total < tree.cost[head]:
        tree.cost[head] = total
        tree.via[head] = via
        return lift(growth.heap, size, head)
    if total == tree.cost[head] and via < tree.via[head]:
        tree.via[head] = via
    return size
