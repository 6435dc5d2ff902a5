"""The map of attack paths: boxes in lanes, edges, and the best place to cut.

The template that draws it escapes all text. Coordinates are finished text in SVG
units, so no language setting can turn a decimal point into a comma.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from exposure.logic.drawn_words import LONGEST_NAME, short
from exposure.logic.lanes import LaneBox, LaneLayout, PlacedBox, lay_out
from exposure.logic.map_choice import LANES, Chosen, choose
from exposure.logic.map_cut import STYLE, MapCut, best_cut
from exposure.logic.map_lines import arrow_head, curve, number
from exposure.logic.paths.results import FoundPath, PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot


@dataclass(frozen=True, slots=True)
class MapBand:
    """One lane. A rectangle from x = 0 over the full width at `y`, `height` high.

    `shaded` is True for every second one. `name` and `subtitle` ("" possible) are its
    label, with baselines at `name_y` and `subtitle_y`, both at x = 16.
    """

    y: str
    height: str
    shaded: bool
    name: str
    subtitle: str
    name_y: str
    subtitle_y: str


@dataclass(frozen=True, slots=True)
class MapBox:
    """One box: the internet, an asset (or several alike), or a line.

    `kind` is "internet", "asset" or "line"; `id` the asset or line id, "internet" for
    the internet. `key` is unique on the map. `x`, `y`, `width`, `height` are the rectangle; `name` (shortened;
    `full_name` is not) and `subtitle` are centred at `text_x` with baselines at
    `name_y` and `subtitle_y`. `on_path`: on the selected path. `is_hit`: the line at
    its end. `is_ghost`: a line that no path reaches. `stands_for` counts the alike
    assets folded into this box (1: just itself).
    """

    key: str
    id: str
    kind: str
    name: str
    full_name: str
    subtitle: str
    x: str
    y: str
    width: str
    height: str
    text_x: str
    name_y: str
    subtitle_y: str
    on_path: bool
    is_hit: bool
    is_ghost: bool
    stands_for: int


@dataclass(frozen=True, slots=True)
class MapEdge:
    """One arrow between the boxes with these keys. `d` is its line, `head` its filled tip, both `d` attributes.

    `basis` is "observed" (draw solid), "imported" (dashed) or "assumed" (dotted).
    `title` says the same in words. Edges of the selected path come last, on top.
    """

    from_key: str
    to_key: str
    d: str
    head: str
    basis: str
    on_path: bool
    title: str


@dataclass(frozen=True, slots=True)
class PathMap:
    """Everything a template needs: `<svg viewBox="{{ view_box }}">`, then bands, edges,
    boxes, cut in this order.

    `width` is that of the bands. `title` describes the picture for people who do not
    see it. `drawn` of `total` assets are shown; `selected` is the path drawn heavy, for
    the table of hops (None: no path at all). `summary` is one sentence.
    """

    view_box: str
    width: str
    title: str
    bands: tuple[MapBand, ...]
    edges: tuple[MapEdge, ...]
    boxes: tuple[MapBox, ...]
    cut: MapCut | None
    drawn: int
    total: int
    summary: str
    selected: FoundPath | None


def path_map(
    analysis: PathAnalysis,
    snapshot: PlantSnapshot,
    *,
    line_id: str = "",
    path_number: int = 0,
    cannot: Collection[str] = (),
) -> PathMap:
    """Return the map with one path selected: a line and which of its ways.

    `line_id` "" selects the line with most exposure, `path_number` 0 its best path, 1
    to 3 the others. What is asked for and not there falls back to these. At most 60
    assets are drawn, those of the selected path first. Nobody can make what is in
    `cannot` (ids of changes), so the cut is none of these.
    """
    chosen = choose(analysis, snapshot, line_id=line_id, path_number=path_number)
    layout = lay_out(
        [LaneBox(box.key, box.lane) for box in chosen.boxes],
        edges=[(edge.start, edge.end) for edge in chosen.edges],
        lanes=[lane for lane, _, _ in LANES],
        spine=chosen.spine,
        style=STYLE,
    )
    offered = [row for row in analysis.changes if row.id not in cannot]
    causes = {cause.id: cause for cause in analysis.causes}
    cut, width = best_cut(chosen, layout, offered, causes)
    return PathMap(
        view_box=f"0 0 {number(width)} {number(layout.height)}",
        width=number(width),
        title="Attack paths from the internet to production, drawn by Purdue level. "
        "The selected path is listed as text below.",
        bands=_bands(layout),
        edges=_edges(chosen, layout),
        boxes=_boxes(chosen, layout),
        cut=cut,
        drawn=chosen.drawn,
        total=len(snapshot.assets),
        summary=_summary(chosen, total=len(snapshot.assets)),
        selected=chosen.selected,
    )


def _bands(layout: LaneLayout) -> tuple[MapBand, ...]:
    words = {lane: (name, subtitle) for lane, name, subtitle in LANES}
    return tuple(
        MapBand(
            y=number(band.top),
            height=number(band.height),
            shaded=bool(spot % 2),
            name=words[band.lane][0],
            subtitle=words[band.lane][1],
            name_y=number(band.top + band.height / 2 - 2),
            subtitle_y=number(band.top + band.height / 2 + 15),
        )
        for spot, band in enumerate(layout.bands)
    )


def _boxes(chosen: Chosen, layout: LaneLayout) -> tuple[MapBox, ...]:
    places: dict[str, PlacedBox] = {place.id: place for place in layout.boxes}
    path = frozenset(chosen.spine)
    hit = chosen.spine[-1] if chosen.spine else ""
    in_reading_order = sorted(
        chosen.boxes, key=lambda box: (places[box.key].y, places[box.key].x)
    )
    return tuple(
        MapBox(
            key=box.key,
            id=box.id,
            kind=box.kind,
            name=short(box.name),
            full_name=box.name,
            subtitle=short(box.subtitle, longest=LONGEST_NAME + 4),
            x=number(places[box.key].x - STYLE.box_width / 2),
            y=number(places[box.key].y - STYLE.box_height / 2),
            width=number(STYLE.box_width),
            height=number(STYLE.box_height),
            text_x=number(places[box.key].x),
            name_y=number(places[box.key].y - 2),
            subtitle_y=number(places[box.key].y + 14),
            on_path=box.key in path,
            is_hit=box.key == hit,
            is_ghost=box.is_ghost,
            stands_for=box.stands_for,
        )
        for box in in_reading_order
    )


def _edges(chosen: Chosen, layout: LaneLayout) -> tuple[MapEdge, ...]:
    path = set(pairwise(chosen.spine))
    told = {(edge.start, edge.end): edge for edge in chosen.edges}
    routes = sorted(layout.routes, key=lambda route: (route.start, route.end) in path)
    half = STYLE.box_height / 2
    return tuple(
        MapEdge(
            from_key=route.start,
            to_key=route.end,
            d=curve(route.points, half_height=half),
            head=arrow_head(route.points, half_height=half),
            basis=told[route.start, route.end].basis,
            on_path=(route.start, route.end) in path,
            title=told[route.start, route.end].title,
        )
        for route in routes
    )


def _summary(chosen: Chosen, *, total: int) -> str:
    if chosen.selected is None:
        return "No path reaches production, by what is known."
    rest = f" {chosen.left_out} more are on further paths." if chosen.left_out else ""
    return f"Drawn: {chosen.drawn} of {total} assets, those on the paths found.{rest}"
