"""When a control counts, and what the controls on one thing come to."""

import datetime as dt

import pytest

from exposure.logic.controls import ControlFacts, Guard, Standing, guard_at, standing_at

TESTED = dt.datetime(2026, 11, 14, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PASSED = ControlFacts("Rule review", 30 * DAY, TESTED, passed=True)
FAILED = ControlFacts("Rule review", 30 * DAY, TESTED)
UNTESTED = ControlFacts("Rule review", 30 * DAY)
RETIRED = ControlFacts("Rule review", 30 * DAY, TESTED, passed=True, is_retired=True)
DUE = TESTED + 30 * DAY


@pytest.mark.parametrize(
    ("facts", "moment", "standing"),
    [
        (PASSED, TESTED, Standing.VERIFIED),
        (PASSED, DUE, Standing.VERIFIED),
        (PASSED, DUE + dt.timedelta(microseconds=1), Standing.OVERDUE),
        (FAILED, TESTED, Standing.FAILED),
        (FAILED, DUE + DAY, Standing.FAILED),
        (UNTESTED, TESTED, Standing.UNTESTED),
        (RETIRED, TESTED, Standing.RETIRED),
    ],
)
def test_it_counts_from_its_test_until_the_next_is_due(
    facts: ControlFacts, moment: dt.datetime, standing: Standing
) -> None:
    assert standing_at(facts, moment) is standing


@pytest.mark.parametrize(
    ("facts", "moment", "words"),
    [
        (PASSED, TESTED, "which passed its test on 14 November 2026"),
        (PASSED, DUE + DAY, "whose test is overdue since 14 December 2026"),
        (FAILED, DUE + DAY, "which failed its test on 14 November 2026"),
        (UNTESTED, TESTED, "which was never tested"),
    ],
)
def test_its_words_say_how_the_test_went(
    facts: ControlFacts, moment: dt.datetime, words: str
) -> None:
    verified = standing_at(facts, moment) is Standing.VERIFIED

    assert guard_at([facts], moment) == Guard(verified, f"Rule review, {words}")


def test_one_that_is_verified_is_enough_and_several_count_once() -> None:
    other = ControlFacts("Jump host", DAY, TESTED + DAY)

    guard = guard_at([other, PASSED, UNTESTED], TESTED + DAY)

    assert guard == guard_at([PASSED], TESTED + DAY)


def test_a_retired_one_is_not_there() -> None:
    assert guard_at([RETIRED], TESTED) == Guard(verified=False, words="")
