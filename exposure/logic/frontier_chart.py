"""Geometry of the curve of exposure left against downtime: a step down for each plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exposure.logic.charts import ChartRefused, GridLine, Tick, round_top

WIDTH, HEIGHT = 560.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 16.0, 46.0
GRID = 4

At = Callable[[float, float], tuple[str, str]]
"""From hours of downtime and units to a place in the drawing."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One set of changes: where it stands; `is_on`: it is the plan itself."""

    x: str
    y: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class FrontierChart:
    """Finished text in SVG units; `line` and `area` are `d` attributes."""

    view_box: str
    line: str
    area: str
    dots: tuple[Dot, ...]
    grid: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    caption: Tick


def frontier_chart(
    points: Sequence[tuple[float, float]], *, before: float, chosen: int = -1
) -> FrontierChart:
    """Return the curve through (hours of downtime, units left), downtime ascending.

    It begins at what is lost today, with no downtime. `chosen` is the place of the
    plan among the points, -1 for none. Raises `ChartRefused` for what is no number.
    """
    for value in (before, *(each for point in points for each in point)):
        if not 0.0 <= value < 1e12:  # NaN fails every comparison
            raise ChartRefused(f"A chart cannot show the value {value}.")
    widest = round_top(max((downtime for downtime, _ in points), default=0.0))
    highest = round_top(max([before, *(units for _, units in points)]))

    def at(downtime: float, units: float) -> tuple[str, str]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * downtime / widest
        down = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - units / highest)
        return f"{across:.1f}", f"{down:.1f}"

    places = [at(0.0, before), *(at(*point) for point in points)]
    floor, right = at(0.0, 0.0)[1], at(widest, 0.0)[0]
    line = f"M{places[0][0]} {places[0][1]}" + "".join(
        f"H{x}V{y}" for x, y in places[1:]
    )
    line += f"H{right}"
    return FrontierChart(
        view_box=f"0 0 {WIDTH:g} {HEIGHT:g}",
        line=line,
        area=f"{line}V{floor}H{places[0][0]}Z",
        dots=tuple(
            Dot(x, y, number == chosen)
            for number, (x, y) in enumerate(places, start=-1)
        ),
        grid=tuple(_grid(part * highest / GRID, at) for part in range(GRID + 1)),
        ticks=tuple(_tick(part * widest / GRID, at) for part in range(GRID + 1)),
        caption=Tick(
            x=f"{(LEFT + WIDTH - RIGHT) / 2:.1f}",
            y=f"{HEIGHT - 6:.1f}",
            label="Production downtime, hours",
            anchor="middle",
        ),
    )


def _grid(units: float, at: At) -> GridLine:
    _, y = at(0.0, units)
    label = Tick(f"{LEFT - 8:.1f}", f"{float(y) + 4:.1f}", f"{units:g}", "end")
    return GridLine(f"{LEFT:.1f}", f"{WIDTH - RIGHT:.1f}", y, label)


def _tick(hours: float, at: At) -> Tick:
    x, _ = at(hours, 0.0)
    return Tick(x, f"{HEIGHT - BOTTOM + 18:.1f}", f"{hours:g}", "middle")
