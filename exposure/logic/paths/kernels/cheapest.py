"""Derivations that few changes can break, in 512 worlds at a time.

A row of bits is eight words, bit k of word j for world 64 j + k of the block. Rows by
cause have one more, the last, for "no cause".
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.kernels.compiled import COMPILED, kernel
from exposure.logic.paths.kernels.gains import Net
from exposure.logic.paths.kernels.rows import win

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]

NO = np.uint64(0)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


class Truth(NamedTuple):
    """In which worlds causes are true, when some changes could still be made.

    `free[cause]`: it is true and none of those changes ends it; `soft[cause]`: it is
    true and one of them does. `costly` are the steps whose cause is soft somewhere.
    """

    free: U64
    soft: U64
    costly: I32


class Ends(NamedTuple):
    """Which changes end a cause, and where: those of cause c are rows `ptr[c]` to
    `ptr[c + 1]`, of change `edit[row]` in the worlds `gone[row]`.
    """

    ptr: I64
    edit: I32
    gone: U64


class Line(NamedTuple):
    """A queue of facts, each in it once at most; `ends` are its begin and its end."""

    facts: I32
    ends: I64
    waiting: Flags


def line_for(facts: int) -> Line:
    """Return an empty queue for so many facts."""
    return Line(
        np.empty(facts + 1, np.int32), np.zeros(2, np.int64), np.zeros(facts, np.bool_)
    )


@kernel
def _put(line: Line, fact: int) -> None:
    if line.waiting[fact]:
        return
    line.waiting[fact] = True
    line.facts[line.ends[1]] = fact
    line.ends[1] = (line.ends[1] + 1) % len(line.facts)


@kernel
def _take(line: Line) -> int:
    """Return the fact that waits longest; -1 when none does."""
    if line.ends[0] == line.ends[1]:
        return -1
    fact = line.facts[line.ends[0]]
    line.ends[0] = (line.ends[0] + 1) % len(line.facts)
    line.waiting[fact] = False
    return int(fact)


@kernel
def _stage_words(  # noqa: PLR0913 - rows are spoken of by array and number
    held: U64, one: int, two: int, true: U64, cause: int, head: int, new: U64
) -> bool:
    """Add to `new[head]` the worlds in which a step wins what nobody has won yet.

    What the step itself wins of it is in the last row of `new`.
    """
    some, last = NO, len(new) - 1
    for word in range(held.shape[1]):
        bits = held[one, word] & held[two, word] & true[cause, word]
        bits &= ~(held[head, word] | new[head, word])
        new[head, word] |= bits
        new[last, word] = bits
        some |= bits
    return bool(some != NO)


def _stage_rows(  # noqa: PLR0913 - the same arguments as above
    held: U64, one: int, two: int, true: U64, cause: int, head: int, new: U64
) -> bool:
    """Do what `_stage_words` does, without a compiler."""
    bits = held[one] & held[two] & true[cause] & ~(held[head] | new[head])
    new[head] |= bits
    new[-1] = bits
    return bool(bits.any())


_stage = _stage_words if COMPILED else _stage_rows


@kernel
def fewest(net: Net, truth: Truth, line: Line, held: U64, won: U64) -> None:
    """Fill `held[fact]` with the worlds that win it and `won[step]` with those it wins.

    Each fact is won by one step in each world, and ways with fewer breakable steps
    behind one another come first: breadth-first search by that depth, all worlds at
    once. Where a step needs two facts the deeper one counts. Both come as zeros.
    """
    new = np.zeros((len(held) + 1, held.shape[1]), np.uint64)
    held[0, :] = ALL
    _put(line, 0)
    waits = True
    while waits:
        _follow(net, truth, line, held, won)
        waits = False
        for step in truth.costly:
            one, two, head = net.first[step], net.second[step], net.head[step]
            if _stage(held, one, two, truth.soft, net.cause[step], head, new):
                waits = True
                _put(line, head)
                for word in range(held.shape[1]):
                    won[step, word] |= new[len(held), word]
        for place in range(line.ends[0], line.ends[1] + _wrap(line)):
            fact = line.facts[place % len(line.facts)]
            for word in range(held.shape[1]):
                held[fact, word] |= new[fact, word]
                new[fact, word] = NO


@kernel
def _wrap(line: Line) -> int:
    """How far the end of a queue lies behind its begin in a round of its array."""
    return len(line.facts) if line.ends[1] < line.ends[0] else 0


@kernel
def _follow(net: Net, truth: Truth, line: Line, held: U64, won: U64) -> None:
    """Win all that follows without a step that a change could break."""
    fact = _take(line)
    while fact >= 0:
        for place in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[place]
            one, two, head = net.first[step], net.second[step], net.head[step]
            if win(held, one, two, truth.free, net.cause[step], head, won, step):
                _put(line, head)
        fact = _take(line)


class Trace(NamedTuple):
    """Room to walk back in: `seen` and `todo` a row for each fact, all zeros between
    two calls; `bits` one row.
    """

    seen: U64
    todo: U64
    bits: U64
    touched: I32


@kernel
def breakers(  # noqa: PLR0913 - a kernel takes arrays and numbers only
    net: Net, ends: Ends, line: Line, trace: Trace, target: int, won: U64, broken: U64
) -> None:
    """Fill `broken[edit]` with the worlds in which it breaks the way to `target`.

    The way is the one that `won` tells, in the worlds that `trace.todo[target]` names.
    """
    trace.seen[target, :] = trace.todo[target, :]
    trace.touched[0] = target
    count = 1
    _put(line, target)
    fact = _take(line)
    while fact >= 0:
        fresh = trace.todo[fact].copy()
        trace.todo[fact, :] = NO
        for place in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
            step = net.wins[place]
            if _both(fresh, won, step, trace.bits):
                _break(ends, net.cause[step], trace.bits, broken)
                for body in (net.first[step], net.second[step]):
                    count = _ask(line, trace, body, count)
        fact = _take(line)
    for place in range(count):
        trace.seen[trace.touched[place], :] = NO


@kernel
def _both(fresh: U64, won: U64, step: int, bits: U64) -> bool:
    """Put into `bits` where the step won what is asked for; whether it did at all."""
    some = NO
    for word in range(len(bits)):
        bits[word] = fresh[word] & won[step, word]
        some |= bits[word]
    return bool(some != NO)


@kernel
def _break(ends: Ends, cause: int, bits: U64, broken: U64) -> None:
    """Note for each change that ends a cause where that breaks the way."""
    if cause >= len(ends.ptr) - 1:
        return  # the step needs no luck
    for row in range(ends.ptr[cause], ends.ptr[cause + 1]):
        for word in range(len(bits)):
            broken[ends.edit[row], word] |= bits[word] & ends.gone[row, word]


@kernel
def _ask(line: Line, trace: Trace, fact: int, count: int) -> int:
    """Ask where a fact came from, in the worlds in which nobody has asked yet.

    Returns how many facts have been asked for.
    """
    if fact == 0:
        return count  # the source
    before, some = NO, NO
    for word in range(len(trace.bits)):
        before |= trace.seen[fact, word]
        more = trace.bits[word] & ~trace.seen[fact, word]
        trace.seen[fact, word] |= more
        trace.todo[fact, word] |= more
        some |= more
    if some == NO:
        return count
    _put(line, fact)
    if before == NO:
        trace.touched[count] = fact
        count += 1
    return count
