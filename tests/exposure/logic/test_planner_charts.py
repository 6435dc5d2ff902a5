"""The curve and the calendar: words cover nothing, stay inside, and are never markup."""

import datetime as dt
import itertools
import random
from zoneinfo import ZoneInfo

import pytest

from exposure.logic import calendar_chart as calendar
from exposure.logic import frontier_chart as curve
from exposure.logic.calendar_chart import Closed, Opening, calendar_chart
from exposure.logic.charts import ChartRefused, Tick
from exposure.logic.drawn_words import Box, box_at, width_of
from exposure.logic.frontier_chart import Spot, frontier_chart

LONDON = ZoneInfo("Europe/London")
NOW = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)
NAMES = ["add Fix SL-1 on PLC-P21", "add <script>x</script>" * 9, "追加 修正" * 20, ""]


def box_of(tick: Tick) -> Box:
    return box_at(float(tick.x), float(tick.y), tick.label, anchor=tick.anchor)


def boxes_apart(boxes: list[Box]) -> bool:
    return not any(a.meets(b) for a, b in itertools.combinations(boxes, 2))


def test_words_of_the_curve_cover_no_dot_and_no_words_and_stay_inside() -> None:
    luck = random.Random(6)  # noqa: S311 - reproducible, not a secret
    for size in range(40):
        downtimes = sorted(luck.choice([0, 0.5, 1, 9, 60]) for _ in range(size % 10))
        spots = [
            Spot(hours, luck.uniform(0, 30), luck.choice(NAMES)) for hours in downtimes
        ]
        ticked = Spot(luck.uniform(0, 80), luck.uniform(0, 30), "ticked, 3 changes")

        chart = frontier_chart(
            spots,
            before=25.8,
            chosen=len(spots) - 1,
            ticked=ticked if size % 2 else None,
        )

        labels = [box_of(dot.label) for dot in chart.dots if dot.label]
        dots = [
            Box(float(d.x) - 4, float(d.y) - 4, float(d.x) + 4, float(d.y) + 4)
            for d in chart.dots
        ]
        assert boxes_apart(labels)
        assert not any(label.meets(dot) for label in labels for dot in dots)
        inside = Box(curve.LEFT, 0, curve.WIDTH, curve.HEIGHT - curve.BOTTOM)
        assert all(label.within(inside) for label in labels)


def test_what_is_looked_at_is_named_and_has_a_guide_to_both_axes() -> None:
    spots = [
        Spot(0.0, 10.1, "2 changes, no downtime"),
        Spot(1.5, 6.1, "the plan, 3 changes"),
    ]

    own = frontier_chart(spots, before=25.8, chosen=1)
    other = frontier_chart(
        spots, before=25.8, chosen=1, ticked=Spot(4.0, 5.0, "ticked, 4 changes")
    )
    none = frontier_chart([], before=25.8)

    named = [dot.label.label if dot.label else "" for dot in own.dots]
    assert named == ["today", "2 changes, no downtime", "the plan, 3 changes"]
    assert [dot.is_on for dot in own.dots] == [False, False, True]
    assert own.guide == f"M40.0 {own.dots[2].y}H{own.dots[2].x}V314.0"
    assert [dot.is_on for dot in other.dots] == [False, False, False, True]
    assert other.dots[3].label is not None
    # The curve leads past a set that is not on it.
    assert other.line.count("H") == own.line.count("H")
    assert not none.guide
    with pytest.raises(ChartRefused):
        frontier_chart([], before=1.0, ticked=Spot(float("nan"), 1.0))


def opening(line: str, day: int, hours: float, changes: int = 0) -> Opening:
    begins = NOW + dt.timedelta(days=day)
    return Opening(line, begins, begins + dt.timedelta(hours=hours), changes)


def test_words_of_the_calendar_cover_no_bar_and_no_words_and_stay_inside() -> None:
    luck = random.Random(7)  # noqa: S311 - reproducible, not a secret
    lines = [("a", "Line 1"), ("b", "W" * 90), ("c", "<b>")]
    for size in range(30):
        openings = [
            opening(
                luck.choice("abcd"),
                luck.randint(-9, 90),
                luck.choice([0.1, 6, 48, 900]),
                luck.choice([0, 0, 2]),
            )
            for _ in range(size * 2)
        ]
        closed = [
            Closed(
                luck.choice(["", "a", "gone"]),
                NOW + dt.timedelta(days=luck.randint(-9, 90)),
                NOW + dt.timedelta(days=91),
                luck.choice(["Holiday <i>", "x" * 400, ""]),
            )
            for _ in range(size % 5)
        ]

        chart = calendar_chart(lines, openings, closed, now=NOW, zone=LONDON)

        _, _, width, height = map(float, chart.view_box.split())
        inside = Box(0, 0, width, height)
        words = [box_of(bar.label) for bar in chart.windows if bar.label]
        words += [box_of(bar.label) for bar in chart.freezes if bar.label]
        bars = [
            Box(
                float(bar.x),
                float(bar.y),
                float(bar.x) + float(bar.width),
                float(bar.y) + float(bar.height),
            )
            for bar in chart.windows
        ]
        assert boxes_apart(words)
        assert not any(word.meets(bar) for word in words for bar in bars)
        assert all(box.within(inside) for box in [*words, *bars])
        names = [width_of(row.name.label) for row in chart.rows]
        assert max(names) < calendar.LEFT


@pytest.mark.parametrize(
    ("day", "weeks"), [(0, 5), (28, 5), (31, 6), (60, 10), (75, 12), (400, 12)]
)
def test_it_shows_five_weeks_or_to_the_last_window_in_use(day: int, weeks: int) -> None:
    rows = [opening("a", day, 6, changes=1), opening("a", 300, 6)]

    chart = calendar_chart([("a", "Line 1")], rows, [], now=NOW, zone=LONDON)

    assert len(chart.weeks) == weeks
    assert chart.first == dt.date(2026, 11, 23)
    assert chart.last == chart.first + dt.timedelta(days=7 * weeks - 1)
    assert len(chart.windows) == (1 if day < 100 else 0)


def test_times_are_those_of_the_plant_also_when_the_clocks_change() -> None:
    before = dt.datetime(2026, 10, 19, 6, tzinfo=LONDON)
    begins = dt.datetime(2026, 10, 27, 6, tzinfo=LONDON)
    rows = [Opening("a", begins, begins + dt.timedelta(hours=6), 2)]

    chart = calendar_chart([("a", "Line 1")], rows, [], now=before, zone=LONDON)

    assert [bar.label and bar.label.label for bar in chart.windows] == [
        "Tue 06:00, 2 changes"
    ]
    # Midnight to midnight is an hour longer in the week in which the clocks go back.
    places = [float(week.x) for week in chart.weeks]
    assert places[1] - places[0] > places[2] - places[1]


def test_there_is_an_end_to_the_rows() -> None:
    lines = [(str(number), f"Line {number}") for number in range(40)]

    chart = calendar_chart(lines, [], [], now=NOW, zone=LONDON)

    assert len(chart.rows) == calendar.MOST_ROWS
    assert chart.left_out == 16
