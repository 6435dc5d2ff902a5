"""Compiles a kernel where numba is installed; elsewhere it runs as it is written."""

import hashlib
from collections.abc import Callable
from pathlib import Path
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


def version_of(folder: Path) -> str:
    """Return a name for the kernels in a folder as they are written now."""
    files = sorted(folder.glob("*.py"))
    text = b"\0".join(part for each in files for part in _parts(each))
    return hashlib.sha256(text).hexdigest()[:16]


def _parts(file: Path) -> tuple[bytes, bytes]:
    return file.name.encode(), file.read_bytes()


if COMPILED:
    # numba asks whether the file of a kernel has changed, but what is built into the
    # kernel stands in other files: an update would go on running yesterday's code.
    _here, _settings = Path(__file__).parent, vars(numba.config)
    _kept = Path(_settings["CACHE_DIR"] or _here / "__pycache__")
    _settings["CACHE_DIR"] = str(_kept / version_of(_here))


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
