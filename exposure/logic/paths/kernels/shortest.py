"""Cheapest ways from the source to every fact, over facts that are enough or all needed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import I32, I64, NONE, SOURCE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.heap import drop_first, lift

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


class Arcs(NamedTuple):
    """From each fact back to what wins it, side by side in memory.

    Of fact f those from `ptr[f]` to `ptr[f + 1]`: the fact `before`, the step as `code`
    (2 x step + 1 from the second fact of its body, 2 x step from the first) and its
    `price`.
    """

    ptr: I64
    before: I32
    code: I32
    price: I64


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


@kernel
def cheapest(net: Net, works: Flags, *, together: bool) -> Tree:
    """Return the cheapest way to every fact with the steps that work.

    Not `together`: one fact of a body is enough (Dijkstra 1959). `together`: the cost
    of a step is its price and that of all its body (Knuth 1977; a fact used twice is
    paid twice), and following `via` never runs in a circle. O(steps log facts).
    """
    tree, settled = _nothing(len(net.uses_ptr) - 1)
    tree.cost[SOURCE] = 0
    tree.order[0] = SOURCE
    tree.size[0] = 1
    settled[SOURCE] = True
    _grow(net, works, tree, settled, np.full(1, SOURCE, np.int32), 1 if together else 0)
    return tree


@kernel
def cheapest_without(net: Net, works: Flags, whole: Tree, *, together: bool) -> Tree:
    """Return what `cheapest` returns when fewer steps work than for `whole`.

    Ways that are still open cost what they cost: only facts whose cheapest way is
    closed are searched again, from their edge.
    """
    first, second, wins_ptr, wins = net.first, net.second, net.wins_ptr, net.wins
    tree, settled = _nothing(len(net.uses_ptr) - 1)
    cost, vias = tree.cost, tree.via
    both = 1 if together else 0
    count = 0
    for fact in whole.order[: whole.size[0]]:
        via = whole.via[fact]
        if fact == SOURCE or _is_open(first, second, works, settled, 2 * via + both):
            settled[fact] = True
            cost[fact] = whole.cost[fact]
            vias[fact] = via
            tree.order[count] = fact
            count += 1
    tree.size[0] = count
    edge = np.zeros(len(settled), np.bool_)
    for fact in whole.order[: whole.size[0]]:
        if not settled[fact]:
            for step in wins[wins_ptr[fact] : wins_ptr[fact + 1]]:
                if works[step]:
                    edge[first[step]] = True
                    if second[step] != NONE:
                        edge[second[step]] = True
    start = np.flatnonzero(edge & settled).astype(np.int32)
    _grow(net, works, tree, settled, start, both)
    return tree


@kernel
def _nothing(facts: int) -> tuple[Tree, Flags]:
    tree = Tree(
        np.full(facts, FAR, np.int64),
        np.full(facts, NONE, np.int32),
        np.empty(facts, np.int32),
        np.zeros(1, np.int64),
    )
    return tree, np.zeros(facts, np.bool_)


@kernel
def _is_open(first: I32, second: I32, works: Flags, settled: Flags, way: int) -> bool:
    """Whether a way (2 x via, + 1 when the whole body is needed) is still there."""
    step = way >> 2
    one, other = first[step], second[step]
    if not works[step]:
        return False
    if not way & 1:
        return bool(settled[other if way & 2 else one])
    return bool(settled[one] and (other == NONE or settled[other]))


@kernel
def _grow(  # noqa: C901, PLR0915 - one loop; calls inside it would cost more than it
    net: Net, works: Flags, tree: Tree, settled: Flags, start: I32, both: int
) -> None:
    """Go on from the settled facts in `start`; `both`: the whole body is needed."""
    # Reading a tuple inside the loop would count references, which costs more than
    # the step itself.
    first, second, heads, price = net.first, net.second, net.head, net.price
    uses_ptr, uses = net.uses_ptr, net.uses
    cost, vias, order = tree.cost, tree.via, tree.order
    facts = np.empty(len(cost), np.int32)
    keys = np.empty(len(cost), np.int64)
    place = np.full(len(cost), -1, np.int64)
    count, size, begun = tree.size[0], 0, 0
    while begun < len(start) or size:
        if begun < len(start):
            fact = start[begun]
            begun += 1
        else:
            fact = facts[0]
            size = drop_first(facts, keys, place, size)
            settled[fact] = True
            order[count] = fact
            count += 1
        for step in uses[uses_ptr[fact] : uses_ptr[fact + 1]]:
            head = heads[step]
            if settled[head] or not works[step]:
                continue
            total = cost[fact] + price[step]
            via = 2 * step
            if both and second[step] != NONE:
                other = first[step] if second[step] == fact else second[step]
                if not settled[other]:
                    continue
                total += cost[other]
            elif second[step] == fact:
                via += 1
            total = min(total, MOST)
            if total < cost[head]:
                cost[head] = total
                vias[head] = via
                size = lift(facts, keys, place, size, head, total)
            elif total == cost[head] and via < vias[head]:
                vias[head] = via
    tree.size[0] = count
