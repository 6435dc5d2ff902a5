"""Ticked changes are counted and placed as a plan of exactly these would be."""

import random

import pytest

from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.board import order_to_make, work_by_line
from exposure.logic.paths.plans.items import Limits, PlanRefused
from exposure.logic.paths.plans.plan import Settings, judged, plan
from exposure.logic.paths.whatif import WhatIf
from tests.exposure.logic.paths.plannable import change, exposed, routes, window

SETTINGS = Settings("board", worlds=512, fresh_worlds=700, points=2)


def test_a_ticked_set_is_counted_to_the_bit_as_a_plan_of_it() -> None:
    luck = random.Random(6)  # noqa: S311 - reproducible, not a secret
    for model, changes, _, _ in exposed(8):
        graph, allowed = graph_of(model), Allowed(changes, Limits())
        board = WhatIf(
            graph,
            [row.edit for row in changes],
            seed=seed_number(SETTINGS.seed),
            worlds=SETTINGS.fresh_worlds,
        )
        whole = plan(graph, changes, Limits(), settings=SETTINGS)
        known = {row.id: row.removes_alone for row in whole.changes}
        alone = [known[row.id] for row in changes]
        for _ in range(4):
            some = luck.sample(changes, luck.randint(1, len(changes)))
            chosen = allowed.with_needs([allowed.number[row.id] for row in some])
            if allowed.contradiction(chosen):
                continue
            ids = [changes[place].id for place in chosen]

            answer = judged(graph, changes, Limits(), ids, settings=SETTINGS)
            counted = board.ask(ids)
            order, quiet = order_to_make(allowed, chosen, alone=alone)

            made = [row for row in answer.changes if row.place]
            assert counted.after == answer.exposure
            assert counted.before == answer.exposure_before
            assert [changes[place].id for place in order] == [row.id for row in made]
            assert not any(row.downtime for row in made[:quiet])
            assert quiet == len(made) or made[quiet].downtime
            assert {row.line_id: row.reach_after for row in counted.lines} == {
                row.line_id: row.reach for row in answer.lines
            }


def test_nothing_is_proven_of_a_set_that_was_ticked() -> None:
    graph = graph_of(routes(f1=[(0.9,), (0.8,)]))
    changes = [change("a", ["f100"]), change("b", ["f110"])]

    answer = judged(graph, changes, Limits(), ["a"], settings=SETTINGS)

    assert not answer.is_proven
    assert answer.bound == 0.0
    assert answer.is_complete
    assert [point.change_ids for point in answer.frontier] == [("a",)]
    assert [row.id for row in answer.changes if row.place] == ["a"]


@pytest.mark.parametrize(
    ("ids", "limits", "words"),
    [
        (["nobody"], Limits(), "nobody is not one of those"),
        (["a", "b"], Limits(), "can be changed in one way only"),
        (["c"], Limits(), "needs another change first"),
        (["a"], Limits(windows=(window("w", "f1", day=0, hours=1),)), "no room"),
    ],
)
def test_a_set_that_cannot_be_is_refused_in_words(
    ids: list[str], limits: Limits, words: str
) -> None:
    changes = [
        change("a", ["f100"], downtime={"f1": 2}, group="g"),
        change("b", ["f100"], group="g"),
        change("c", ["f100"], needs=("a",)),
    ]
    graph = graph_of(routes(f1=[(0.9,)]))

    with pytest.raises(PlanRefused, match=words):
        judged(graph, changes, limits, ids, settings=SETTINGS)


def test_work_goes_where_the_planner_puts_it_and_a_line_adds_up() -> None:
    changes = [
        change("a", downtime={"f1": 1}),
        change("b", downtime={"f1": 2, "f2": 0.5}),
        change("c"),
    ]
    windows = (
        window("small", "f1", day=0, hours=1),
        window("big", "f1", day=1, hours=2.5),
    )
    allowed = Allowed(changes, Limits(windows=windows))

    first, second = work_by_line(allowed, [0, 1, 2])

    assert (first.line_id, first.hours, first.windows, first.room) == ("f1", 3, 2, 0.5)
    found = [(row.change_id, row.window and row.window.id) for row in first.works]
    assert found == [("a", "small"), ("b", "big")]
    assert allowed.placed([0]) == {(0, "f1"): 0}
    assert (second.line_id, second.windows) == ("f2", 0)
    assert [row.window for row in second.works] == [None]


def test_what_finds_no_room_is_named_and_the_rest_still_has_its_window() -> None:
    changes = [change(name, downtime={"f1": 2}) for name in "abc"]
    windows = (window("w", "f1", day=0, hours=3),)

    [row] = work_by_line(Allowed(changes, Limits(windows=windows)), [0, 1, 2])

    assert [work.window is None for work in row.works] == [False, True, True]
    assert row.room == 1.0


def test_what_a_ticked_change_needs_may_be_left_unticked():
    needed = change("first", ["x"])
    changes = [needed, change("then", ["y"], needs=(needed.id,))]
    allowed = Allowed(changes, Limits())

    order, _ = order_to_make(allowed, [1], alone=[0.0, 1.0])

    assert order == [1]
    assert "needs another change first" in allowed.contradiction([1])
