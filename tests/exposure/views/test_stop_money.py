"""Euro of stop: hours times rate, beside the hours, and nothing where nobody said it."""

from exposure.logic.paths.snapshot import LineRow
from exposure.views.board_rows import StandRow, money_of
from exposure.views.stop_money import StopRow, rates_of, stop_rows

LINES = (
    LineRow("a", "Filler 1", 10, "4200"),
    LineRow("b", "Mixer", 3, ""),
    LineRow("c", "Crane", 3, "0"),
)


def test_only_what_was_said_is_a_rate():
    assert rates_of(LINES) == {"a": 4200.0}


def test_hours_of_a_line_cost_its_rate_and_others_nothing_that_is_known():
    names = {row.id: row.name for row in LINES}

    rows = stop_rows({"b": 2, "a": 1.5, "away": 9}, names=names, rates=rates_of(LINES))

    assert rows == [StopRow("Filler 1", 1.5, 6300.0), StopRow("Mixer", 2, None)]


def test_a_sum_says_that_it_is_a_part():
    stands = [
        StandRow(name, "UTC", 1, euro, []) for name, euro in (("a", 5.0), ("b", None))
    ]

    assert (money_of(stands).euro, money_of(stands).is_more) == (5.0, True)
    assert (money_of(stands[:1]).euro, money_of(stands[:1]).is_more) == (5.0, False)
    assert money_of(stands[1:]).euro is None
