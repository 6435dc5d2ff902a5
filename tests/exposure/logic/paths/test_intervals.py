"""How far the numbers would move if the chances were other ones."""

import math
from dataclasses import replace

import numpy as np
import pytest

from exposure.logic.paths.graph import Graph, graph_of
from exposure.logic.paths.intervals import intervals, redraws
from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step, Target
from exposure.logic.paths.worlds import sample
from tests.exposure.logic.paths.plants import lively_model


def one_step(chance: float, width: float) -> Graph:
    causes = (Cause("c", "finding", "c", "c", chance, "E2", width),)
    steps = (Step("s", "line", ("net:internet",), ("c",)),)
    return graph_of(
        AttackModel(causes=causes, steps=steps, targets=(Target("L", "line", 10),))
    )


def many(chance: float, width: float) -> Graph:
    """A graph of nothing but causes that are known equally well."""
    names = [f"c{number}" for number in range(2_000)]
    causes = tuple(
        Cause(one, "finding", one, one, chance, "E2", width) for one in names
    )
    return graph_of(AttackModel(causes=causes))


@pytest.mark.parametrize("chance", [0.02, 0.32, 0.5, 0.9])
@pytest.mark.parametrize("width", [4.0, 20.0, 200.0])
def test_redrawn_chances_have_the_mean_and_the_spread_of_their_grade(chance, width):
    drawn = np.array(list(redraws(many(chance, width), seed=1)))

    deviation = math.sqrt(chance * (1 - chance) / (width + 1))
    assert drawn.mean() == pytest.approx(chance, abs=0.03 * deviation + 0.001)
    assert drawn.std() == pytest.approx(deviation, rel=0.05)


def test_what_is_certain_is_never_redrawn():
    graph = replace(many(0.5, 4.0), chance=np.array([0.0, 1.0] * 1_000))

    for chances in redraws(graph, seed=1):
        assert (chances == graph.chance).all()


@pytest.mark.parametrize("chance", [5e-324, 1e-12, 1 - 1e-16])
def test_what_is_nearly_certain_stays_a_chance(chance):
    for chances in redraws(many(chance, 4.0), seed=1):
        assert ((chances >= 0.0) & (chances <= 1.0)).all()


def test_the_luck_of_a_redraw_is_that_of_the_cause_alone():
    graph = many(0.3, 8.0)
    fewer = graph_of(
        AttackModel(causes=(Cause("c7", "finding", "c7", "c7", 0.3, "E2", 8.0),))
    )

    for one, other in zip(redraws(graph, seed=1), redraws(fewer, seed=1), strict=True):
        assert one[7] == other[0]


def test_a_better_grade_makes_a_narrower_interval():
    rows = []
    for width in (4.0, 20.0, 200.0):
        worlds = sample(one_step(0.4, width), count=10_240, seed=1)
        rows.append(intervals(worlds, seed=1).lines[0])

    spans = [row.high - row.low for row in rows]
    assert spans == sorted(spans, reverse=True)
    assert all(row.low < 0.4 < row.high for row in rows)


def test_the_interval_of_one_step_is_that_of_its_chance():
    worlds = sample(one_step(0.4, 20.0), count=10_240, seed=1)

    found = intervals(worlds, seed=1)

    chances = sorted(float(each[0]) for each in redraws(worlds.graph, seed=1))
    assert found.lines[0].low == pytest.approx(chances[1], abs=0.04)
    assert found.lines[0].high == pytest.approx(chances[-2], abs=0.04)
    assert found.exposure.high == pytest.approx(10 * found.lines[0].high)


def test_what_is_known_for_certain_has_no_interval():
    worlds = sample(one_step(1.0, 4.0), count=700, seed=1)

    found = intervals(worlds, seed=1)

    assert (found.lines[0].low, found.lines[0].high) == (1.0, 1.0)
    assert (found.exposure.low, found.exposure.high) == (10.0, 10.0)


@pytest.mark.parametrize("count", [1, 100, 600])
def test_few_worlds_are_enough_for_a_number_between_zero_and_one(count):
    for seed in range(8):
        worlds = sample(graph_of(lively_model(seed)), count=count, seed=seed)
        found = intervals(worlds, seed=seed)
        assert all(0.0 <= row.low <= row.high <= 1.0 for row in found.lines)
        assert found == intervals(worlds, seed=seed)


@pytest.mark.parametrize("width", [0.0, -1.0, math.nan, math.inf])
def test_a_strength_that_is_none_is_refused(width):
    worlds = sample(one_step(0.4, width), count=64, seed=1)

    with pytest.raises(ModelRefused, match="not a number above 0"):
        intervals(worlds, seed=1)


def test_a_model_of_nothing_has_an_empty_interval():
    found = intervals(sample(graph_of(AttackModel()), count=64, seed=1), seed=1)

    assert found.lines == ()
    assert (found.exposure.low, found.exposure.high) == (0.0, 0.0)
