"""When a control counts: it passed its newest test, and the next one is not overdue."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exposure.logic.paths.reasons import day_in_words


class Standing(StrEnum):
    """How a control stands at one moment."""

    VERIFIED = "verified"
    FAILED = "failed"
    OVERDUE = "overdue"
    UNTESTED = "untested"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ControlFacts:
    """What is known of a control: its newest test, if any, and when the next is due."""

    name: str
    cadence: dt.timedelta
    tested_at: dt.datetime | None = None
    passed: bool = False
    is_retired: bool = False

    @property
    def until(self) -> dt.datetime | None:
        """The last moment for which its newest test speaks; None without a test."""
        return self.tested_at + self.cadence if self.tested_at else None


def standing_at(facts: ControlFacts, moment: dt.datetime) -> Standing:
    """Return how a control stands; only `VERIFIED` takes anything off a figure.

    A test that failed counts until another one passes, however old it is.
    """
    if facts.is_retired:
        return Standing.RETIRED
    if facts.until is None:
        return Standing.UNTESTED
    if not facts.passed:
        return Standing.FAILED
    return Standing.VERIFIED if moment <= facts.until else Standing.OVERDUE


@dataclass(frozen=True, slots=True)
class Guard:
    """What the controls on one thing come to: whether one is verified, and which."""

    verified: bool
    words: str


def guard_at(controls: Iterable[ControlFacts], moment: dt.datetime) -> Guard:
    """Return what the controls on one thing come to; retired ones are not there.

    Several verified ones count once. The one named is verified if any is, and of those
    the one with the latest test. Days are those of UTC, so that the words depend on
    the tests and on nothing else.
    """
    known = [row for row in controls if not row.is_retired]
    if not known:
        return Guard(verified=False, words="")
    best = max(known, key=lambda row: _rank(row, moment))
    standing = standing_at(best, moment)
    return Guard(
        standing is Standing.VERIFIED, f"{best.name}, {_which(best, standing)}"
    )


def _rank(row: ControlFacts, moment: dt.datetime) -> tuple[bool, float, str]:
    verified = standing_at(row, moment) is Standing.VERIFIED
    tested = row.tested_at.timestamp() if row.tested_at else 0.0
    return verified, tested, row.name


def _which(row: ControlFacts, standing: Standing) -> str:
    if row.tested_at is None or row.until is None:
        return "which was never tested"
    if standing is Standing.OVERDUE:
        return f"whose test is overdue since {_day(row.until)}"
    passed = "passed" if row.passed else "failed"
    return f"which {passed} its test on {_day(row.tested_at)}"


def _day(moment: dt.datetime) -> str:
    return day_in_words(moment.astimezone(dt.UTC).date().isoformat())
