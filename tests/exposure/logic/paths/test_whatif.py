"""Ticking boxes gives what starting over gives, whatever was ticked before."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step, Target
from exposure.logic.paths.whatif import WhatIf, what_if
from exposure.logic.paths.worlds import sample
from tests.exposure.logic.paths.plain import without_a_compiler
from tests.exposure.logic.paths.plants import lively_model

SEED, WORLDS = 3, 600  # two blocks, the second one not full


def asked_afresh(model, edits, ticked, chances) -> WhatIf:
    """Start over with exactly this."""
    causes = tuple(
        replace(cause, p=chances.get(cause.id, cause.p)) for cause in model.causes
    )
    fresh = WhatIf(
        graph_of(replace(model, causes=causes)), edits, seed=SEED, worlds=WORLDS
    )
    fresh.ask(ticked)
    return fresh


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9).map(lively_model), st.data())
def test_after_any_ticks_it_is_bit_for_bit_a_new_calculation(model, data):
    causes = st.sampled_from([cause.id for cause in model.causes])
    keeps = st.dictionaries(causes, st.sampled_from((0.0, 0.3, 1.0)), max_size=3)
    edits = [
        Edit(f"e{place}", keep)
        for place, keep in enumerate(data.draw(st.lists(keeps, min_size=3, max_size=5)))
    ]
    ids = st.sampled_from([edit.id for edit in edits])
    asked = WhatIf(graph_of(model), edits, seed=SEED, worlds=WORLDS)
    first = asked.ask()

    for _ in range(4):
        ticked = data.draw(st.sets(ids))
        chances = data.draw(st.dictionaries(causes, st.floats(0.0, 1.0), max_size=2))
        answer = asked.ask(ticked, chances=chances)
        fresh = asked_afresh(model, edits, ticked, chances)
        assert np.array_equal(asked.held(), fresh.held())
        assert answer.after == fresh.ask(ticked).after
        assert answer.before == first.before
    assert asked.ask() == first


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9).map(lively_model), st.data())
def test_asking_once_is_asking_somebody_who_remembers(model, data):
    causes = st.sampled_from([cause.id for cause in model.causes])
    keeps = st.dictionaries(causes, st.sampled_from((0.0, 0.3, 1.0)), max_size=3)
    edits = [
        Edit(f"e{place}", keep)
        for place, keep in enumerate(data.draw(st.lists(keeps, max_size=4)))
    ]
    graph = graph_of(model)

    once = what_if(graph, edits, seed=SEED, worlds=WORLDS)

    asked = WhatIf(graph, edits, seed=SEED, worlds=WORLDS)
    assert once == asked.ask([edit.id for edit in edits])
    assert once.before == sample(graph, count=WORLDS, seed=SEED).exposure
    assert once.removed >= 0.0
    assert all(row.after <= row.before for row in once.lines)


def one_door() -> AttackModel:
    return AttackModel(
        causes=(Cause("finding:1", "finding", "1", "SL-1", 0.5, "E4"),),
        steps=(Step("stop", "line", ("net:internet",), ("finding:1",)),),
        targets=(Target("line", "line", 10),),
    )


def ask_door(*, worlds: int = WORLDS) -> WhatIf:
    return WhatIf(graph_of(one_door()), [DOOR], seed=SEED, worlds=worlds)


DOOR = closing("door", ["finding:1"])


def test_a_closed_door_lets_nobody_in_and_a_certain_one_everybody():
    asked = ask_door()

    closed, certain = asked.ask(["door"]), asked.ask(chances={"finding:1": 1.0})

    assert closed.after == 0.0
    assert closed.removed == closed.before == pytest.approx(5.0, abs=0.7)
    assert (certain.after, certain.lines[0].reach_after) == (10.0, 1.0)
    assert asked.ask(["door"], chances={"finding:1": 1.0}).after == 0.0


@pytest.mark.parametrize("chance", [-0.1, 1.1, math.nan])
def test_what_is_refused_leaves_the_last_answer_as_it_was(chance):
    asked = ask_door()
    before = asked.ask(["door"])

    for wrong in (
        {"ticked": ["ghost"]},
        {"chances": {"ghost": 0.5}},
        {"chances": {"finding:1": chance}},
    ):
        with pytest.raises(ModelRefused):
            asked.ask(**wrong)

    assert asked.ask(["door"]) == before
    assert asked.lost().tolist() == [0]


def test_a_model_of_nothing_can_be_asked():
    answer = what_if(graph_of(AttackModel()), [Edit("e", {})], seed=1, worlds=1)

    assert (answer.before, answer.after, answer.lines) == (0.0, 0.0, ())


def some_answers() -> list[str]:
    edits = [Edit(f"e{n}", {f"finding:{n}": 0.3 * n}) for n in range(3)]
    graphs = [graph_of(lively_model(seed)) for seed in range(12)]
    return [str(what_if(each, edits, seed=SEED, worlds=WORLDS)) for each in graphs]


def test_without_a_compiler_the_same_bits_come_out():
    plain = without_a_compiler(__name__, "*some_answers(), sep='\\n'")

    assert plain.splitlines() == some_answers()
