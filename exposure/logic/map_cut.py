"""Where the best place to cut is drawn on the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.drawn_words import short
from exposure.logic.lanes import LaneLayout, LaneStyle
from exposure.logic.map_choice import Chosen, box_key
from exposure.logic.map_lines import middle, number
from exposure.logic.paths.on_hop import changes_on
from exposure.logic.paths.results import CauseRow, ChangeValue

STYLE = LaneStyle(min_width=900.0)
CUT_CHARACTER = 6.4  # mean width of a letter of the label, in SVG units
CUT_GAP = 14.0


@dataclass(frozen=True, slots=True)
class MapCut:
    """The best place to cut on the selected path.

    A circle of radius 8 at `x`, `y` with a cross (`cross` is a `d` attribute), and a
    rectangle at `box_x`, `box_y`, `box_width` x `box_height` with `label` centred at
    `text_x`, baseline `text_y`. `change_id` names the change in the analysis.
    """

    x: str
    y: str
    cross: str
    box_x: str
    box_y: str
    box_width: str
    box_height: str
    text_x: str
    text_y: str
    label: str
    change_id: str


def best_cut(
    chosen: Chosen,
    layout: LaneLayout,
    changes: Sequence[ChangeValue],
    causes: Mapping[str, CauseRow],
) -> tuple[MapCut | None, float]:
    """Mark the change that removes most of all changes on the selected path.

    Return it with the width of the drawing, which grows where the label needs it.
    """
    routes = {(route.start, route.end): route for route in layout.routes}
    drawn = []
    for hop in chosen.selected.hops if chosen.selected else ():
        start = box_key(hop.from_kind, hop.from_id)
        route = routes.get((start, box_key(hop.to_kind, hop.to_id)))
        if route:
            on_hop = {row.id for row in changes_on(hop, changes, causes)}
            drawn.append((route, on_hop))
    for change in changes:
        for route, on_hop in drawn if change.removes else ():
            if change.id in on_hop:
                at = middle(route.points, half_height=STYLE.box_height / 2)
                return _cut_at(*at, change=change, width=layout.width)
    return None, layout.width


def _cut_at(
    x: float, y: float, *, change: ChangeValue, width: float
) -> tuple[MapCut, float]:
    label = f"{short(change.label)} · removes {change.removes:.1f}"
    wide = CUT_CHARACTER * len(label) + 2 * CUT_GAP
    left = x + CUT_GAP
    cut = MapCut(
        x=number(x),
        y=number(y),
        cross=f"M{number(x - 4)} {number(y - 4)}l8 8m0 -8l-8 8",
        box_x=number(left),
        box_y=number(y - 12),
        box_width=number(wide),
        box_height=number(24),
        text_x=number(left + wide / 2),
        text_y=number(y + 4),
        label=label,
        change_id=change.id,
    )
    return cut, max(width, left + wide + STYLE.margin)
