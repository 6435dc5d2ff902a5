"""What edits are worth is what a world-by-world recount says."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step, Target
from tests.exposure.logic.paths.plants import lively_model, model_of
from tests.exposure.logic.paths.recount import SEED, WORLDS, recounted

SHARES = st.sampled_from((0.0, 0.0, 0.1, 0.5, 1.0))
MODELS = st.integers(0, 10**9).map(lively_model)


def some_edits(data: st.DataObject, model: AttackModel) -> list[Edit]:
    causes = st.sampled_from([cause.id for cause in model.causes])
    keeps = st.dictionaries(causes, SHARES, max_size=3)
    drawn = data.draw(st.lists(keeps, min_size=2, max_size=4))
    return [Edit(f"edit {place}", keep) for place, keep in enumerate(drawn)]


@settings(max_examples=15, deadline=None)
@given(MODELS, st.data())
def test_a_state_is_what_a_recount_of_every_world_says(model, data):
    edits = some_edits(data, model)
    effects = Effects(graph_of(model), edits, seed=SEED, worlds=WORLDS)
    chosen = data.draw(st.sets(st.sampled_from(range(len(edits)))))

    loss = effects.loss(effects.state(chosen))

    assert loss == recounted(model, [edits[place] for place in chosen])


@settings(max_examples=60, deadline=None)
@given(MODELS, st.data())
def test_a_gain_is_before_minus_after_and_never_above_its_bound(model, data):
    edits = some_edits(data, model)
    effects = Effects(graph_of(model), edits, seed=SEED, worlds=WORLDS)
    state = effects.state(data.draw(st.sets(st.sampled_from(range(len(edits))))))
    before = effects.loss(state)

    for place in range(len(edits)):
        gain = effects.gain(state, place)
        again = effects.state(state.chosen | {place})
        assert math.isclose(gain, before - effects.loss(again), abs_tol=1e-9)
        assert gain <= effects.bound(state, place)
        assert gain == effects.gains(state)[place]
        assert effects.loss(effects.after(state, place)) == effects.loss(again)
    assert effects.loss(state) == before


@settings(max_examples=30, deadline=None)
@given(MODELS, st.data())
def test_whatever_is_held_was_won_by_exactly_one_step(model, data):
    graph, edits = graph_of(model), some_edits(data, model)
    effects = Effects(graph, edits, seed=SEED, worlds=WORLDS)
    state = effects.state()
    for place in range(len(edits)):
        state = effects.after(state, place)

    (forest,) = state.forests
    won = np.zeros(len(graph.facts), np.int64)
    np.add.at(won, graph.head, np.bitwise_count(forest.by).sum(axis=1, dtype=np.int64))
    held = np.bitwise_count(forest.held).sum(axis=1, dtype=np.int64)
    assert won[1:].tolist() == held[1:].tolist()
    assert not (forest.by & ~forest.held[graph.head]).any()


def cause(number: int, p: float = 1.0) -> Cause:
    return Cause(f"finding:{number}", "finding", str(number), f"SL-{number}", p, "E4")


def two_doors(p: float = 1.0) -> AttackModel:
    """Two ways into one room, and a line behind it worth ten points."""
    return AttackModel(
        causes=(cause(1, p), cause(2, p)),
        steps=(
            Step("one", "room", ("net:internet",), ("finding:1",)),
            Step("two", "room", ("net:internet",), ("finding:2",)),
            Step("stop", "line", ("room",)),
        ),
        targets=(Target("line", "line", 10),),
    )


def test_two_doors_are_worth_nothing_alone_and_everything_together():
    doors = [Edit(f"door {n}", {f"finding:{n}": 0.0}) for n in (1, 2)]
    effects = Effects(graph_of(two_doors()), doors, seed=SEED, worlds=WORLDS)
    state = effects.state()

    assert [*effects.gains(state)] == [0.0, 0.0]
    assert effects.gain(effects.after(state, 0), 1) == 10.0
    assert max(effects.bound(state, 0), effects.bound(state, 1)) == 10.0


def test_partial_effects_of_two_edits_on_one_cause_multiply():
    model = AttackModel(
        causes=(cause(1),),
        steps=(Step("stop", "line", ("net:internet",), ("finding:1",)),),
        targets=(Target("line", "line", 10),),
    )
    half = [Edit(name, {"finding:1": 0.5}) for name in ("training", "filter")]
    effects = Effects(graph_of(model), half, seed=SEED, worlds=10_240)

    left = [effects.loss(effects.state(chosen)) for chosen in ((0,), (1,), (0, 1))]

    assert left == pytest.approx([5.0, 5.0, 2.5], abs=0.2)


def test_an_edit_that_keeps_everything_or_names_nothing_changes_nothing():
    edits = [Edit("none", {}), Edit("kept", {"finding:1": 1.0, "finding:2": 1.0})]
    effects = Effects(graph_of(two_doors(0.5)), edits, seed=SEED, worlds=WORLDS)
    state = effects.state()

    assert [*effects.gains(state)] == [0.0, 0.0]
    assert effects.loss(effects.state((0, 1))) == effects.loss(state) > 0.0


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ([Edit("e", {"ghost": 0.0})], "ghost"),
        ([Edit("e", {"finding:1": -0.1})], "-0.1"),
        ([Edit("e", {"finding:1": 1.5})], "1.5"),
        ([Edit("e", {"finding:1": math.nan})], "nan"),
        ([Edit("e", {}), Edit("e", {})], "same id"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_in_a_sentence(edits, sentence):
    with pytest.raises(ModelRefused, match=sentence):
        Effects(graph_of(two_doors()), edits, seed=SEED, worlds=WORLDS)


def test_a_model_of_nothing_loses_nothing():
    effects = Effects(graph_of(AttackModel()), [Edit("e", {})], seed=1, worlds=1)
    state = effects.state((0,))

    assert effects.loss(state) == effects.gain(state, 0) == 0.0
    assert effects.loss(effects.after(state, 0)) == 0.0


@pytest.mark.parametrize("worlds", [0, -1, (1 << 17) + 1])
def test_an_absurd_number_of_worlds_is_refused(worlds):
    with pytest.raises(ModelRefused, match="worlds"):
        Effects(graph_of(AttackModel()), [], seed=1, worlds=worlds)


def gains_of(model: AttackModel) -> list[float]:
    """What closing each cause of a model removes, all counted in one go."""
    edits = [closing(cause.id, [cause.id]) for cause in model.causes]
    effects = Effects(graph_of(model), edits, seed=SEED, worlds=WORLDS)
    return effects.gains(effects.state()).tolist()


def test_a_way_over_something_that_was_lost_and_won_again_counts():
    """The shed falls with the yard, but its own door opens it, and the line, again."""
    model = model_of(
        {"gate": 1.0, "door": 1.0},
        [
            ("in", "yard", "gate"),
            ("in", "lane", "door"),
            ("yard", "line", ""),
            ("yard", "shed", ""),
            ("lane", "shed", ""),
            ("shed", "line", ""),
        ],
        "line",
    )

    assert gains_of(model) == [0.0, 0.0]


@pytest.mark.parametrize("body", ["yard+badge", "badge+yard"])
def test_each_half_of_a_body_is_followed_to_its_cause(body):
    model = model_of(
        {"gate": 1.0, "desk": 1.0},
        [("in", "yard", "gate"), ("in", "badge", "desk"), (body, "line", "")],
        "line",
    )

    assert gains_of(model) == [10.0, 10.0]
