"""Models that nobody would describe: bounded time, and a sentence instead of a number."""

import math
from dataclasses import replace

import numpy as np
import pytest

from exposure.logic.paths import worlds
from exposure.logic.paths.draws import MAX_WORLDS
from exposure.logic.paths.graph import NONE, Graph, graph_of, indexed
from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step, Target
from exposure.logic.paths.worlds import sample
from tests.exposure.logic.paths.plants import lively_model


def test_chances_of_zero_and_one_are_exact():
    steps = (
        Step("never", "a", ("net:internet",), ("no",)),
        Step("always", "b", ("net:internet",), ("yes",)),
        Step("both", "c", ("a", "b")),
    )
    model = AttackModel(
        causes=(
            Cause("no", "finding", "1", "no", 0.0, "E0"),
            Cause("yes", "finding", "2", "yes", 1.0, "E4"),
        ),
        steps=steps,
        targets=tuple(Target(name, name, 1) for name in "abc"),
    )

    assert sample(graph_of(model), count=999, seed=1).reaches.tolist() == [0, 1, 0]


@pytest.mark.parametrize("chance", [math.nan, -0.01, 1.01, math.inf])
def test_what_is_no_chance_is_refused(chance):
    graph = replace(graph_of(lively_model(1)), chance=np.full(6, chance))

    with pytest.raises(ModelRefused, match="not a number from 0 to 1"):
        sample(graph, count=8, seed=1)


def test_what_is_no_chance_is_refused_with_the_name_of_the_cause():
    with pytest.raises(ModelRefused, match="rule 22"):
        AttackModel(causes=(Cause("x", "conduit", "x", "rule 22", math.nan, "E2"),))


@pytest.mark.parametrize("count", [0, -1, MAX_WORLDS + 1])
def test_an_absurd_number_of_worlds_is_refused(count):
    with pytest.raises(ModelRefused, match="worlds"):
        sample(graph_of(AttackModel()), count=count, seed=1)


def test_a_model_of_nothing_has_no_exposure():
    sampled = sample(graph_of(AttackModel()), count=100, seed=1)

    assert sampled.exposure == 0.0
    assert sampled.reaches.tolist() == []
    assert sampled.lines.shape == (0, 2)


def test_a_line_that_nothing_leads_to_is_never_lost():
    model = AttackModel(targets=(Target("L", "island", 10),))

    assert sample(graph_of(model), count=100, seed=1).reaches.tolist() == [0.0]


@pytest.mark.parametrize("compiled", [True, False])
def test_circles_self_loops_and_islands_end_and_win_nothing(compiled, monkeypatch):
    monkeypatch.setattr(worlds, "COMPILED", compiled and worlds.COMPILED)
    first, head = [0, 1, 2, 2, 3, 4], [1, 2, 1, 2, 4, 3]  # 3 and 4 hold each other
    names = tuple(str(number) for number in range(5))
    graph = arrays(np.array(first), np.array(head), facts=names)

    assert sample(graph, count=64, seed=1).hits.tolist() == [64, 64, 64, 0, 0]


def test_a_line_that_is_lost_from_the_start_is_lost_in_every_world():
    model = AttackModel(targets=(Target("L", "net:internet", 3),))

    assert sample(graph_of(model), count=100, seed=1).exposure == 3.0


@pytest.mark.parametrize("compiled", [True, False])
def test_a_hundred_thousand_steps_from_one_fact_are_taken_once_each(
    compiled, monkeypatch
):
    monkeypatch.setattr(worlds, "COMPILED", compiled and worlds.COMPILED)
    many = 100_000
    spokes = np.arange(2, many + 2)  # a hub, very many facts, and from each to the line
    graph = arrays(
        np.concatenate([np.zeros(many), spokes]),
        np.concatenate([spokes, np.ones(many)]),
        facts=tuple(str(number) for number in range(many + 2)),
    )

    sampled = sample(graph, count=512, seed=1)

    assert sampled.reaches.tolist() == [1.0]
    assert (sampled.hits == 512).all()


def arrays(first: np.ndarray, head: np.ndarray, *, facts: tuple[str, ...]) -> Graph:
    """Steps of one fact and no cause, as no compiler would write them; line L is fact 1."""
    none = np.full(len(first), NONE, np.int32)
    return indexed(
        facts=facts,
        cause_ids=(),
        line_ids=("L",),
        first=first.astype(np.int32),
        second=none,
        head=head.astype(np.int32),
        cause=none,
        origin=np.arange(len(first), dtype=np.int32),
        chance=np.zeros(0),
        width=np.zeros(0),
        key=np.zeros(0, np.uint64),
        target=np.array([1], np.int32),
        points=np.ones(1),
    )


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((Step("s", "a", ()),), "starts from nothing"),
        ((Step("s", "a", ("b",), ("ghost",)),), "ghost"),
        ((Step("s", "a", ("b",)), Step("s", "a", ("c",))), "same id"),
    ],
)
def test_a_model_that_points_at_nothing_is_refused(steps, sentence):
    with pytest.raises(ModelRefused, match=sentence):
        AttackModel(steps=steps)
