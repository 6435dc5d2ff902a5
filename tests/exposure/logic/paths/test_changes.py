"""What closing a change removes, and which doors must both be closed."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.changes import Worth, candidates, worth_of_changes
from exposure.logic.paths.edits import closing
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from tests.exposure.logic.paths.plants import exact_reach, lively_model, rules_of
from tests.exposure.logic.paths.recount import SEED, WORLDS, recounted

MODELS = st.integers(0, 10**9).map(lively_model)


def worth(model: AttackModel, *, seed: int = SEED, worlds: int = WORLDS) -> list[Worth]:
    return worth_of_changes(
        graph_of(model),
        candidates(model.causes),
        needed=rules_of(model).needed_by,
        seed=seed,
        worlds=worlds,
    )


@settings(max_examples=15, deadline=None)
@given(MODELS)
def test_a_change_removes_what_a_recount_of_every_world_says(model):
    before = recounted(model)

    rows = worth(model)

    for row in rows:
        left = recounted(model, [closing("closed", row.change.causes)])
        assert row.leaves == left
        assert math.isclose(row.removes, before - left, abs_tol=1e-12)
        assert row.nothing_alone == (left == before)
    assert [row.removes for row in rows] == sorted(
        (row.removes for row in rows), reverse=True
    )


@settings(max_examples=20, deadline=None)
@given(MODELS)
def test_a_change_removes_what_the_enumeration_of_all_worlds_says(model):
    def units(chances: Callable[[Cause], float]) -> float:
        causes = tuple(
            Cause(row.id, row.kind, row.subject_id, row.label, chances(row), row.word)
            for row in model.causes
        )
        reach = exact_reach(
            AttackModel(causes=causes, steps=model.steps, targets=model.targets)
        )
        return sum(row.points * reach.get(row.fact, 0.0) for row in model.targets)

    before = units(lambda cause: cause.p)
    most = sum(row.points for row in model.targets)

    for row in worth(model, worlds=10_240):
        closed = row.change.causes
        exact = before - units(
            lambda cause, c=closed: 0.0 if cause.id in c else cause.p
        )
        assert row.removes == pytest.approx(exact, abs=6 * most / 2 / math.sqrt(10_240))


@settings(max_examples=15, deadline=None)
@given(MODELS)
def test_what_works_together_removes_more_together_than_alone(model):
    rows = {row.change.id: row for row in worth(model)}

    for row in rows.values():
        for other in row.works_with:
            both = (*row.change.causes, *rows[other].change.causes)
            left = recounted(model, [closing("both", both)])
            assert row.nothing_alone
            assert left < rows[other].leaves


def chain_of_doors(*groups: int) -> AttackModel:
    """Rooms one behind the other; into each, so many doors that stand open."""
    causes, steps, here, number = [], [], "net:internet", 0
    for room, doors in enumerate(groups):
        for _ in range(doors):
            each = Cause(f"finding:{number}", "finding", f"{number}", "door", 1.0, "E4")
            causes.append(each)
            steps.append(Step(f"s{number}", f"room {room}", (here,), (each.id,)))
            number += 1
        here = f"room {room}"
    return AttackModel(
        causes=tuple(causes), steps=tuple(steps), targets=(Target("line", here, 10),)
    )


def test_two_doors_name_each_other_and_the_only_door_removes_everything():
    rows = {row.change.id: row for row in worth(chain_of_doors(2, 1))}

    assert rows["finding:0"].nothing_alone
    assert rows["finding:0"].works_with == ("finding:1",)
    assert rows["finding:1"].works_with == ("finding:0",)
    assert rows["finding:2"].removes == 10.0
    assert rows["finding:2"].works_with == ()


def test_of_three_doors_no_two_are_enough():
    assert all(
        row.nothing_alone and not row.works_with for row in worth(chain_of_doors(3))
    )


def test_one_change_with_several_causes_closes_all_of_them():
    doors = chain_of_doors(2)
    causes = tuple(
        Cause(row.id, "conduit", "7", "rule 7", row.p, row.word) for row in doors.causes
    )
    model = AttackModel(causes=causes, steps=doors.steps, targets=doors.targets)

    (row,) = worth(model)

    assert (row.change.id, row.removes, row.leaves) == ("conduit:7", 10.0, 0.0)


def test_a_line_without_points_counts_for_nothing():
    model = AttackModel(
        causes=chain_of_doors(1).causes,
        steps=chain_of_doors(1).steps,
        targets=(Target("line", "room 0", 0),),
    )

    (row,) = worth(model)

    assert row.nothing_alone


def test_a_model_of_nothing_has_no_changes():
    assert worth(AttackModel()) == []
