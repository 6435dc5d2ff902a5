"""Which uncertain cause is worth confirming first."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.information import worth_knowing
from exposure.logic.paths.model import AttackModel, Cause, ModelRefused, Step, Target
from exposure.logic.paths.results import Unknown
from tests.exposure.logic.paths.plants import lively_model
from tests.exposure.logic.paths.recount import SEED, WORLDS, recounted

MODELS = st.integers(0, 10**9).map(lively_model)


def known(model: AttackModel, **asked) -> dict[str, Unknown]:
    rows = worth_knowing(graph_of(model), seed=SEED, worlds=WORLDS, **asked)
    return {row.cause_id: row for row in rows}


def with_chance(model: AttackModel, cause_id: str, chance: float) -> AttackModel:
    causes = tuple(
        replace(cause, p=chance) if cause.id == cause_id else cause
        for cause in model.causes
    )
    return replace(model, causes=causes)


@settings(max_examples=15, deadline=None)
@given(MODELS)
def test_it_is_the_recount_with_the_cause_certain_and_impossible(model):
    rows = known(model)

    for row in rows.values():
        assert row.if_true == recounted(with_chance(model, row.cause_id, 1.0))
        assert row.if_false == recounted(with_chance(model, row.cause_id, 0.0))
        swing = row.if_true - row.if_false
        assert swing > 0.0
        assert math.isclose(row.moves, 2 * row.chance * (1 - row.chance) * swing)
    doubts = [row.doubt for row in rows.values()]
    assert doubts == sorted(doubts, reverse=True)


@settings(max_examples=15, deadline=None)
@given(MODELS)
def test_what_is_left_out_removes_nothing_when_it_is_impossible(model):
    rows, before = known(model), recounted(model)

    for cause in model.causes:
        if cause.id not in rows and 0.0 < cause.p < 1.0:
            assert recounted(with_chance(model, cause.id, 0.0)) == before


def two_rules(*, second: float = 0.5, width: float = 50.0) -> AttackModel:
    """Two rules in a row: one assumed, one with this chance and strength."""
    return AttackModel(
        causes=(
            Cause("conduit:1", "conduit", "1", "rule 1", 0.5, "assumed", 4.0),
            Cause("conduit:2", "conduit", "2", "rule 2", second, "observed", width),
        ),
        steps=(
            Step("one", "dmz", ("net:internet",), ("conduit:1",)),
            Step("two", "line", ("dmz",), ("conduit:2",)),
        ),
        targets=(Target("line", "line", 10),),
    )


def test_what_is_only_assumed_is_confirmed_first():
    rows = worth_knowing(graph_of(two_rules()), seed=SEED, worlds=10_240)

    first, second = rows
    assert first.cause_id == "conduit:1"
    assert first.if_false == 0.0
    assert first.if_true == pytest.approx(5.0, abs=0.2)
    assert first.moves == pytest.approx(2.5, abs=0.1)
    # The deviation of Beta(2, 2) is the square root of 1/20, times five units.
    assert first.doubt == pytest.approx(5.0 * math.sqrt(0.05), rel=0.05)
    assert second.doubt < first.doubt


def test_what_is_certain_is_known_already():
    assert set(known(two_rules(second=1.0))) == {"conduit:1"}
    assert known(two_rules(second=0.0)) == {}


def test_only_what_was_asked_about_is_looked_at():
    assert set(known(two_rules(), cause_ids=["conduit:2"])) == {"conduit:2"}
    assert set(known(two_rules(), most=1)) == {"conduit:1"}
    assert known(two_rules(), most=0) == known(AttackModel()) == {}
    with pytest.raises(ModelRefused, match="ghost"):
        known(two_rules(), cause_ids=["ghost"])


@pytest.mark.parametrize("width", [0.0, -1.0, math.nan, math.inf])
def test_a_strength_that_is_no_number_above_zero_is_refused(width):
    with pytest.raises(ModelRefused, match="How sure"):
        known(two_rules(width=width))
