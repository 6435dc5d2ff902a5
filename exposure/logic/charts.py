"""Geometry of the small charts: a step line over time, and a sparkline.

All coordinates are finished text in SVG units, so a template prints them as they are
and no language setting can turn a decimal point into a comma.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import DomainError


class ChartRefused(DomainError, ValueError):
    """Values that cannot be drawn, with the one that is wrong."""


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """Sizes in SVG units: the drawing and the margins around the plot."""

    width: float = 640.0
    height: float = 210.0
    left: float = 40.0
    right: float = 14.0
    top: float = 16.0
    bottom: float = 26.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis. `x`, `y` are where its text stands; `anchor` is SVG's."""

    x: str
    y: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class GridLine:
    """A horizontal line over the plot from `x1` to `x2` at `y`, with its label."""

    x1: str
    x2: str
    y: str
    tick: Tick


@dataclass(frozen=True, slots=True)
class StepChart:
    """A value over time that stays until it changes.

    Draw `<svg viewBox="{{ view_box }}">`; `area` and `line` are `d` attributes; the dot
    marks the newest value at `dot_x`, `dot_y`. No values: both are "" and so is the dot.
    """

    view_box: str
    area: str
    line: str
    dot_x: str
    dot_y: str
    grid: tuple[GridLine, ...]
    labels: tuple[Tick, ...]


SPARK = ChartStyle(width=120.0, height=32.0, left=4.0, right=4.0, top=4.0, bottom=4.0)
PLAIN = ChartStyle()
MOST_PARTS = 5
SMALLEST = 1e-9  # less is drawn as nothing


def sparkline(values: Sequence[float]) -> StepChart:
    """Return 120 x 32 units of step line without axis. Raises `ChartRefused`."""
    return step_chart(values, style=SPARK, grid=False)


def step_chart(
    values: Sequence[float],
    *,
    labels: Sequence[str] = (),
    style: ChartStyle = PLAIN,
    grid: bool = True,
) -> StepChart:
    """Return the geometry of values at equal distances, from 0 up to a round number.

    `labels` stand below the values, one each; "" leaves one out. Raises `ChartRefused`
    for a value that is negative or not finite, and for labels that do not match.
    """
    _check(values, labels)
    top, parts = axis_to(max(values, default=0.0))
    points = [
        (_x(spot, len(values), style), _y(v, top, style))
        for spot, v in enumerate(values)
    ]
    line = _steps(points)
    floor = _number(style.height - style.bottom)
    first = _number(style.left)
    return StepChart(
        view_box=f"0 0 {style.width:g} {style.height:g}",
        area=f"{line}V{floor}H{first}Z" if line else "",
        line=line,
        dot_x=_number(points[-1][0]) if points else "",
        dot_y=_number(points[-1][1]) if points else "",
        grid=tuple(
            _grid_line(top * part / parts, top, style)
            for part in range(parts + 1 if grid else 0)
        ),
        labels=tuple(
            Tick(
                x=_number(_x(spot, len(values), style)),
                y=_number(style.height - 8.0),
                label=label,
                anchor=_anchor(spot, len(values)),
            )
            for spot, label in enumerate(labels)
            if label
        ),
    )


def axis_to(highest: float) -> tuple[float, int]:
    """Return where an axis from 0 ends, and into how many parts it falls: three to five.

    A part is 1, 2, 2.5 or 5 x 10^n; the axis ends as near above `highest` as that allows.

    >>> axis_to(25.8), axis_to(10.2), axis_to(3.2), axis_to(0.0)
    ((30.0, 3), (12.5, 5), (4.0, 4), (1.0, 4))
    """
    if highest < SMALLEST:
        return 1.0, 4
    power = math.floor(math.log10(highest)) - 1
    parts = [float(f"{step}e{power}") for step in (1, 2, 2.5, 5, 10, 20, 25, 50)]
    ends = [(part, max(3, math.ceil(highest / part))) for part in parts]
    return min((part * count, count) for part, count in ends if count <= MOST_PARTS)


def round_top(highest: float) -> float:
    """Return the smallest of 1, 2, 4, 5, 8 x 10^n that is not below `highest`.

    >>> round_top(25.8), round_top(0.0), round_top(3.2)
    (40.0, 1.0, 4.0)
    """
    if highest <= 0.0:
        return 1.0
    power = math.floor(math.log10(highest))
    tops = [float(f"{step}e{power}") for step in (1, 2, 4, 5, 8, 10)]
    return next((top for top in tops if top >= highest), tops[-1])


def _check(values: Sequence[float], labels: Sequence[str]) -> None:
    for value in values:
        if not 0.0 <= value < 1e12:  # NaN fails every comparison
            raise ChartRefused(f"A chart cannot show the value {value}.")
    if labels and len(labels) != len(values):
        raise ChartRefused(f"{len(labels)} labels do not fit {len(values)} values.")


def _x(spot: int, count: int, style: ChartStyle) -> float:
    """One value alone stands at the left."""
    span = style.width - style.left - style.right
    return style.left + (spot * span / (count - 1) if count > 1 else 0.0)


def _y(value: float, top: float, style: ChartStyle) -> float:
    span = style.height - style.top - style.bottom
    return style.top + (1.0 - value / top) * span


def _steps(points: Sequence[tuple[float, float]]) -> str:
    if not points:
        return ""
    (x, y), *rest = points
    moves = (f"H{_number(x)}V{_number(y)}" for x, y in rest)
    return f"M{_number(x)} {_number(y)}" + "".join(moves)


def _grid_line(value: float, top: float, style: ChartStyle) -> GridLine:
    y = _y(value, top, style)
    return GridLine(
        x1=_number(style.left),
        x2=_number(style.width - style.right),
        y=_number(y),
        tick=Tick(
            x=_number(style.left - 8.0),
            y=_number(y + 4.0),
            label=f"{value:g}",
            anchor="end",
        ),
    )


def _anchor(spot: int, count: int) -> str:
    if spot == 0:
        return "start"
    return "end" if spot == count - 1 else "middle"


def _number(value: float) -> str:
    return f"{value:.1f}"
