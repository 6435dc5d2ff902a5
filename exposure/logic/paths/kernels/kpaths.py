"""The k cheapest loopless chains from the source to a fact, within bounded work."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import I32, I64, NONE, SOURCE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.heap import drop_first, lift
from exposure.logic.paths.kernels.shortest import FAR, MOST, Arcs, Flags, Net


class Ground(NamedTuple):
    """Where chains are searched: which steps work, and how far each fact is.

    `near` is the cost of the cheapest chain to every fact with these steps.
    """

    net: Net
    arcs: Arcs
    works: Flags
    near: I64


class Search(NamedTuple):
    """What the searches of one graph write on; made once, clean after each search.

    `cost` and `via` hold where `seen` is the number of the running search; a fact is
    `barred` while it is the number of the chain being varied. `steps` holds the chains
    of one target. `clock` counts searches, chains and, for one target, the steps
    looked at.
    """

    heap: I32
    keys: I64
    place: I64
    cost: I64
    via: I32
    seen: I64
    barred: I64
    steps: I32
    clock: I64


SEARCHES, CHAINS, WORK = 0, 1, 2


class Chains(NamedTuple):
    """Chain c is `steps[start[c]:start[c] + length[c]]`, from the target backwards.

    A step is written 2 x step + 1 when the chain goes on to the second fact of its
    body, 2 x step when to the first. `cost` is the sum of the prices; the `size` chains
    are in its order. All this lasts until the next search.
    """

    steps: I32
    start: I64
    length: I64
    cost: I64
    size: I64


class Open(NamedTuple):
    """Candidates that wait: chains, where each may differ from the one it came from,
    and its number. `same`: which found chains begin like the one being varied.
    """

    start: I64
    length: I64
    cost: I64
    turn: I64
    born: I64
    same: Flags
    size: I64


@kernel
def loopless(ground: Ground, search: Search, target: int, most: int) -> Chains:
    """Return up to `most` cheapest chains to `target` on which no fact comes twice.

    Yen 1971 with the partition of Lawler 1972. One fact of a body is enough; chains
    through other steps are other chains. Each spur is an A* (Hart, Nilsson and Raphael
    1968) backwards from the target with `near` as potential, which is exact but for
    what is barred, so it settles little beside the chain itself; it ends when it can
    not be among the best any more. The room of `search.steps` beyond one place a fact
    bounds the steps looked at: then no new chain is begun. What was found so far is
    in order, but dearer chains may be missing.
    """
    zero = np.zeros(most, np.int64)
    found = Chains(search.steps, zero, zero.copy(), zero.copy(), np.zeros(1, np.int64))
    waits = Open(
        zero.copy(),
        zero.copy(),
        zero.copy(),
        zero.copy(),
        zero.copy(),
        np.zeros(most, np.bool_),
        np.zeros(3, np.int64),
    )
    search.clock[WORK] = 0
    search.clock[CHAINS] += 1  # nothing is barred yet
    total = _spur(ground, search, target, 0, search.steps[:0], FAR)
    if total < FAR:
        _keep(ground.net, search, waits, search.steps[:0], target, total)
    effort = len(search.steps) - len(ground.near)
    while waits.size[WAITING] and found.size[0] < most:
        turn = _accept(found, waits)
        if found.size[0] < most and search.clock[WORK] <= effort:
            _vary(ground, search, found, waits, target, turn)
    return found


WAITING, BORN, USED = 0, 1, 2


@kernel
def _vary(
    ground: Ground, search: Search, found: Chains, waits: Open, target: int, turn: int
) -> None:
    """Keep the first steps of the last chain found and go another way from there."""
    net = ground.net
    last = found.size[0] - 1
    chain = found.steps[found.start[last] : found.start[last] + found.length[last]]
    effort = len(search.steps) - len(ground.near)
    bans = np.empty(last + 1, np.int32)
    for each in range(last + 1):
        waits.same[each] = True
    search.clock[CHAINS] += 1
    fact = target
    paid = 0
    for place in range(len(chain)):
        many = 0
        for each in range(last + 1):
            if waits.same[each] and found.length[each] > place:
                bans[many] = found.steps[found.start[each] + place]
                waits.same[each] = bans[many] == chain[place]
                many += 1
            else:
                waits.same[each] = False
        limit = _limit(found, waits)
        if place >= turn and paid + ground.near[fact] < limit:
            total = _spur(ground, search, fact, paid, bans[:many], limit)
            if total < limit:
                _make_room(found, waits)
                _keep(net, search, waits, chain[:place], fact, total)
        search.barred[fact] = search.clock[CHAINS]
        step = chain[place] >> 1
        paid = min(paid + int(net.price[step]), MOST)
        fact = int(net.second[step] if chain[place] & 1 else net.first[step])
        if search.clock[WORK] > effort:
            break


@kernel
def _accept(found: Chains, waits: Open) -> int:
    """Move the cheapest candidate to what is found; return where it may differ."""
    best = 0
    for each in range(1, waits.size[WAITING]):
        if waits.cost[each] < waits.cost[best] or (
            waits.cost[each] == waits.cost[best] and waits.born[each] < waits.born[best]
        ):
            best = each
    count = found.size[0]
    found.start[count] = waits.start[best]
    found.length[count] = waits.length[best]
    found.cost[count] = waits.cost[best]
    found.size[0] += 1
    turn = waits.turn[best]
    _forget(waits, best)
    return int(turn)


@kernel
def _limit(found: Chains, waits: Open) -> int:
    """Return the cost from which on a chain cannot be among the best any more."""
    if waits.size[WAITING] < len(found.cost) - found.size[0]:
        return FAR
    return int(waits.cost[_dearest(waits)])


@kernel
def _make_room(found: Chains, waits: Open) -> None:
    if waits.size[WAITING] >= len(found.cost) - found.size[0]:
        _forget(waits, _dearest(waits))


@kernel
def _dearest(waits: Open) -> int:
    worst = 0
    for each in range(1, waits.size[WAITING]):
        if waits.cost[each] > waits.cost[worst] or (
            waits.cost[each] == waits.cost[worst]
            and waits.born[each] > waits.born[worst]
        ):
            worst = each
    return worst


@kernel
def _forget(waits: Open, place: int) -> None:
    waits.size[WAITING] -= 1
    last = waits.size[WAITING]
    for column in (waits.start, waits.length, waits.cost, waits.turn, waits.born):
        column[place] = column[last]


@kernel
def _keep(
    net: Net, search: Search, waits: Open, kept: I32, fact: int, total: int
) -> None:
    """Write a candidate: the steps `kept`, and the way found from `fact` on."""
    length = len(kept)
    at = np.int64(SOURCE)
    while at != fact:
        at = np.int64(net.head[search.via[at] >> 1])
        length += 1
    start = waits.size[USED]
    end = start + length
    copy(kept, search.steps, start)
    # `via` leads from the source on, and a chain is written from its target.
    at = np.int64(SOURCE)
    while at != fact:
        end -= 1
        search.steps[end] = search.via[at]
        at = np.int64(net.head[search.via[at] >> 1])
    place = waits.size[WAITING]
    waits.start[place] = start
    waits.length[place] = length
    waits.cost[place] = total
    waits.turn[place] = len(kept)
    waits.born[place] = waits.size[BORN]
    waits.size[WAITING] += 1
    waits.size[BORN] += 1
    waits.size[USED] += length
    search.clock[WORK] += length


@kernel
def _spur(  # noqa: C901, PLR0915 - one loop; calls inside it would cost more than it
    ground: Ground, search: Search, start: int, paid: int, bans: I32, limit: int
) -> int:
    """Return the cost of the cheapest way on to the source, or `FAR` from `limit` on.

    It starts with none of the `bans` and enters no barred fact.
    """
    works, near = ground.works, ground.near
    ptr, before = ground.arcs.ptr, ground.arcs.before
    codes, price = ground.arcs.code, ground.arcs.price
    facts, keys, place = search.heap, search.keys, search.place
    costs, vias, seen, barred = search.cost, search.via, search.seen, search.barred
    search.clock[SEARCHES] += 1
    now, chain = search.clock[SEARCHES], search.clock[CHAINS]
    if near[start] >= FAR:
        return FAR
    costs[start] = paid
    seen[start] = now
    size = lift(facts, keys, place, 0, start, min(paid + near[start], MOST))
    total = FAR
    work = 0
    while size and keys[0] < limit:
        fact = facts[0]
        if fact == SOURCE:
            total = int(costs[fact])
            break
        size = drop_first(facts, keys, place, size)
        work += ptr[fact + 1] - ptr[fact]
        for at in range(ptr[fact], ptr[fact + 1]):
            other = before[at]
            if barred[other] == chain or near[other] >= FAR:
                continue
            cost = min(costs[fact] + price[at], MOST)
            whole = min(cost + near[other], MOST)
            if whole >= limit or (seen[other] == now and costs[other] <= cost):
                continue
            code = codes[at]
            if not works[code >> 1] or (fact == start and _is_in(bans, code)):
                continue
            seen[other] = now
            costs[other] = cost
            vias[other] = code
            size = lift(facts, keys, place, size, other, whole)
    for at in range(size):
        place[facts[at]] = NONE
    search.clock[WORK] += work
    return total


@kernel
def copy(items: I32, to: I32, start: int) -> None:
    """Write the items from place `start` on. Slices take a second to compile."""
    for at in range(len(items)):
        to[start + at] = items[at]


@kernel
def _is_in(codes: I32, code: int) -> bool:
    found = False
    for at in range(len(codes)):
        found = found or codes[at] == code
    return found
