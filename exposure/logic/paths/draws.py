"""Luck that can be calculated again: in which worlds an uncertain cause is true.

World w is bit w % 64 of word w // 64. Each cause has a uniform number of 30 binary
digits in each world, and is true where that number lies below its chance. The digits
come from a counter, not from a stream: digit d of word w is a function of the seed,
the key of the cause, w and d alone. So a cause can be drawn anywhere, in any order,
and nobody's luck depends on who else is drawn.
"""

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import F64, U64, keys_of
from exposure.logic.paths.kernels.compiled import COMPILED
from exposure.logic.paths.kernels.draws import DIGITS, GOLDEN, WORDS, fill
from exposure.logic.paths.model import ModelRefused

LANES = 64
"""Worlds in a word."""

BLOCK = WORDS * LANES
"""Worlds that are worked on together: one cache line for each fact."""

MAX_WORLDS = 1 << 17

_EVERY_BIT = (1 << LANES) - 1


def draw(key: int, chance: float, *, worlds: int, seed: int) -> U64:
    """Return one bit for each world, each set with probability `chance`.

    A smaller chance sets a subset of the bits: lowering one never helps the attacker
    in any world. 0 and 1 are exact; in between the chance is rounded to a multiple of
    2^-30, never to 0 or 1. Bits past the last world are 0. Raises `ModelRefused` for
    what is no probability and for an absurd number of worlds.
    """
    check_worlds(worlds)
    words = -(-worlds // LANES)
    keys = np.array([key & _EVERY_BIT], np.uint64)
    rows = draw_rows(keys, np.array([chance], np.float64), words=words, seed=seed)
    bits: U64 = rows[0] & everywhere(worlds)
    return bits


def draw_rows(keys: U64, chances: F64, *, words: int, seed: int, start: int = 0) -> U64:
    """Return the bits of many causes, a row each, in `words` words from `start` on.

    The same bits as `draw`, whole words. Raises `ModelRefused` for what is no
    probability. O(causes x words).
    """
    rows = np.empty((len(keys), words), np.uint64)
    mixed = mixed_seed(seed)
    (fill if COMPILED else fill_plainly)(rows, keys, thresholds(chances), mixed, start)
    return rows


def thresholds(chances: F64) -> NDArray[np.int64]:
    """Return the chances as multiples of 2^-30: uncertain stays uncertain."""
    chances = np.asarray(chances, np.float64)
    wrong = np.flatnonzero(~((chances >= 0.0) & (chances <= 1.0)))  # NaN fails both
    if len(wrong):
        raise ModelRefused(
            f"The chance {chances[wrong[0]]} is not a number from 0 to 1."
        )
    whole = 1 << DIGITS
    scaled = np.clip(np.rint(chances * whole), 1, whole - 1).astype(np.int64)
    scaled[chances == 0.0] = 0
    scaled[chances == 1.0] = whole
    return scaled


def seed_number(text: str) -> int:
    """Return the number that stands for a seed in words."""
    return int(keys_of((text,))[0])


def mixed_seed(seed: int) -> np.uint64:
    """Return a seed as `fill` wants it: two seeds next to each other look unrelated."""
    return np.uint64(mixed(np.array([seed & _EVERY_BIT], np.uint64))[0])


def mixed(numbers: U64) -> U64:
    """Return the finaliser of SplitMix64 of each number."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def check_worlds(count: int) -> None:
    """Raise `ModelRefused` unless 1 to 131 072 worlds are asked for."""
    if not 1 <= count <= MAX_WORLDS:
        raise ModelRefused(f"{count} worlds: choose from 1 to {MAX_WORLDS}.")


def everywhere(worlds: int) -> U64:
    """Return the words in which exactly the bits of the first `worlds` are set."""
    words = np.full(-(-worlds // LANES), _EVERY_BIT, np.uint64)
    if worlds % LANES:
        words[-1] = (1 << worlds % LANES) - 1
    return words


def fill_plainly(
    rows: U64, keys: U64, limits: NDArray[np.int64], seed: np.uint64, start: int
) -> None:
    """Do what the kernel `fill` does without a compiler, to the same bits."""
    words = np.arange(start, start + rows.shape[1]).astype(np.uint64)
    state = mixed(mixed(keys ^ seed)[:, None] + words * GOLDEN).ravel()
    rest = np.repeat(limits, rows.shape[1])
    whole = 1 << DIGITS
    bits = np.where(rest == whole, np.uint64(_EVERY_BIT), np.uint64(0))
    places = np.flatnonzero((rest > 0) & (rest < whole))
    state, rest = state[places], rest[places]
    lanes = np.full(len(places), _EVERY_BIT, np.uint64)
    while len(places):
        state = state + GOLDEN
        random = mixed(state)
        one = rest >> (DIGITS - 1) != 0
        rest = (rest << 1) & (whole - 1)
        bits[places] |= np.where(one, lanes & ~random, np.uint64(0))
        lanes &= np.where(one, random, ~random)
        unfinished = (lanes != 0) & (rest != 0)
        places, state, rest, lanes = (
            each[unfinished] for each in (places, state, rest, lanes)
        )
    rows[:] = bits.reshape(rows.shape)
