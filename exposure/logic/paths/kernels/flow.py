"""A flow through pipes, filled up layer by layer."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import I32, I64, NONE
from exposure.logic.paths.kernels.compiled import kernel

ENDLESS = 1 << 60
"""The room of an arc that cannot be cut."""

OUTER, INNER = 0, 1
"""The side of the source, and that of the target."""


class Pipes(NamedTuple):
    """Arcs from `tail` to `head` with `room` for a flow, and the arcs of each node."""

    tail: I32
    head: I32
    room: I64
    out_ptr: I64
    out: I32
    into_ptr: I64
    into: I32


class Tide(NamedTuple):
    """What the flows of one graph are worked out on; made once, clean after each.

    Row 0 belongs to the search from the source, row 1 to that from the target: the
    nodes `seen` in search number `clock[0]`, the arc by which each was entered (2 x arc
    along it, 2 x arc + 1 against it), and the `size` nodes in the order they were seen.
    While a flow is filled layer by layer, `by` of row 1 is the distance to the target,
    row 0 holds the way so far, and `turn` says which arc of a node is next.
    """

    flow: I64
    seen: I64
    by: I32
    queue: I32
    size: I64
    turn: I64
    clock: I64


@kernel
def arcs_of(pipes: Pipes, node: int) -> int:
    """Return how many arcs a node has."""
    return int(
        pipes.out_ptr[node + 1]
        - pipes.out_ptr[node]
        + pipes.into_ptr[node + 1]
        - pipes.into_ptr[node]
    )


@kernel
def layered(pipes: Pipes, tide: Tide, source: int, target: int) -> int:
    """Note how far each node is from the target, as far out as the source is."""
    tail, head, room, flow = pipes.tail, pipes.head, pipes.room, tide.flow
    seen, far, queue = tide.seen[INNER], tide.by[INNER], tide.queue[INNER]
    tide.clock[0] += 1
    now = tide.clock[0]
    seen[target] = now
    far[target] = 0
    queue[0] = target
    at, size, cost = 0, 1, 0
    while at < size and (seen[source] != now or far[queue[at]] < far[source]):
        node = queue[at]
        at += 1
        cost += arcs_of(pipes, node)
        for place in range(pipes.into_ptr[node], pipes.into_ptr[node + 1]):
            arc = pipes.into[place]
            if room[arc] > flow[arc] and seen[tail[arc]] != now:
                seen[tail[arc]] = now
                far[tail[arc]] = far[node] + 1
                queue[size] = tail[arc]
                size += 1
        for place in range(pipes.out_ptr[node], pipes.out_ptr[node + 1]):
            arc = pipes.out[place]
            if flow[arc] > 0 and seen[head[arc]] != now:
                seen[head[arc]] = now
                far[head[arc]] = far[node] + 1
                queue[size] = head[arc]
                size += 1
    tide.size[INNER] = size
    for node in range(len(seen)):
        tide.turn[node] = 0
    return cost + len(seen)


@kernel
def filled(
    pipes: Pipes, tide: Tide, source: int, target: int, used: list[np.int64]
) -> tuple[int, int]:
    """Send what fits along shortest ways; return how much, and the arcs looked at."""
    way = tide.by[OUTER]
    total, cost, height = 0, 0, 0
    node = source
    while total < ENDLESS // 2:
        if node == target:
            cost += height
            amount, height = _sent(pipes, tide, height, used)
            total += amount
            node = source if height == 0 else _end(pipes, way[height - 1])
            continue
        before = tide.turn[node]
        code = _onward(pipes, tide, node)
        cost += tide.turn[node] - before + 1
        if code != NONE:
            way[height] = code
            height += 1
            node = _end(pipes, code)
        elif height == 0:
            break
        else:
            height -= 1
            node = _end(pipes, way[height] ^ 1)
            tide.turn[node] += 1
    return total, cost


@kernel
def _sent(
    pipes: Pipes, tide: Tide, height: int, used: list[np.int64]
) -> tuple[int, int]:
    """Fill the way so far; return how much fits, and the arcs before the first full."""
    way, flow, room = tide.by[OUTER], tide.flow, pipes.room
    amount = ENDLESS
    for place in range(height):
        arc = way[place] >> 1
        spare = flow[arc] if way[place] & 1 else room[arc] - flow[arc]
        amount = min(amount, spare)
    for place in range(height - 1, -1, -1):
        arc = way[place] >> 1
        flow[arc] += -amount if way[place] & 1 else amount
        used.append(np.int64(arc))
        if (flow[arc] if way[place] & 1 else room[arc] - flow[arc]) == 0:
            height = place
    return amount, height


@kernel
def _end(pipes: Pipes, code: int) -> int:
    arc = code >> 1
    return int(pipes.tail[arc] if code & 1 else pipes.head[arc])


@kernel
def _onward(pipes: Pipes, tide: Tide, node: int) -> int:
    """Return the next arc of a node that leads one layer on (2 x arc, + 1 against it)."""
    seen, far, now = tide.seen[INNER], tide.by[INNER], tide.clock[0]
    outs = pipes.out_ptr[node + 1] - pipes.out_ptr[node]
    all_ = outs + pipes.into_ptr[node + 1] - pipes.into_ptr[node]
    while tide.turn[node] < all_:
        turn = tide.turn[node]
        if turn < outs:
            arc = pipes.out[pipes.out_ptr[node] + turn]
            other = pipes.head[arc]
            spare = pipes.room[arc] - tide.flow[arc]
        else:
            arc = pipes.into[pipes.into_ptr[node] + turn - outs]
            other = pipes.tail[arc]
            spare = tide.flow[arc]
        if spare > 0 and seen[other] == now and far[other] == far[node] - 1:
            return int(2 * arc if turn < outs else 2 * arc + 1)
        tide.turn[node] += 1
    return NONE
