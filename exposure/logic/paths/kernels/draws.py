"""Draws uncertain causes in 512 worlds at a time: eight words of 64 bits."""

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.kernels.compiled import kernel

U64 = NDArray[np.uint64]

DIGITS = 30
WORDS = 8
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND, _THIRD = np.uint64(30), np.uint64(27), np.uint64(31)
_LEFT, _RIGHT = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_NONE, _ALL = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
_REST = (1 << DIGITS) - 1


@kernel
def mix(number: np.uint64) -> np.uint64:
    """Return the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    number = (number ^ (number >> _FIRST)) * _LEFT
    number = (number ^ (number >> _SECOND)) * _RIGHT
    return number ^ (number >> _THIRD)


@kernel
def draw_block(less: U64, scratch: U64, base: np.uint64, limit: int) -> None:
    """Set the bits of `less[8]` where a number of 30 random digits is below `limit`.

    Digit by digit, the highest first, all lanes at once: a lane is decided by the
    first digit that differs, so about ten digits decide 512 lanes. `base` is the
    state before the first word, `scratch` room for [2, 8] words, `limit` is from 0
    to 2^30.
    """
    if limit >> DIGITS:
        less[:] = _ALL
        return
    for word in range(WORDS):
        less[word] = _NONE
        scratch[0, word] = mix(base + np.uint64(word) * GOLDEN)
        scratch[1, word] = _ALL
    rest, undecided = limit, _ALL
    while rest and undecided:
        rest <<= 1
        digit = _NONE - np.uint64(rest >> DIGITS)  # no bit or every bit: no branch
        rest &= _REST
        undecided = _NONE
        for word in range(WORDS):
            scratch[0, word] += GOLDEN
            random = mix(scratch[0, word])
            lanes = scratch[1, word]
            less[word] |= lanes & digit & ~random
            lanes &= digit ^ ~random
            scratch[1, word] = lanes
            undecided |= lanes


@kernel
def block_base(key: np.uint64, seed: np.uint64, start: int) -> np.uint64:
    """Return the state before word `start` of a cause; `seed` is mixed already."""
    return mix(key ^ seed) + np.uint64(start) * GOLDEN


@kernel
def fill(
    rows: U64, keys: U64, limits: NDArray[np.int64], seed: np.uint64, start: int
) -> None:
    """Draw every cause in the words from `start` on, into `rows[cause, word]`.

    `limits` are the chances as multiples of 2^-30, `seed` is mixed already.
    """
    block, scratch = np.empty(WORDS, np.uint64), np.empty((2, WORDS), np.uint64)
    words = rows.shape[1]
    for cause in range(rows.shape[0]):
        for first in range(0, words, WORDS):
            base = block_base(keys[cause], seed, start + first)
            draw_block(block, scratch, base, limits[cause])
            for word in range(min(WORDS, words - first)):
                rows[cause, first + word] = block[word]
