"""The fewest changes of a plan that end every way, with what the plant says of them."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.plans import ending
from exposure.logic.paths.plans.ending import fewest_that_end
from exposure.logic.paths.plans.items import Candidate
from tests.exposure.logic.paths.plannable import change, random_changes
from tests.exposure.logic.paths.plants import (
    lively_model,
    model_of,
    possible,
    reached_in_world,
    rules_of,
    sets_by_size,
)


def ids_of(changes: tuple[Candidate, ...] | None) -> set[str] | None:
    return None if changes is None else {row.id for row in changes}


def stands_still(rows: Iterable[Candidate]) -> float:
    return sum(sum(row.downtime.values()) for row in rows)


def does_it(model: AttackModel, rows: list[Candidate], target: str) -> bool:
    """The definition: allowed by the plant, and nothing left open."""
    made = {row.id for row in rows}
    groups = [row.group for row in rows if row.group]
    gone = {cause for row in rows for cause, keep in row.edit.keep.items() if not keep}
    return (
        not any(row.cannot for row in rows)
        and all(each in made for row in rows for each in row.needs)
        and len(groups) == len({*groups})
        and target not in reached_in_world(model, possible(model) - gone)
    )


def test_no_smaller_set_that_the_plant_allows_ends_every_way():
    ended = 0
    for seed in range(80):
        model = lively_model(seed)
        target = model.targets[0].fact
        # Two ways to change one thing end the same, as those of a plant do.
        rows = [replace(row, group="") for row in random_changes(seed, model)]
        rows[:1] = [
            replace(rows[0], group="g"),
            replace(change("twin", rows[0].edit.keep, hours=9), group="g"),
        ]
        rows[-1] = replace(rows[-1], cannot="" if seed % 3 else "It is sealed.")
        by_id = {row.id: row for row in rows}

        found = fewest_that_end(rules_of(model), target, rows)

        enough = [
            chosen
            for chosen in sets_by_size(sorted(by_id))
            if does_it(model, [by_id[each] for each in chosen], target)
        ]
        if found.changes is None:
            assert not enough
            continue
        ended += 1
        assert does_it(model, list(found.changes), target)
        assert found.at_least <= len(enough[0])
        assert not found.is_proven or len(found.changes) == len(enough[0])
        as_small = [each for each in enough if len(each) == len(found.changes)]
        assert stands_still(found.changes) <= min(
            stands_still([by_id[each] for each in chosen]) for chosen in as_small
        )
    assert ended > 20


@pytest.fixture
def two_doors() -> AttackModel:
    moves = [("in", "hall", "a"), ("in", "hall", "b"), ("hall", "vault", "c")]
    return model_of({"a": 0.5, "b": 0.5, "c": 1.0}, moves, "vault")


def test_what_leaves_a_chance_or_cannot_be_made_ends_nothing(two_doors):
    lock = replace(change("c", ["c"]), cannot="It is sealed.")
    guard = change("guard", {"c": 0.1})
    rows = [change("a", ["a"]), change("b", ["b"]), lock, guard]

    both = fewest_that_end(rules_of(two_doors), "vault", rows)
    stuck = fewest_that_end(rules_of(two_doors), "vault", [rows[0], lock, guard])

    assert (ids_of(both.changes), both.is_proven) == ({"a", "b"}, True)
    assert (stuck.changes, stuck.closed) == (None, {"a"})


def test_of_two_ways_to_change_one_thing_the_one_with_less_downtime_is_made(two_doors):
    fix = change("fix", ["c"], hours=1, downtime={"l": 4}, group="g")
    guard = change("guard", ["c"], hours=8, group="g")

    found = fewest_that_end(rules_of(two_doors), "vault", [fix, guard])

    assert ids_of(found.changes) == {"guard"}


def test_what_a_change_asks_for_is_not_made_beside_its_other_way(two_doors):
    fix = change("fix", ["c"], group="g")
    guard = change("guard", {"c": 0.5}, group="g")
    a = change("a", ["a"], needs=("guard",))
    moves = [("in", "vault", "a"), ("in", "vault", "c")]
    model = model_of({"a": 0.5, "c": 0.5}, moves, "vault")

    found = fewest_that_end(rules_of(model), "vault", [fix, guard, a])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ending, "MOST_SEARCHES", 1)
        hasty = fewest_that_end(rules_of(model), "vault", [fix, guard, a])

    late = fewest_that_end(rules_of(model), "vault", [fix, guard, a], seconds=0)

    assert (found.changes, found.is_proven) == (None, True)
    assert (late.changes, late.is_proven) == (None, False)
    assert (hasty.changes, hasty.is_proven) == (None, False)


def test_a_search_that_has_no_time_still_ends_every_way_and_is_not_proven(two_doors):
    rows = [change(each, [each]) for each in ("a", "b", "c")]

    found = fewest_that_end(rules_of(two_doors), "vault", rows, seconds=0)

    assert found.changes
    assert (found.at_least, found.is_proven) == (0, False)
