"""Swimlanes: where boxes stand and edges run when every lane is a level of the plant.

Sugiyama's layered method. A lane holds as many tiers as the longest chain inside it,
so every edge runs from row to row, and dummy points carry edges over the rows they
only pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from common.errors import DomainError
from exposure.logic.lane_rows import Rows, ordered, placed

Edge = tuple[str, str]


class LayoutRefused(DomainError, ValueError):
    """Boxes and edges that cannot be drawn, with the one that is wrong."""


@dataclass(frozen=True, slots=True)
class LaneStyle:
    """Sizes in SVG units. `label_width` is the free margin left of the boxes.

    A drawing narrower than `min_width` is widened, its boxes centred.
    """

    box_width: float = 158.0
    box_height: float = 46.0
    gap: float = 30.0
    dummy_width: float = 12.0
    tier_height: float = 84.0
    lane_padding: float = 23.0
    label_width: float = 124.0
    margin: float = 24.0
    min_width: float = 0.0


@dataclass(frozen=True, slots=True)
class LaneBox:
    """A box to place: its id and the lane it stands in."""

    id: str
    lane: str


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A placed box: its centre in SVG units."""

    id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Band:
    """One lane as a horizontal band: `top` and `height` in SVG units."""

    lane: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """An edge: the centres of its two boxes, and between them the points it passes."""

    start: str
    end: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class LaneLayout:
    """Everything placed. `crossings` counts edges that cross between two rows."""

    boxes: tuple[PlacedBox, ...]
    bands: tuple[Band, ...]
    routes: tuple[Route, ...]
    width: float
    height: float
    crossings: int


PLAIN = LaneStyle()


def lay_out(
    boxes: Iterable[LaneBox],
    *,
    edges: Iterable[Edge],
    lanes: Sequence[str],
    spine: Sequence[str] = (),
    style: LaneStyle = PLAIN,
) -> LaneLayout:
    """Return where everything stands; the same input in any order gives the same.

    `lanes` are the lane keys from top to bottom, `spine` the box ids of the selected
    path in order. Edges from a box to itself are left out, double edges drawn once.
    Raises `LayoutRefused` when a box names an unknown lane or an edge an unknown box.
    """
    lane_of = {box.id: box.lane for box in sorted(boxes, key=lambda box: box.id)}
    wanted = sorted({edge for edge in edges if edge[0] != edge[1]})
    _check(lane_of, wanted, lanes)
    selected = [edge for edge in pairwise(spine) if edge in wanted]
    tier = _tiers(lane_of, [*selected, *wanted])
    depth = dict.fromkeys(lanes, 0)
    for box_id, lane in lane_of.items():
        depth[lane] = max(depth[lane], tier[box_id] + 1)
    used = [lane for lane in lanes if depth[lane]]
    first = _first_rows(used, depth)
    row_of = {
        box_id: first[lane] + depth[lane] - 1 - tier[box_id]
        for box_id, lane in lane_of.items()
    }
    net = _Net(row_of, wanted, height=sum(depth.values()))
    rows, count = ordered(net.rows(selected, spine=spine, style=style))
    bands, y = _bands(used, depth, style=style)
    x, width = _shifted(placed(rows), rows, style=style)
    centre = [(x[point], y[net.row[point]]) for point in range(len(net.row))]
    return LaneLayout(
        boxes=tuple(
            PlacedBox(box_id, *centre[net.point[box_id]]) for box_id in lane_of
        ),
        bands=bands,
        routes=tuple(
            Route(*edge, tuple(centre[point] for point in net.chains[edge]))
            for edge in wanted
        ),
        width=width,
        height=sum(band.height for band in bands),
        crossings=count,
    )


def _check(lane_of: dict[str, str], edges: list[Edge], lanes: Sequence[str]) -> None:
    for box_id, lane in lane_of.items():
        if lane not in lanes:
            raise LayoutRefused(f"Box {box_id} stands in {lane}, which is not a lane.")
    for edge in edges:
        for box_id in edge:
            if box_id not in lane_of:
                raise LayoutRefused(f"An edge ends at {box_id}, which is not a box.")


def _tiers(lane_of: dict[str, str], edges: list[Edge]) -> dict[str, int]:
    """Return how many boxes stand below each one in its own lane.

    Edges that would close a cycle do not count; those of the selected path come
    first, so the selected path always runs down.
    """
    inside = nx.DiGraph()
    inside.add_nodes_from(lane_of)
    for start, end in edges:
        if lane_of[start] == lane_of[end] and not nx.has_path(inside, end, start):
            inside.add_edge(start, end)
    tier: dict[str, int] = {}
    for box_id in reversed(list(nx.topological_sort(inside))):
        below = [tier[other] + 1 for other in inside.successors(box_id)]
        tier[box_id] = max(below, default=0)
    return tier


def _first_rows(used: list[str], depth: dict[str, int]) -> dict[str, int]:
    first, number = {}, 0
    for lane in used:
        first[lane] = number
        number += depth[lane]
    return first


class _Net:
    """Boxes and dummies as numbered points, and the chain of points of each edge."""

    def __init__(self, row_of: dict[str, int], edges: list[Edge], *, height: int):
        self.point = {box_id: number for number, box_id in enumerate(row_of)}
        self.row = list(row_of.values())
        self.height = height
        self.chains: dict[Edge, list[int]] = {}
        for start, end in edges:
            one, other = row_of[start], row_of[end]
            direction = 1 if other > one else -1
            dummies = [
                self._dummy(number)
                for number in range(one + direction, other, direction)
            ]
            self.chains[start, end] = [self.point[start], *dummies, self.point[end]]

    def _dummy(self, row: int) -> int:
        self.row.append(row)
        return len(self.row) - 1

    def rows(
        self, selected: list[Edge], *, spine: Sequence[str], style: LaneStyle
    ) -> Rows:
        """Return the points as rows to order; links run from the upper to the lower."""
        rows: list[list[int]] = [[] for _ in range(self.height)]
        for point, row in enumerate(self.row):
            rows[row].append(point)
        up: list[list[int]] = [[] for _ in self.row]
        down: list[list[int]] = [[] for _ in self.row]
        for chain in self.chains.values():
            for pair in pairwise(chain):
                upper, lower = sorted(pair, key=self.row.__getitem__)
                down[upper].append(lower)
                up[lower].append(upper)
        boxes = len(self.point)
        on_spine = {self.point[box_id] for box_id in spine if box_id in self.point}
        return Rows(
            rows=rows,
            up=up,
            down=down,
            widths=[
                style.box_width if point < boxes else style.dummy_width
                for point in range(len(self.row))
            ],
            dummies=frozenset(range(boxes, len(self.row))),
            spine=frozenset(on_spine.union(*(self.chains[edge] for edge in selected))),
            gap=style.gap,
        )


def _bands(
    used: list[str], depth: dict[str, int], *, style: LaneStyle
) -> tuple[tuple[Band, ...], list[float]]:
    """Return the bands, and the y of the middle of each row."""
    bands: list[Band] = []
    middles: list[float] = []
    top = 0.0
    for lane in used:
        inner = (depth[lane] - 1) * style.tier_height + style.box_height
        bands.append(Band(lane, top, inner + 2 * style.lane_padding))
        first = top + style.lane_padding + style.box_height / 2
        middles += [first + tier * style.tier_height for tier in range(depth[lane])]
        top += bands[-1].height
    return tuple(bands), middles


def _shifted(
    x: list[float], rows: Rows, *, style: LaneStyle
) -> tuple[list[float], float]:
    """Return the positions right of the lane labels, and the width of the drawing."""
    halves = [width / 2 for width in rows.widths]
    left = min((at - half for at, half in zip(x, halves, strict=True)), default=0.0)
    shift = style.label_width + style.margin - left
    right = max((at + half for at, half in zip(x, halves, strict=True)), default=left)
    width = right + shift + style.margin
    spare = max(0.0, style.min_width - width)
    return [at + shift + spare / 2 for at in x], width + spare
