"""The small charts."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.charts import (
    ChartRefused,
    axis_to,
    round_top,
    sparkline,
    step_chart,
)


def test_a_value_stays_until_it_changes():
    chart = step_chart([4.0, 2.0, 2.0], grid=False)

    assert chart.line == "M40.0 16.0H333.0V100.0H626.0V100.0"
    assert chart.area == chart.line + "V184.0H40.0Z"
    assert (chart.dot_x, chart.dot_y) == ("626.0", "100.0")


def test_the_axis_ends_at_a_round_number():
    chart = step_chart([25.8, 12.0])

    assert [line.tick.label for line in chart.grid] == ["0", "10", "20", "30"]


def test_labels_keep_inside_the_drawing():
    chart = step_chart([1.0, 1.0, 1.0], labels=["Mon", "", "Wed"])

    assert [(tick.label, tick.anchor) for tick in chart.labels] == [
        ("Mon", "start"),
        ("Wed", "end"),
    ]


def test_nothing_and_one_value_can_be_drawn():
    assert step_chart([]).line == ""
    assert sparkline([]).dot_x == ""
    assert sparkline([3.0]).line.startswith("M4.0 ")


@given(st.lists(st.floats(0.0, 1e9), max_size=40))
def test_everything_stays_inside_the_drawing(values):
    chart = sparkline(values)

    numbers = re.findall(r"([MHV])([\d.]+)(?: ([\d.]+))?", chart.line)
    for letter, first, second in numbers:
        x, y = (first, second) if letter == "M" else (first, first)
        assert letter == "V" or 4.0 <= float(x) <= 116.0
        assert letter == "H" or 4.0 <= float(y) <= 28.0


@given(st.floats(1e-6, 1e9))
def test_the_round_number_is_near_above(highest):
    assert highest <= round_top(highest) <= highest * 2.0000001


@given(st.floats(1e-6, 1e9))
def test_an_axis_leaves_little_room_above_the_data(highest):
    top, parts = axis_to(highest)

    assert highest <= top * 1.0000001
    assert top <= highest * 1.5000001
    assert 3 <= parts <= 5


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_it_refuses_what_cannot_be_drawn(value):
    with pytest.raises(ChartRefused):
        sparkline([1.0, value])


def test_it_refuses_labels_that_do_not_fit():
    with pytest.raises(ChartRefused, match="2 labels do not fit 1 values"):
        step_chart([1.0], labels=["a", "b"])
