"""Minimum cuts between the source and a fact, searched from both ends."""

import numpy as np

from exposure.logic.paths.graph import I32, NONE
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.flow import (
    ENDLESS,
    INNER,
    OUTER,
    Pipes,
    Tide,
    arcs_of,
    filled,
    layered,
)

GIVEN_UP = 2
"""Neither the side of the source nor that of the target was found."""


@kernel
def minimum_cut(
    pipes: Pipes, tide: Tide, source: int, target: int, effort: int
) -> tuple[int, I32, int]:
    """Return the maximum flow, the arcs of a minimum cut, and the side that shows it.

    First augmenting paths (Ford and Fulkerson 1956), each met by two breadth-first
    searches that take turns by how many arcs they looked at: when the narrow place is
    near one end, the rest of the graph is not looked at. Once they looked at as many
    arcs as there are, the flow is filled up layer by layer (Dinic 1970). No cut: the
    flow is `ENDLESS`. After `effort` arcs without an end the side is `GIVEN_UP` and the
    arcs are those that leave what the source reaches by arcs that cannot be cut: a cut,
    not a minimum.
    """
    used = [np.int64(0)]  # arcs that carry a flow, to empty them afterwards
    value, side, spent = 0, GIVEN_UP, 0
    while spent < effort and value < ENDLESS:
        amount, side, cost = _raised(pipes, tide, source, target, used, spent)
        spent += cost
        if amount == 0:
            break
        side = GIVEN_UP
        value = min(value + amount, ENDLESS)
    arcs = np.empty(0, np.int32)
    if value < ENDLESS and side == GIVEN_UP:
        _see_shell(pipes, tide, source)
        if tide.seen[OUTER, target] == tide.clock[0]:
            value = ENDLESS
        else:
            arcs = _crossing(pipes, tide, OUTER)
    elif value < ENDLESS:
        arcs = _crossing(pipes, tide, side)
    for arc in used:
        tide.flow[arc] = 0
    return value, arcs, side


@kernel
def _raised(
    pipes: Pipes, tide: Tide, source: int, target: int, used: list[np.int64], spent: int
) -> tuple[int, int, int]:
    """Send more; return how much (0: no more fits, at this side) and what it cost."""
    if spent < len(pipes.tail):
        meeting, side, cost = _meet(pipes, tide, source, target)
        return 0 if meeting == NONE else _push(pipes, tide, meeting, used), side, cost
    cost = layered(pipes, tide, source, target)
    if tide.seen[INNER, source] != tide.clock[0]:
        return 0, INNER, cost
    amount, more = filled(pipes, tide, source, target, used)
    return amount, GIVEN_UP, cost + more


@kernel
def _meet(pipes: Pipes, tide: Tide, source: int, target: int) -> tuple[int, int, int]:
    """Return a node that both searches saw, or -1 and the side that came to its end."""
    tide.clock[0] += 1
    now = tide.clock[0]
    at = np.zeros(2, np.int64)
    cost = np.zeros(2, np.int64)
    for row in range(2):
        start = target if row else source
        tide.seen[row, start] = now
        tide.queue[row, 0] = start
        tide.size[row] = 1
    if source == target:
        return source, GIVEN_UP, 0
    while True:
        for row in range(2):
            if at[row] == tide.size[row]:
                return NONE, row, cost[0] + cost[1]
        ahead = cost[0] + arcs_of(pipes, tide.queue[0, at[0]])
        behind = cost[1] + arcs_of(pipes, tide.queue[1, at[1]])
        row = 0 if ahead < behind else 1
        node = tide.queue[row, at[row]]
        at[row] += 1
        cost[row] += arcs_of(pipes, node)
        meeting = _opened(pipes, tide, row, node)
        if meeting != NONE:
            return meeting, GIVEN_UP, cost[0] + cost[1]


@kernel
def _opened(pipes: Pipes, tide: Tide, row: int, node: int) -> int:
    """See the neighbours of a node; return one that the other search saw, or -1."""
    for at in range(pipes.out_ptr[node], pipes.out_ptr[node + 1]):
        arc = pipes.out[at]
        # From the source along the arc, from the target against its flow.
        spare = pipes.room[arc] - tide.flow[arc]
        fits = tide.flow[arc] > 0 if row else spare > 0
        if fits and _see(tide, row, pipes.head[arc], 2 * arc + row):
            return int(pipes.head[arc])
    for at in range(pipes.into_ptr[node], pipes.into_ptr[node + 1]):
        arc = pipes.into[at]
        spare = pipes.room[arc] - tide.flow[arc]
        fits = spare > 0 if row else tide.flow[arc] > 0
        if fits and _see(tide, row, pipes.tail[arc], 2 * arc + 1 - row):
            return int(pipes.tail[arc])
    return NONE


@kernel
def _see(tide: Tide, row: int, node: int, by: int) -> bool:
    """Note a node that was not seen yet. Return whether the other search saw it."""
    now = tide.clock[0]
    if tide.seen[row, node] == now:
        return False
    tide.seen[row, node] = now
    tide.by[row, node] = by
    tide.queue[row, tide.size[row]] = node
    tide.size[row] += 1
    return bool(tide.seen[1 - row, node] == now)


@kernel
def _push(pipes: Pipes, tide: Tide, meeting: int, used: list[np.int64]) -> int:
    """Send as much as fits along the path through `meeting` and return how much."""
    amount = ENDLESS
    for turn in range(2):
        for row in range(2):
            start = tide.queue[row, 0]
            node = np.int64(meeting)
            while node != start:
                by = tide.by[row, node]
                arc = by >> 1
                against = by & 1
                if turn == 0 and against:
                    amount = min(amount, tide.flow[arc])
                elif turn == 0:
                    amount = min(amount, pipes.room[arc] - tide.flow[arc])
                elif against:
                    tide.flow[arc] -= amount
                else:
                    tide.flow[arc] += amount
                    used.append(np.int64(arc))
                # Along an arc the source search came from its tail.
                node = np.int64(pipes.tail[arc] if row == against else pipes.head[arc])
        if amount >= ENDLESS // 2:
            break
    return amount


@kernel
def _crossing(pipes: Pipes, tide: Tide, side: int) -> I32:
    """Return the arcs that leave the nodes seen from the source, or enter the others."""
    now = tide.clock[0]
    found = np.empty(len(pipes.tail), np.int32)
    count = 0
    ends = pipes.into_ptr if side == INNER else pipes.out_ptr
    arcs = pipes.into if side == INNER else pipes.out
    far = pipes.tail if side == INNER else pipes.head
    for place in range(tide.size[side]):
        node = tide.queue[side, place]
        for at in range(ends[node], ends[node + 1]):
            if tide.seen[side, far[arcs[at]]] != now:
                found[count] = arcs[at]
                count += 1
    return found[:count].copy()


@kernel
def _see_shell(pipes: Pipes, tide: Tide, source: int) -> None:
    """See all that is reached by arcs that cannot be cut."""
    tide.clock[0] += 1
    tide.size[OUTER] = 1
    tide.seen[OUTER, source] = tide.clock[0]
    tide.queue[OUTER, 0] = source
    place = 0
    while place < tide.size[OUTER]:
        node = tide.queue[OUTER, place]
        place += 1
        for at in range(pipes.out_ptr[node], pipes.out_ptr[node + 1]):
            arc = pipes.out[at]
            if pipes.room[arc] == ENDLESS:
                _see(tide, OUTER, pipes.head[arc], 2 * arc)
