"""Arrows as SVG path data: straight through rows, bending only between them."""

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

CLEARANCE = 4.0
TIP = 8.0
TIP_HALF = 5.0


def number(value: float) -> str:
    """Return a coordinate as text: one decimal, a point, no minus zero."""
    return f"{round(value, 1) + 0.0:.1f}"


def curve(points: Sequence[Point], *, half_height: float) -> str:
    """Return the `d` of an arrow from box to box, up to where its tip begins.

    `points` are the centres of both boxes and of the places between them.
    """
    stations = _stations(points, half_height=half_height)
    x, y = stations[0]
    parts = [f"M{number(x)} {number(y)}"]
    for (x0, y0), (x1, y1) in pairwise(stations):
        if abs(x1 - x0) < 0.05:
            parts.append(f"V{number(y1)}")
            continue
        half = number((y0 + y1) / 2)
        parts.append(
            f"C{number(x0)} {half} {number(x1)} {half} {number(x1)} {number(y1)}"
        )
    return "".join(parts)


def arrow_head(points: Sequence[Point], *, half_height: float) -> str:
    """Return the `d` of the filled tip that touches the last box."""
    way = _direction(points)
    x, y = points[-1]
    return (
        f"M{number(x)} {number(y - way * half_height)}"
        f"l{number(-TIP_HALF)} {number(-way * TIP)}h{number(2 * TIP_HALF)}z"
    )


def middle(points: Sequence[Point], *, half_height: float) -> Point:
    """Return a point on the arrow, halfway along its first bend."""
    (x0, y0), (x1, y1), *_ = _stations(points, half_height=half_height)
    return (x0 + x1) / 2, (y0 + y1) / 2


def _direction(points: Sequence[Point]) -> float:
    return 1.0 if points[-1][1] >= points[0][1] else -1.0


def _stations(points: Sequence[Point], *, half_height: float) -> list[Point]:
    way = _direction(points)
    edge = way * half_height
    past = way * (half_height + CLEARANCE)
    (first_x, first_y), *between, (last_x, last_y) = points
    stations = [(first_x, first_y + edge)]
    for x, y in between:
        stations += [(x, y - past), (x, y + past)]
    stations.append((last_x, last_y - edge - way * TIP))
    return stations
