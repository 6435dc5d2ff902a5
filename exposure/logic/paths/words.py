"""Sentences about an analysis, without a number that pretends to more than it knows."""

from collections.abc import Sequence

from exposure.logic.paths.model import read_fact
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import LineResult

SMALL = 0.05  # units; less shows as no change with one decimal


def summary(lines: Sequence[LineResult], *, exposure: float) -> str:
    """Return the result of an analysis in one or two sentences."""
    if not lines:
        return "No production line is described, so nothing can be counted as lost."
    reached = [line for line in lines if line.best is not None]
    if not reached:
        return (
            f"No path from the internet reaches any of {_count(len(lines), 'line')}, "
            "by what is known."
        )
    return (
        f"{_count(len(reached), 'line')} of {len(lines)} can be reached from the "
        f"internet, {units(exposure)}."
    )


def units(exposure: float) -> str:
    """Return an exposure as people read it: one decimal, and the word.

    >>> units(3.2)
    '3.2 units'
    >>> units(0.01)
    'less than 0.1 units'
    """
    if 0.0 < exposure < 0.05:
        return "less than 0.1 units"
    return f"{exposure:.1f} units"


def rarely(reach: float) -> str:
    """Return how seldom a line is lost, to two digits.

    >>> rarely(1.02e-7)
    'about 1 attempt in 9 800 000'
    """
    return f"about 1 attempt in {int(float(f'{1 / reach:.2g}')):,}".replace(",", " ")


def choke_words(fact: str, *, plant: Plant) -> str:
    """Return what it means that every route passes this fact."""
    read = read_fact(fact)
    if read.kind == "zone":
        return f"Every route passes through {plant.zone_name(read.id)}."
    if read.kind == "credential":
        return f"Every route uses {plant.credential(read.id).name}."
    name = plant.asset(read.id).name
    if read.kind == "reach":
        return f"Every route uses port {read.port} of {name}."
    return f"Every route takes over {name}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def moved_words(units: float | None) -> str:
    """Return a change of units as text, with a real minus; "" without one before it.

    >>> moved_words(0.01), moved_words(None), moved_words(3.24).split()
    ('no change', '', ['+', '3.2'])
    """
    if units is None:
        return ""
    if abs(units) < SMALL:
        return "no change"
    sign = "+" if units > 0 else "\N{MINUS SIGN}"
    return f"{sign}\N{NO-BREAK SPACE}{abs(units):.1f}"
