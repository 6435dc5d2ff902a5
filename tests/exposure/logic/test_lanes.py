"""Boxes in lanes."""

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.lane_rows import crossings
from exposure.logic.lanes import (
    LaneBox,
    LaneLayout,
    LaneStyle,
    LayoutRefused,
    lay_out,
)

LANES = ("net", "office", "cell")
STYLE = LaneStyle()


def drawn(
    boxes: dict[str, str], edges: list[tuple[str, str]], spine: tuple[str, ...] = ()
) -> LaneLayout:
    rows = [LaneBox(box_id, lane) for box_id, lane in boxes.items()]
    return lay_out(rows, edges=edges, lanes=LANES, spine=spine)


def random_drawing(seed: int) -> tuple[dict[str, str], list[tuple[str, str]]]:
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    names = [f"n{number}" for number in range(luck.randint(1, 14))]
    boxes = {name: luck.choice(LANES) for name in names}
    edges = [(luck.choice(names), luck.choice(names)) for _ in range(20)]
    return boxes, edges


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_boxes_never_overlap_and_stand_in_their_lane(seed):
    boxes, edges = random_drawing(seed)

    layout = drawn(boxes, edges, spine=tuple(sorted(boxes)[:4]))

    bands = {band.lane: band for band in layout.bands}
    for box in layout.boxes:
        band = bands[boxes[box.id]]
        assert band.top + STYLE.box_height / 2 < box.y
        assert box.y < band.top + band.height - STYLE.box_height / 2
        assert STYLE.label_width <= box.x - STYLE.box_width / 2
        assert box.x + STYLE.box_width / 2 <= layout.width
    for one, other in combinations(layout.boxes, 2):
        apart = abs(one.x - other.x) >= STYLE.box_width + STYLE.gap - 1e-6
        assert apart or one.y != other.y


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_every_edge_goes_from_row_to_row_in_one_direction(seed):
    boxes, edges = random_drawing(seed)

    layout = drawn(boxes, edges)

    assert {(route.start, route.end) for route in layout.routes} == {
        edge for edge in edges if edge[0] != edge[1]
    }
    for route in layout.routes:
        heights = [y for _, y in route.points]
        assert heights in (sorted(heights), sorted(heights, reverse=True))
        assert len(set(heights)) == len(heights)


@settings(max_examples=30)
@given(st.integers(0, 10**9))
def test_the_order_of_the_input_means_nothing(seed):
    boxes, edges = random_drawing(seed)

    again = drawn(dict(reversed(boxes.items())), [*edges[::-1], *edges])

    assert again == drawn(boxes, edges)


def test_a_chain_inside_a_lane_gets_tiers_and_runs_down():
    layout = drawn(
        {"i": "net", "a": "office", "b": "office", "c": "cell"},
        [("i", "a"), ("a", "b"), ("b", "c")],
    )

    y = {box.id: box.y for box in layout.boxes}
    assert y["i"] < y["a"] < y["b"] < y["c"]
    assert layout.bands[1].height > layout.bands[0].height


def test_the_selected_path_is_one_straight_line():
    boxes = {"i": "net", "a": "office", "b": "office", "c": "office", "p": "cell"}
    edges = [("i", "a"), ("i", "b"), ("i", "c"), ("a", "p"), ("b", "p"), ("i", "p")]

    layout = drawn(boxes, edges, spine=("i", "c", "p"))

    x = {box.id: box.x for box in layout.boxes}
    assert x["i"] == x["c"] == x["p"]


def test_the_selected_path_runs_down_even_in_a_ring():
    boxes = {"a": "cell", "b": "cell", "c": "cell"}
    ring = [("a", "b"), ("b", "c"), ("c", "a")]

    layout = drawn(boxes, ring, spine=("b", "c", "a"))

    y = {box.id: box.y for box in layout.boxes}
    assert y["b"] < y["c"] < y["a"]


def test_it_untangles_what_can_be_untangled():
    boxes = {"a": "net", "b": "net", "x": "cell", "y": "cell"}

    layout = drawn(boxes, [("a", "y"), ("b", "x")])

    assert layout.crossings == 0


def test_it_counts_crossings():
    down = [[3], [2], [], []]

    assert crossings([[0, 1], [2, 3]], down) == 1
    assert crossings([[1, 0], [2, 3]], down) == 0


def test_a_long_edge_passes_between_boxes():
    layout = drawn({"i": "net", "a": "office", "p": "cell"}, [("i", "a"), ("i", "p")])

    (long,) = [route for route in layout.routes if route.end == "p"]
    assert len(long.points) == 3
    assert all(one != other for one, other in pairwise(long.points))


def test_lanes_without_a_box_are_left_out():
    layout = drawn({"i": "net", "p": "cell"}, [("i", "p")])

    assert [band.lane for band in layout.bands] == ["net", "cell"]


def test_nothing_to_draw_is_an_empty_drawing():
    layout = drawn({}, [])

    assert (layout.boxes, layout.routes, layout.bands, layout.height) == ((), (), (), 0)


@pytest.mark.parametrize(
    ("boxes", "edges", "sentence"),
    [
        ({"a": "moon"}, [], "moon"),
        ({"a": "net"}, [("a", "ghost")], "ghost"),
    ],
)
def test_it_refuses_what_has_no_place(boxes, edges, sentence):
    with pytest.raises(LayoutRefused, match=sentence):
        drawn(boxes, edges)
