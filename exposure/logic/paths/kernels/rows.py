"""One row of worlds at a time: the innermost loops of what is won and what is lost.

With numba these are loops over words that it builds into the kernels around them.
Without it they are numpy operations on rows, which do the same to the same bits.
"""

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.kernels.compiled import COMPILED, inlined
from exposure.logic.paths.kernels.draws import WORDS

U64 = NDArray[np.uint64]

_NONE = np.uint64(0)
_ODD, _PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_FOURS, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
_1, _2, _4, _56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)


@inlined
def win_by_word(  # noqa: PLR0913 - rows are spoken of by array and number
    held: U64, one: int, two: int, true: U64, cause: int, head: int, by: U64, step: int
) -> bool:
    """Let `head` be won where both facts are held and the cause is true.

    Adds what is new to row `step` of `by`. Says whether anything is.
    """
    new = _NONE
    for word in range(WORDS):
        both = held[one, word] & held[two, word]
        new |= both & true[cause, word] & ~held[head, word]
    if new == _NONE:
        return False
    for word in range(WORDS):
        both = held[one, word] & held[two, word]
        more = both & true[cause, word] & ~held[head, word]
        held[head, word] |= more
        by[step, word] |= more
    return True


def win_by_row(  # noqa: PLR0913 - the same arguments as above
    held: U64, one: int, two: int, true: U64, cause: int, head: int, by: U64, step: int
) -> bool:
    """Do what `win_by_word` does, without a compiler."""
    more = held[one] & held[two] & true[cause] & ~held[head]
    held[head] |= more
    by[step] |= more
    return bool(more.any())


@inlined
def lose_by_word(
    by: U64, step: int, gone: U64, place: int, lost: U64, head: int
) -> bool:
    """Add to row `head` of `lost` where the step had won and `gone` is set.

    Says whether any of it is new there.
    """
    new = _NONE
    for word in range(WORDS):
        new |= by[step, word] & gone[place, word] & ~lost[head, word]
    if new == _NONE:
        return False
    for word in range(WORDS):
        lost[head, word] |= by[step, word] & gone[place, word]
    return True


def lose_by_row(
    by: U64, step: int, gone: U64, place: int, lost: U64, head: int
) -> bool:
    """Do what `lose_by_word` does, without a compiler."""
    more = by[step] & gone[place] & ~lost[head]
    lost[head] |= more
    return bool(more.any())


@inlined
def lose_useful_by_word(  # noqa: PLR0913 - rows are spoken of by array and number
    by: U64, step: int, gone: U64, place: int, lost: U64, head: int, useful: U64
) -> bool:
    """Do what `lose_by_word` does, only where row `head` of `useful` is set."""
    new = _NONE
    for word in range(WORDS):
        more = by[step, word] & gone[place, word] & useful[head, word]
        new |= more & ~lost[head, word]
    if new == _NONE:
        return False
    for word in range(WORDS):
        more = by[step, word] & gone[place, word] & useful[head, word]
        lost[head, word] |= more
    return True


def lose_useful_by_row(  # noqa: PLR0913 - the same arguments as above
    by: U64, step: int, gone: U64, place: int, lost: U64, head: int, useful: U64
) -> bool:
    """Do what `lose_useful_by_word` does, without a compiler."""
    more = by[step] & gone[place] & useful[head] & ~lost[head]
    lost[head] |= more
    return bool(more.any())


@inlined
def regain_by_word(  # noqa: PLR0913 - rows are spoken of by array and number
    lost: U64, held: U64, one: int, two: int, true: U64, cause: int, head: int
) -> bool:
    """Clear row `head` of `lost` where both facts are left and the cause is true.

    Says whether anything was cleared.
    """
    new = _NONE
    for word in range(WORDS):
        left = held[one, word] & ~lost[one, word] & held[two, word] & ~lost[two, word]
        new |= left & true[cause, word] & lost[head, word]
    if new == _NONE:
        return False
    for word in range(WORDS):
        left = held[one, word] & ~lost[one, word] & held[two, word] & ~lost[two, word]
        lost[head, word] &= ~(left & true[cause, word])
    return True


def regain_by_row(  # noqa: PLR0913 - the same arguments as above
    lost: U64, held: U64, one: int, two: int, true: U64, cause: int, head: int
) -> bool:
    """Do what `regain_by_word` does, without a compiler."""
    left = held[one] & ~lost[one] & held[two] & ~lost[two]
    more = left & true[cause] & lost[head]
    lost[head] &= ~more
    return bool(more.any())


@inlined
def follow_by_word(  # noqa: PLR0913 - rows are spoken of by array and number
    won: U64, fact: int, held: U64, one: int, two: int, true: U64, cause: int, head: int
) -> bool:
    """Add to row `head` of `won` where `fact` was won and the step works.

    Says whether any of it is new there.
    """
    new = _NONE
    for word in range(WORDS):
        works = held[one, word] & held[two, word] & true[cause, word]
        new |= won[fact, word] & works & ~won[head, word]
    if new == _NONE:
        return False
    for word in range(WORDS):
        works = held[one, word] & held[two, word] & true[cause, word]
        won[head, word] |= won[fact, word] & works
    return True


def follow_by_row(  # noqa: PLR0913 - the same arguments as above
    won: U64, fact: int, held: U64, one: int, two: int, true: U64, cause: int, head: int
) -> bool:
    """Do what `follow_by_word` does, without a compiler."""
    more = won[fact] & held[one] & held[two] & true[cause] & ~won[head]
    won[head] |= more
    return bool(more.any())


@inlined
def add_by_word(rows: U64, row: int, source: U64, place: int) -> None:
    """Set a row also where row `place` of `source` is set."""
    for word in range(WORDS):
        rows[row, word] |= source[place, word]


def add_by_row(rows: U64, row: int, source: U64, place: int) -> None:
    """Do what `add_by_word` does, without a compiler."""
    rows[row] |= source[place]


@inlined
def keep_by_word(rows: U64, row: int, source: U64, place: int) -> None:
    """Clear a row except where row `place` of `source` is set."""
    for word in range(WORDS):
        rows[row, word] &= source[place, word]


def keep_by_row(rows: U64, row: int, source: U64, place: int) -> None:
    """Do what `keep_by_word` does, without a compiler."""
    rows[row] &= source[place]


@inlined
def meets_by_word(rows: U64, row: int, others: U64, place: int) -> bool:
    """Whether there is a world in which two rows are set."""
    both = _NONE
    for word in range(WORDS):
        both |= rows[row, word] & others[place, word]
    return bool(both != _NONE)


def meets_by_row(rows: U64, row: int, others: U64, place: int) -> bool:
    """Do what `meets_by_word` does, without a compiler."""
    return bool((rows[row] & others[place]).any())


@inlined
def clear_by_word(rows: U64, row: int, off: U64, place: int) -> None:
    """Clear a row where row `place` of `off` is set."""
    for word in range(WORDS):
        rows[row, word] &= ~off[place, word]


def clear_by_row(rows: U64, row: int, off: U64, place: int) -> None:
    """Do what `clear_by_word` does, without a compiler."""
    rows[row] &= ~off[place]


@inlined
def copy_by_word(rows: U64, row: int, source: U64, place: int) -> None:
    """Set a row to row `place` of `source`."""
    for word in range(WORDS):
        rows[row, word] = source[place, word]


def copy_by_row(rows: U64, row: int, source: U64, place: int) -> None:
    """Do what `copy_by_word` does, without a compiler."""
    rows[row] = source[place]


@inlined
def count_by_word(rows: U64, row: int) -> int:
    """Return in how many worlds a row is set."""
    total = 0
    for word in range(WORDS):
        bits = rows[row, word]
        bits -= (bits >> _1) & _ODD
        bits = (bits & _PAIRS) + ((bits >> _2) & _PAIRS)
        bits = (bits + (bits >> _4)) & _FOURS
        total += int(np.int64((bits * _BYTES) >> _56))
    return total


def count_by_row(rows: U64, row: int) -> int:
    """Do what `count_by_word` does, without a compiler."""
    return int(np.bitwise_count(rows[row]).sum())


@inlined
def covers_by_word(rows: U64, part: U64, row: int) -> bool:
    """Whether a row is set in `rows` wherever it is in `part`."""
    missing = _NONE
    for word in range(WORDS):
        missing |= part[row, word] & ~rows[row, word]
    return bool(missing == _NONE)


def covers_by_row(rows: U64, part: U64, row: int) -> bool:
    """Do what `covers_by_word` does, without a compiler."""
    return not (part[row] & ~rows[row]).any()


win = win_by_word if COMPILED else win_by_row
lose = lose_by_word if COMPILED else lose_by_row
lose_useful = lose_useful_by_word if COMPILED else lose_useful_by_row
regain = regain_by_word if COMPILED else regain_by_row
follow = follow_by_word if COMPILED else follow_by_row
add = add_by_word if COMPILED else add_by_row
keep = keep_by_word if COMPILED else keep_by_row
meets = meets_by_word if COMPILED else meets_by_row
clear = clear_by_word if COMPILED else clear_by_row
copy = copy_by_word if COMPILED else copy_by_row
count = count_by_word if COMPILED else count_by_row
covers = covers_by_word if COMPILED else covers_by_row
