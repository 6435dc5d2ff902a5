"""Small phrases that several pages share."""

import datetime as dt
from collections.abc import Iterable, Sequence

from tenants.scope import site_limit
from workflows.logic.signoff import SLOT_WORDS
from workflows.models import Decision

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HOUR, DAY = 60, 1440


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "exposure"), counted(3, "exposure")
    ('1 exposure', '3 exposures')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def steps_in_words(steps: int) -> str:
    """Return how far away something is.

    >>> steps_in_words(1), steps_in_words(4)
    ('one step', 'four steps')
    """
    word = NUMBERS[steps] if steps < len(NUMBERS) else str(steps)
    return f"{word} step" if steps == 1 else f"{word} steps"


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    >>> listed(["A", "B", "C"])
    'A, B and C'
    """
    *most, last = list(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def sides(slots: Sequence[str]) -> str:
    """Return the sides as people call them: "IT and OT"."""
    return listed(SLOT_WORDS[slot] for slot in slots)


def stop_of(minutes: int) -> str:
    """Return a stop of production in words.

    >>> stop_of(0), stop_of(45), stop_of(90)
    ('None', '45 min', '1 h 30 min')
    """
    if not minutes:
        return "None"
    days, rest = divmod(minutes, DAY)
    hours, left = divmod(rest, HOUR)
    parts = ((days, "d"), (hours, "h"), (left, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def age_of(since: dt.datetime, *, now: dt.datetime) -> str:
    """Return an age in its largest part: "2 d", "5 h", "3 min"."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes >= DAY:
        return f"{minutes // DAY} d"
    return f"{minutes // HOUR} h" if minutes >= HOUR else f"{minutes} min"


def sentence_of(title: str) -> str:
    """Return a title without its full stop, to go on with."""
    return title.rstrip(".")


def exposure_of(decision: Decision) -> str:
    """Return what a treatment is worth, in exposure units before and after.

    Both are of the whole workspace, so a reader of some sites is told the difference.
    """
    if site_limit() is not None:
        less = decision.units_before - decision.units_after
        return f"{less:.1f} units less" if less else "Not less by this alone"
    if decision.units_before == decision.units_after:
        return f"{decision.units_before:.1f} units, not less by this alone"
    return f"{decision.units_before:.1f} to {decision.units_after:.1f} units"
