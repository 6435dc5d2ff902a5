"""What is lost when a step fails, and what is won again by other steps.

In every world each fact that is held has one witness: the step that won it first. The
witnesses form a forest over the facts, so a change matters only where it takes a
witness, and what hangs on that. All else stays as it is (overdelete and rederive:
Gupta, Mumick and Subrahmanian 1993, here for 512 worlds at a time).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import F64, I32, I64, U64
from exposure.logic.paths.kernels.compiled import inlined, kernel
from exposure.logic.paths.kernels.rows import clear, copy, covers, lose, win

Flags = NDArray[np.bool_]


class Net(NamedTuple):
    """A graph for the kernels: every step has two facts and a cause.

    A step with one fact names it twice; a certain one has cause X, a row of ones.
    `weight` is the points that hang on each fact, `matters` whether any line with
    points can be lost through it; `anything` is all true.
    """

    first: I32
    second: I32
    head: I32
    cause: I32
    uses_ptr: I64
    uses: I32
    wins_ptr: I64
    wins: I32
    guards_ptr: I64
    guards: I32
    weight: F64
    matters: Flags
    anything: Flags


class Forest(NamedTuple):
    """Bits of a block of worlds: facts held, causes true, heads won by each step."""

    held: U64
    true: U64
    by: U64


class Book(NamedTuple):
    """Where it is written who won: row step x `stride` (0: nobody wants to know)."""

    by: U64
    stride: int


# Reading an array out of a tuple counts its references, and in a loop over steps that
# costs more than the step itself. So kernels take arrays out of tuples before a loop.


class Desk(NamedTuple):
    """Room to work in: a row or a number for each fact, `kept` a row for each cause.

    Between two calls `lost` is all zeros, `waiting` and `touched` are all false; the
    rest means nothing. `spare` and `risk` are one row each, `spare` for wins that nobody
    wants to remember.
    """

    lost: U64
    old: U64
    useful: U64
    queue: I32
    found: I32
    chain: I32
    waiting: Flags
    touched: Flags
    kept: U64
    spare: U64
    risk: U64


@kernel
def grow(net: Net, forest: Forest, desk: Desk) -> None:
    """Win everything that follows from the source, which is held already.

    Facts are taken in the order of their numbers, which keeps neighbours in the cache;
    what is won behind that waits for the next round, which begins there.
    """
    first, second, heads, cause = net.first, net.second, net.head, net.cause
    uses_ptr, uses, waiting = net.uses_ptr, net.uses, desk.waiting
    held, true, by = forest.held, forest.true, forest.by
    waiting[0] = True
    start, ahead = 0, 1
    while ahead:
        fact, start, behind = start, len(waiting), 0
        while ahead:
            if waiting[fact]:
                waiting[fact] = False
                ahead -= 1
                for at in range(uses_ptr[fact], uses_ptr[fact + 1]):
                    step = uses[at]
                    head, one, two = heads[step], first[step], second[step]
                    won = win(held, one, two, true, cause[step], head, by, step)
                    if won and not waiting[head]:
                        waiting[head] = True
                        if head > fact:
                            ahead += 1
                        else:
                            behind += 1
                            start = min(start, head)
            fact += 1
        ahead = behind


@kernel
def mark(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, where: Flags
) -> int:
    """Mark what loses its witness when causes fail where their row of `gone` is set.

    Returns how many facts are touched: they stand in `found`, their worlds in `lost`.
    Only facts in `where` are looked at.
    """
    heads, by, lost = net.head, forest.by, desk.lost
    guards_ptr, guards, uses_ptr, uses = (
        net.guards_ptr,
        net.guards,
        net.uses_ptr,
        net.uses,
    )
    queue, waiting, found, known = desk.queue, desk.waiting, desk.found, desk.touched
    touched = length = 0
    for row in range(len(causes)):
        for at in range(guards_ptr[causes[row]], guards_ptr[causes[row] + 1]):
            step = guards[at]
            head = heads[step]
            if where[head] and lose(by, step, gone, row, lost, head):
                touched = touch(found, known, head, touched)
                length = enqueue(queue, waiting, head, 0, length)
    place = 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(uses_ptr[fact], uses_ptr[fact + 1]):
            step = uses[at]
            head = heads[step]
            if where[head] and lose(by, step, lost, fact, lost, head):
                touched = touch(found, known, head, touched)
                length = enqueue(queue, waiting, head, place, length)
    return touched


@kernel
def win_again(net: Net, forest: Forest, desk: Desk, touched: int, book: Book) -> None:
    """Take what is marked, then win again what other steps can win."""
    first, second, cause = net.first, net.second, net.cause
    wins_ptr, wins = net.wins_ptr, net.wins
    held, true, by, stride = forest.held, forest.true, book.by, book.stride
    lost, old, found = desk.lost, desk.old, desk.found
    queue, waiting = desk.queue, desk.waiting
    for place in range(touched):
        fact = found[place]
        copy(old, fact, held, fact)
        clear(held, fact, lost, fact)
    length = 0
    for place in range(touched):
        fact = found[place]
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            step = wins[at]
            one, two, row = first[step], second[step], step * stride
            if win(held, one, two, true, cause[step], fact, by, row):
                length = enqueue(queue, waiting, fact, 0, length)
                if covers(held, lost, fact):
                    break
    push(net, forest, desk, length, book, desk.touched)


@kernel
def push(
    net: Net, forest: Forest, desk: Desk, length: int, book: Book, where: Flags
) -> None:
    """Win what follows from the first facts in the queue, of the facts in `where`."""
    first, second, heads, cause = net.first, net.second, net.head, net.cause
    uses_ptr, uses = net.uses_ptr, net.uses
    held, true, by, stride = forest.held, forest.true, book.by, book.stride
    queue, waiting = desk.queue, desk.waiting
    place = 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(uses_ptr[fact], uses_ptr[fact + 1]):
            step = uses[at]
            head, one, two = heads[step], first[step], second[step]
            if not where[head]:
                continue
            if win(held, one, two, true, cause[step], head, by, step * stride):
                length = enqueue(queue, waiting, head, place, length)


@inlined
def enqueue(queue: I32, waiting: Flags, fact: int, place: int, length: int) -> int:
    """Let a fact wait behind the `length` facts from `place` on; once is enough."""
    if waiting[fact]:
        return length
    waiting[fact] = True
    queue[(place + length) % len(queue)] = fact
    return length + 1


@inlined
def touch(found: I32, known: Flags, fact: int, touched: int) -> int:
    """Put a fact into `found`, behind the `touched` others; once is enough."""
    if known[fact]:
        return touched
    known[fact] = True
    found[touched] = fact
    return touched + 1


@kernel
def tidy(desk: Desk, facts: I32, size: int) -> None:
    """Clean the desk from the first facts of those that were touched."""
    lost, known = desk.lost, desk.touched
    for place in range(size):
        clear(lost, facts[place], lost, facts[place])
        known[facts[place]] = False
