"""How far a look from inside a plant may go: all, identify, or listen only."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

# IEC 62443 and ISA-95: above level 3 is office and edge, from 3 down is the plant.
HIGHEST_PLANT_LEVEL: Final = 3.0


class Mode(StrEnum):
    """What may be done to one address, the most first."""

    FULL = "full"
    IDENTIFY_ONLY = "identify"
    LISTEN_ONLY = "listen"


WORDS: Final = {
    Mode.FULL: "ports and services",
    Mode.IDENTIFY_ONLY: "known ports are identified, nothing is swept",
    Mode.LISTEN_ONLY: "known ports are listened to, nothing is said",
}
_ORDER: Final = (Mode.FULL, Mode.IDENTIFY_ONLY, Mode.LISTEN_ONLY)


def mode_of(
    vantage_level: float | None, target_level: float | None, *, more_allowed: bool
) -> Mode:
    """Return what a worker at `vantage_level` may do to an address at `target_level`.

    Levels are Purdue levels. A vantage without one is the internet: what an outsider
    could try, we may. From inside a plant a worker only identifies what lies above
    level 3, and only listens to what lies at level 3 or below, or to what nobody has
    given a level. `more_allowed`: the customer signed that the worker may do all.

    >>> mode_of(None, 1, more_allowed=False), mode_of(3.5, 1, more_allowed=False)
    (<Mode.FULL: 'full'>, <Mode.LISTEN_ONLY: 'listen'>)
    """
    if vantage_level is None or more_allowed:
        return Mode.FULL
    if target_level is None or target_level <= HIGHEST_PLANT_LEVEL:
        return Mode.LISTEN_ONLY
    return Mode.IDENTIFY_ONLY


def narrower(one: Mode, other: Mode) -> Mode:
    """Return the one that does less.

    >>> narrower(Mode.LISTEN_ONLY, Mode.IDENTIFY_ONLY)
    <Mode.LISTEN_ONLY: 'listen'>
    """
    return max(one, other, key=_ORDER.index)
