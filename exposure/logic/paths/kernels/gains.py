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
    book = Book(forest.by, 1)
    desk.waiting[0] = True
    start, ahead = 0, 1
    while ahead:
        fact, start, behind = start, len(desk.waiting), 0
        while ahead:
            if desk.waiting[fact]:
                desk.waiting[fact] = False
                ahead -= 1
                for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
                    step = net.uses[at]
                    head = net.head[step]
                    if wins(net, forest, step, book) and not desk.waiting[head]:
                        desk.waiting[head] = True
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
    touched = length = 0
    for place in range(len(causes)):
        cause = causes[place]
        for at in range(net.guards_ptr[cause], net.guards_ptr[cause + 1]):
            step = net.guards[at]
            head = net.head[step]
            if where[head] and lose(forest.by, step, gone, place, desk.lost, head):
                touched = touch(desk, head, touched)
                length = enqueue(desk, head, 0, length)
    place = 0
    while length:
        fact = desk.queue[place]
        place = (place + 1) % len(desk.queue)
        length -= 1
        desk.waiting[fact] = False
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            head = net.head[step]
            if where[head] and lose(forest.by, step, desk.lost, fact, desk.lost, head):
                touched = touch(desk, head, touched)
                length = enqueue(desk, head, place, length)
    return touched


@kernel
def win_again(net: Net, forest: Forest, desk: Desk, touched: int, book: Book) -> None:
    """Take what is marked, then win again what other steps can win."""
    for place in range(touched):
        fact = desk.found[place]
        copy(desk.old, fact, forest.held, fact)
        clear(forest.held, fact, desk.lost, fact)
    length = 0
    for place in range(touched):
        fact = desk.found[place]
        if _win_from_any(net, forest, desk, fact, book):
            length = enqueue(desk, fact, 0, length)
    push(net, forest, desk, length, book, desk.touched)


@inlined
def _win_from_any(net: Net, forest: Forest, desk: Desk, fact: int, book: Book) -> bool:
    won = False
    for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
        if wins(net, forest, net.wins[at], book):
            won = True
            if covers(forest.held, desk.lost, fact):
                break
    return won


@kernel
def push(
    net: Net, forest: Forest, desk: Desk, length: int, book: Book, where: Flags
) -> None:
    """Win what follows from the first facts in the queue, of the facts in `where`."""
    place = 0
    while length:
        fact = desk.queue[place]
        place = (place + 1) % len(desk.queue)
        length -= 1
        desk.waiting[fact] = False
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            head = net.head[step]
            if where[head] and wins(net, forest, step, book):
                length = enqueue(desk, head, place, length)


@inlined
def wins(net: Net, forest: Forest, step: int, book: Book) -> bool:
    return win(
        forest.held,
        net.first[step],
        net.second[step],
        forest.true,
        net.cause[step],
        net.head[step],
        book.by,
        step * book.stride,
    )


@inlined
def enqueue(desk: Desk, fact: int, place: int, length: int) -> int:
    """Let a fact wait behind the `length` facts from `place` on; once is enough."""
    if desk.waiting[fact]:
        return length
    desk.waiting[fact] = True
    desk.queue[(place + length) % len(desk.queue)] = fact
    return length + 1


@inlined
def touch(desk: Desk, fact: int, touched: int) -> int:
    """Put a fact into `found`, behind the `touched` others; once is enough."""
    if desk.touched[fact]:
        return touched
    desk.touched[fact] = True
    desk.found[touched] = fact
    return touched + 1


@kernel
def tidy(desk: Desk, touched: int) -> None:
    """Clean the desk from what is touched."""
    for place in range(touched):
        fact = desk.found[place]
        clear(desk.lost, fact, desk.lost, fact)
        desk.touched[fact] = False
