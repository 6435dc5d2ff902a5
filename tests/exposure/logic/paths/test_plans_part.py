"""A plan for some lines is made with what leads to them, and that is all it takes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.plans import part
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits, PlanRefused
from exposure.logic.paths.plans.part import part_for, to_plan_with
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import LineRow
from exposure.logic.paths.worlds import sample
from tests.exposure.logic.paths.plannable import change, routes
from tests.exposure.logic.paths.plants import CALM, lively_model
from tests.exposure.logic.paths.random_plants import random_plant

SETTINGS = Settings(seed="part", worlds=512, fresh_worlds=512)


@CALM
@given(st.integers(0, 10**9).map(lively_model), st.data())
def test_a_line_is_lost_in_the_same_worlds_as_in_the_whole_plant(model, data):
    graph = graph_of(model)
    lines = data.draw(st.sets(st.sampled_from(graph.line_ids)))

    some = part_for(graph, lines)

    assert set(some.line_ids) == lines
    whole, alone = (sample(each, count=100, seed=3) for each in (graph, some))
    places = [graph.line_ids.index(each) for each in some.line_ids]
    assert np.array_equal(alone.lines, whole.lines[places])
    assert np.isin(some.origin, graph.origin).all()


def two_lines():
    """Two doors to one line, and one to another."""
    return graph_of(routes(near=[(0.5,), (0.5,)], far=[(0.5,)]))


def test_a_plan_for_one_line_offers_what_ends_a_way_to_it_and_what_that_needs():
    changes = [
        change("one", ["near00"]),
        change("both", ["near10", "far00"], needs=("stop",)),
        change("other", ["far00"]),
        change("stop", ["far00"]),
    ]

    graph, offered = to_plan_with(two_lines(), changes, lines=["near"], named=())

    assert graph.line_ids == ("near",)
    assert [row.id for row in offered] == ["one", "both", "stop"]
    assert set(offered[1].edit.keep) == {"near10"}
    assert not offered[2].edit.keep


def test_what_somebody_named_stays_so_that_it_can_be_fixed():
    changes = [change("one", ["near00"]), change("other", ["far00"])]

    graph, offered = to_plan_with(
        two_lines(), changes, lines=["near"], named=["other", "gone"]
    )
    made = plan(graph, offered, Limits(fixed=frozenset(["other"])), settings=SETTINGS)

    assert {row.id for row in made.changes if row.place} == {"one", "other"}
    assert [row.line_id for row in made.lines] == ["near"]


def test_a_plan_for_a_line_leaves_as_much_of_it_as_one_that_sees_everything():
    for seed in range(30):
        plant = replace(
            random_plant(seed), lines=(LineRow("l", "L", 10), LineRow("m", "M", 0))
        )
        compiled = compile_plant(plant, policy=ScoringPolicy())
        changes = candidates_of(compiled.causes, compiled.plant)
        graph, offered = to_plan_with(compiled.graph, changes, lines=["l"], named=())
        whole, alone = (
            plan(each, rows, Limits(hours=4), settings=SETTINGS)
            for each, rows in ((compiled.graph, changes), (graph, offered))
        )

        assert alone.exposure_before == whole.exposure_before
        assert alone.bound == pytest.approx(whole.bound)


def test_few_changes_for_all_lines_stay_as_they_are_and_many_are_thinned_out(
    monkeypatch,
):
    graph = graph_of(routes(near=[(0.5,)]))
    changes = [change("one", ["near00"]), change("idle", [])]
    assert to_plan_with(graph, changes, lines=None, named=()) == (graph, changes)

    monkeypatch.setattr(part, "MOST_CHANGES", 1)
    _, offered = to_plan_with(graph, changes, lines=None, named=())

    assert [row.id for row in offered] == ["one"]


def test_too_many_changes_are_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr("exposure.logic.paths.plans.items.MOST_CHANGES", 1)
    changes = [change("one", ["near00"]), change("two", ["near10"])]

    with pytest.raises(PlanRefused, match="Make a plan for one site"):
        plan(two_lines(), changes, Limits(), settings=SETTINGS)
