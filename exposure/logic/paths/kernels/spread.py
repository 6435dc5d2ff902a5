"""The least fixpoint of 512 worlds at once: what the attacker holds in each of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.draws import WORDS

U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]


class Moves(NamedTuple):
    """Steps in the order of a fact they need: those of fact f are `ptr[f]:ptr[f + 1]`.

    A step that needs two facts is there twice. `other` is the second fact, or the same
    one again; `cause` the row of its cause, or the row that is true everywhere. So
    every step is the same work.
    """

    ptr: NDArray[np.int64]
    head: I32
    other: I32
    cause: I32


@kernel
def spread(held: U64, causes: U64, waiting: NDArray[np.bool_], moves: Moves) -> None:
    """Win in `held[facts, 8]` all that follows from the facts that are `waiting`.

    `causes[rows, 8]` says in which worlds a cause is true. A fact waits when it was
    won in more worlds; bits can only grow, so this ends, and the order of work does
    not change what is won. Facts are taken in the order of their numbers, which keeps
    neighbours in the cache.
    """
    again = True
    while again:
        again = False
        for fact in range(len(waiting)):
            if not waiting[fact]:
                continue
            waiting[fact] = False
            for place in range(moves.ptr[fact], moves.ptr[fact + 1]):
                head, other = moves.head[place], moves.other[place]
                cause, grown = moves.cause[place], np.uint64(0)
                for word in range(WORDS):
                    body = held[fact, word] & held[other, word]
                    won = body & causes[cause, word] & ~held[head, word]
                    held[head, word] |= won
                    grown |= won
                if grown and not waiting[head]:
                    waiting[head] = True
                    again |= head <= fact
