"""How long what is kept: classes of data, their limits, and what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

YEAR = 365


@dataclass(frozen=True, slots=True)
class Class:
    """One class of data; `least` and `most` are the days that may be chosen."""

    name: str
    label: str
    days: int
    least: int
    most: int
    kept: str


CLASSES: tuple[Class, ...] = (
    Class(
        "observations",
        "Probe records and observations",
        YEAR,
        90,
        10 * YEAR,
        "What evidence, a service or an open finding rests on is kept.",
    ),
    Class(
        "evidence",
        "Evidence of closed findings",
        7 * YEAR,
        YEAR,
        30 * YEAR,
        "Evidence of a finding that is not closed is kept.",
    ),
    Class(
        "deliveries",
        "What was told, and each attempt to tell it",
        90,
        60,
        3 * YEAR,
        "What still waits to be told is kept, and so is the timeline of a case.",
    ),
    Class(
        "visits",
        "Visits of the provider, and looks with somebody's eyes",
        2 * YEAR,
        YEAR,
        10 * YEAR,
        "The ledger keeps its own entries of them.",
    ),
    Class(
        "ledger",
        "Personal details in the ledger",
        7 * YEAR,
        2 * YEAR,
        30 * YEAR,
        "The entries stay and still verify. Signatures and erasures stay readable.",
    ),
    Class("jobs", "Background work that is done", 30, 7, YEAR, ""),
    Class("exports", "Exports", 7, 1, 30, "The line that tells of them stays."),
    Class(
        "invitations",
        "Invitations that have ended",
        90,
        30,
        3 * YEAR,
        "Open ones are kept.",
    ),
)
NAMES = frozenset(each.name for each in CLASSES)


def in_force(chosen: Mapping[str, object]) -> dict[str, int]:
    """Return the days of every class: what was chosen within the limits, or the default.

    >>> in_force({"jobs": 14})["jobs"], in_force({"jobs": 1})["jobs"]
    (14, 7)
    """
    told = {}
    for each in CLASSES:
        days = chosen.get(each.name, each.days)
        wanted = days if isinstance(days, int) else each.days
        told[each.name] = min(each.most, max(each.least, wanted))
    return told


def problem(each: Class, days: int) -> str:
    """Return what is wrong with a choice; "" if nothing is."""
    if each.least <= days <= each.most:
        return ""
    return f"{each.label}: choose between {each.least} and {each.most} days."
