"""Geometry of the curve of exposure left against downtime: a step down for each plan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from exposure.logic.charts import ChartRefused, GridLine, Tick, round_top
from exposure.logic.drawn_words import Box, first_free, shortened

WIDTH, HEIGHT = 560.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 16.0, 46.0
GRID = 4

DOT = 6.0
"""Room around the middle of a dot that no words cover."""

LONGEST = 230.0
"""So wide are the words at a dot at most."""

At = Callable[[float, float], tuple[str, str]]
"""From hours of downtime and units to a place in the drawing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A set of changes: hours of downtime, units left, and what to call it ("": nothing)."""

    downtime: float
    units: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """One set of changes: where it stands; `is_on`: it is the one that is looked at.

    `label` are its words, None where they would cover others.
    """

    x: str
    y: str
    is_on: bool
    label: Tick | None = None


@dataclass(frozen=True, slots=True)
class FrontierChart:
    """Finished text in SVG units; `line`, `area` and `guide` are `d` attributes.

    `guide` leads from the set that is looked at to both axes, "" when there is none.
    """

    view_box: str
    line: str
    area: str
    guide: str
    dots: tuple[Dot, ...]
    grid: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    caption: Tick


def frontier_chart(
    spots: Sequence[Spot],
    *,
    before: float,
    chosen: int = -1,
    ticked: Spot | None = None,
) -> FrontierChart:
    """Return the curve through the spots, downtime ascending.

    It begins at what is lost today, with no downtime. `chosen` is the place of the
    plan among the spots, -1 for none. `ticked` is a set that is not on the curve: then
    it is what is looked at, and not the plan. Words cover neither a dot nor each
    other, and stay inside. Raises `ChartRefused` for what is no number.
    """
    all_spots = [Spot(0.0, before, "today"), *spots, *([ticked] if ticked else [])]
    for value in (each for spot in all_spots for each in (spot.downtime, spot.units)):
        if not 0.0 <= value < 1e12:  # NaN fails every comparison
            raise ChartRefused(f"A chart cannot show the value {value}.")
    widest = round_top(max(spot.downtime for spot in all_spots))
    highest = round_top(max(spot.units for spot in all_spots))

    def at(downtime: float, units: float) -> tuple[str, str]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * downtime / widest
        down = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - units / highest)
        return f"{across:.1f}", f"{down:.1f}"

    places = [at(spot.downtime, spot.units) for spot in all_spots]
    on = len(places) - 1 if ticked else chosen + 1 if chosen >= 0 else -1
    floor, right = at(0.0, 0.0)[1], at(widest, 0.0)[0]
    curve = places[: len(spots) + 1]
    line = f"M{curve[0][0]} {curve[0][1]}" + "".join(f"H{x}V{y}" for x, y in curve[1:])
    line += f"H{right}"
    return FrontierChart(
        view_box=f"0 0 {WIDTH:g} {HEIGHT:g}",
        line=line,
        area=f"{line}V{floor}H{curve[0][0]}Z",
        guide=f"M{LEFT:.1f} {places[on][1]}H{places[on][0]}V{floor}" if on >= 0 else "",
        dots=_dots(places, [spot.words for spot in all_spots], on=on, plan=chosen + 1),
        grid=tuple(_grid(part * highest / GRID, at) for part in range(GRID + 1)),
        ticks=tuple(_tick(part * widest / GRID, at) for part in range(GRID + 1)),
        caption=Tick(
            x=f"{(LEFT + WIDTH - RIGHT) / 2:.1f}",
            y=f"{HEIGHT - 6:.1f}",
            label="Production downtime, hours",
            anchor="middle",
        ),
    )


def _dots(
    places: Sequence[tuple[str, str]], words: Sequence[str], *, on: int, plan: int
) -> tuple[Dot, ...]:
    """Return the dots; words of what is looked at, the plan and today come first."""
    inside = Box(LEFT, 0.0, WIDTH, HEIGHT - BOTTOM)
    middles = [(float(x), float(y)) for x, y in places]
    taken = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in middles]
    labels: dict[int, Tick] = {}
    first = [place for place in (on, plan, 0) if place >= 0]
    for place in dict.fromkeys([*first, *range(len(places))]):
        said = shortened(words[place], room=LONGEST)
        free = said and first_free(
            _around(*middles[place]), said, taken=taken, inside=inside
        )
        if free:
            x, y, anchor, box = free
            taken.append(box)
            labels[place] = Tick(f"{x:.1f}", f"{y:.1f}", said, anchor)
    return tuple(
        Dot(x, y, place == on, labels.get(place)) for place, (x, y) in enumerate(places)
    )


def _around(x: float, y: float) -> Iterator[tuple[float, float, str]]:
    """Yield where words may stand: above the step first, where no line runs."""
    for down in (-8.0, 4.0, 18.0, -22.0, 32.0, -36.0):
        yield x + 10.0, y + down, "start"
        yield x - 10.0, y + down, "end"


def _grid(units: float, at: At) -> GridLine:
    _, y = at(0.0, units)
    label = Tick(f"{LEFT - 8:.1f}", f"{float(y) + 4:.1f}", f"{units:g}", "end")
    return GridLine(f"{LEFT:.1f}", f"{WIDTH - RIGHT:.1f}", y, label)


def _tick(hours: float, at: At) -> Tick:
    x, _ = at(hours, 0.0)
    return Tick(x, f"{HEIGHT - BOTTOM + 18:.1f}", f"{hours:g}", "middle")
