"""Compiles a kernel where numba is installed; elsewhere it runs as it is written."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

try:
    import numba
except ImportError:
    COMPILED = False
else:
    COMPILED = True

P = ParamSpec("P")
R = TypeVar("R")

KERNELS: list[Any] = []
"""Every kernel that is compiled, with what numba knows of it."""


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function of arrays and numbers, compiled at its first call.

    What was compiled is kept on the disk (`NUMBA_CACHE_DIR`) and it lets other threads
    run. Arithmetic is not reordered, so the same input gives the same bits with and
    without numba.
    """
    if not COMPILED:
        return function
    compiled: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    KERNELS.append(compiled)
    return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Return a small function that is built into each kernel that calls it.

    A call between kernels hands over every array of a tuple: for an innermost loop
    over one row of bits that costs more than the loop.
    """
    if not COMPILED:
        return function
    built_in: Callable[P, R] = numba.njit(cache=True, nogil=True, inline="always")(
        function
    )
    return built_in
