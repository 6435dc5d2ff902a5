"""Where somebody who stands here goes on to, in the worlds of a forest of witnesses."""

from typing import NamedTuple

import numpy as np

from exposure.logic.paths.graph import F64, I32, I64, U64
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.gains import (
    Book,
    Desk,
    Flags,
    Forest,
    Net,
    enqueue,
    push,
    tidy,
    touch,
)
from exposure.logic.paths.kernels.rows import (
    add,
    clear,
    copy,
    count,
    follow,
    keep,
    lose,
    meets,
)


class Starts(NamedTuple):
    """Where causes begin: groups of steps that need the same facts.

    The groups of cause i are those from `ptr[i]` to `ptr[i + 1]`. Group g is the steps
    `step[step_ptr[g]:step_ptr[g + 1]]`; who uses one may not enter the facts
    `wall[wall_ptr[g]:wall_ptr[g + 1]]` on the way.
    """

    ptr: I64
    step_ptr: I64
    step: I32
    wall_ptr: I64
    wall: I32


class Goals(NamedTuple):
    """Facts that somebody wants to get to: goal g is the fact `fact[g]`.

    `number[fact]` is its goal (-1: none). `won[g]` are the worlds in which it is
    reached; of those rows the first `size[0]` goals of `hit` are set, or all of them
    are empty. `near` are the facts from which a goal can be reached at all, `closed`
    those that may not be entered now: none between two calls.
    """

    fact: I32
    number: I32
    won: U64
    hit: I32
    size: I64
    near: Flags
    closed: Flags


@kernel
def lead_back(
    first: I32, second: I32, wins_ptr: I64, wins: I32, found: Flags, queue: I32
) -> None:
    """Set `found` also for the facts that are needed, near or far, to win one found.

    `second` may be negative: none. `queue` is room for every fact.
    """
    length = 0
    for fact in range(len(found)):
        if found[fact]:
            queue[length] = fact
            length += 1
    place = 0
    while place < length:
        fact = queue[place]
        place += 1
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            for needed in (first[wins[at]], second[wins[at]]):
                if needed >= 0 and not found[needed]:
                    found[needed] = True
                    queue[length] = needed
                    length += 1


@kernel
def through_each(  # noqa: PLR0913 - where, and what is counted
    net: Net,
    forest: Forest,
    desk: Desk,
    starts: Starts,
    goals: Goals,
    points: F64,
    reached: U64,
) -> None:
    """Add to `points[cause]` the points x worlds of all goals that a cause leads to.

    Those goals are set in `reached[cause]`: bit g % 64 of word g // 64.
    """
    won, hit, facts, weight = goals.won, goals.hit, goals.fact, net.weight
    for cause in range(len(starts.ptr) - 1):
        through(net, forest, desk, starts, goals, cause)
        for place in range(goals.size[0]):
            goal = int(hit[place])
            points[cause] += weight[facts[goal]] * count(won, goal)
            reached[cause, goal >> 6] |= np.uint64(1) << np.uint64(goal & 63)


@kernel
def through(
    net: Net, forest: Forest, desk: Desk, starts: Starts, goals: Goals, cause: int
) -> None:
    """Set `goals.won` where somebody who uses a step of the cause gets to a goal.

    Each further step uses something won on the way; what else it needs may be held
    from anywhere. No wall is entered.
    """
    for place in range(goals.size[0]):
        clear(goals.won, goals.hit[place], goals.won, goals.hit[place])
    goals.size[0] = 0
    for group in range(starts.ptr[cause], starts.ptr[cause + 1]):
        for at in range(starts.wall_ptr[group], starts.wall_ptr[group + 1]):
            goals.closed[starts.wall[at]] = True
        touched = 0
        for at in range(starts.step_ptr[group], starts.step_ptr[group + 1]):
            touched = _set_out(net, forest, desk, goals, starts.step[at], touched)
        if touched:
            touched = _go_on(net, forest, desk, goals, touched)
            _note(desk, goals, touched)
            tidy(desk, desk.found, touched)
        for at in range(starts.wall_ptr[group], starts.wall_ptr[group + 1]):
            goals.closed[starts.wall[at]] = False


@kernel
def _note(desk: Desk, goals: Goals, touched: int) -> None:
    """Add to `goals.won` what is won of the goals that are touched."""
    number, won, hit, lost = goals.number, goals.won, goals.hit, desk.lost
    size = goals.size[0]
    for place in range(touched):
        fact = desk.found[place]
        goal = number[fact]
        if goal >= 0:
            if not meets(won, goal, won, goal):
                hit[size] = goal
                size += 1
            add(won, goal, lost, fact)
    goals.size[0] = size


@kernel
def hold(net: Net, forest: Forest, desk: Desk, fact: int, lanes: U64) -> None:
    """Let a fact be held in these worlds (one row), and all that follows from it."""
    add(forest.held, fact, lanes, 0)
    desk.queue[0] = fact
    desk.waiting[fact] = True
    push(net, forest, desk, 1, Book(desk.spare, 0), net.anything)


@kernel
def onward(
    net: Net, forest: Forest, desk: Desk, fact: int, lanes: U64, won: U64
) -> None:
    """Set `won[facts, words]` also where somebody who holds a fact gets on to.

    `lanes` is one row: the worlds in which they hold it.
    """
    first, second, heads, cause = net.first, net.second, net.head, net.cause
    uses_ptr, uses, queue, waiting = net.uses_ptr, net.uses, desk.queue, desk.waiting
    held, true = forest.held, forest.true
    copy(won, fact, lanes, 0)
    queue[0] = fact
    waiting[fact] = True
    length, place = 1, 0
    while length:
        here, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[here] = False
        for at in range(uses_ptr[here], uses_ptr[here + 1]):
            step = uses[at]
            head, one, two = heads[step], first[step], second[step]
            if follow(won, here, held, one, two, true, cause[step], head):
                length = enqueue(queue, waiting, head, place, length)


@kernel
def causes_behind(
    net: Net, forest: Forest, desk: Desk, goals: Goals, used: Flags
) -> None:
    """Set `used[cause]` for the causes on which the goals rest where they are won.

    Walks the witnesses back from `goals.won`.
    """
    first, second, wins_ptr, wins = net.first, net.second, net.wins_ptr, net.wins
    by, lost, queue, waiting = forest.by, desk.lost, desk.queue, desk.waiting
    found, known, cause = desk.found, desk.touched, net.cause
    touched = length = 0
    for goal in range(len(goals.fact)):
        fact = goals.fact[goal]
        copy(lost, fact, goals.won, goal)
        touched = touch(found, known, fact, touched)
        length = enqueue(queue, waiting, fact, 0, length)
    place = 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            step = wins[at]
            if not meets(by, step, lost, fact):
                continue
            used[cause[step]] = True
            for needed in (first[step], second[step]):
                if lose(by, step, lost, fact, lost, needed):
                    touched = touch(found, known, needed, touched)
                    length = enqueue(queue, waiting, needed, place, length)
    tidy(desk, desk.found, touched)


@kernel
def _set_out(
    net: Net, forest: Forest, desk: Desk, goals: Goals, step: int, touched: int
) -> int:
    """Start from what a step wins, where it works."""
    head = net.head[step]
    if goals.closed[head] or not goals.near[head]:
        return touched
    # A row of its own first: the head may have been won by another step already.
    copy(desk.spare, 0, forest.true, net.cause[step])
    keep(desk.spare, 0, forest.held, net.first[step])
    keep(desk.spare, 0, forest.held, net.second[step])
    if not count(desk.spare, 0):
        return touched
    add(desk.lost, head, desk.spare, 0)
    return touch(desk.found, desk.touched, head, touched)


@kernel
def _go_on(net: Net, forest: Forest, desk: Desk, goals: Goals, touched: int) -> int:
    """Go on from what is touched as far as there are goals; return what is touched."""
    first, second, heads, cause = net.first, net.second, net.head, net.cause
    uses_ptr, uses, queue, waiting = net.uses_ptr, net.uses, desk.queue, desk.waiting
    held, true, lost, found = forest.held, forest.true, desk.lost, desk.found
    known, closed, near = desk.touched, goals.closed, goals.near
    length = 0
    for place in range(touched):
        length = enqueue(queue, waiting, found[place], 0, length)
    place = 0
    while length:
        here, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[here] = False
        for at in range(uses_ptr[here], uses_ptr[here + 1]):
            step = uses[at]
            head, one, two = heads[step], first[step], second[step]
            if closed[head] or not near[head]:
                continue
            if follow(lost, here, held, one, two, true, cause[step], head):
                touched = touch(found, known, head, touched)
                length = enqueue(queue, waiting, head, place, length)
    return touched
