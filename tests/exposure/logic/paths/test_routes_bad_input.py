"""Graphs that nobody would draw: bounded work, a plain answer, no crash."""

import math

import pytest

from exposure.logic.paths.cut import Cut, Cuts
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.stops import fewest_changes
from tests.exposure.logic.paths.plants import finder_of, model_of, rules_of

NOTHING = model_of({}, [])
MANY = 100_000


def check_unreached(model: AttackModel, target: str) -> None:
    """Nobody gets there, so nothing is needed to get there or to stop it."""
    rules = rules_of(model)
    assert finder_of(model).ways(target) == []
    assert finder_of(model).likeliest(target) is None
    assert rules.needed_for(target) == frozenset()
    assert Cuts(rules).to(target) == Cut(bound=0.0, causes=())
    stop = fewest_changes(rules, [target], closes={"any": ["a"]})
    assert stop is not None
    assert stop.changes == ()


@pytest.mark.parametrize("target", ["", "nowhere", "and:0:s0"])
def test_a_model_of_nothing_reaches_nothing(target):
    check_unreached(NOTHING, target)
    assert fewest_openings(rules_of(NOTHING), target, facts=["x"]) is None


def test_the_attacker_has_the_source_already():
    rules = rules_of(NOTHING)

    assert [way.p for way in finder_of(NOTHING).ways("in")] == [1.0]
    assert Cuts(rules).to("in").bound == 1.0
    assert rules.needed_for("in") == {"in"}
    assert fewest_changes(rules, ["in"], closes={}) is None
    opening = fewest_openings(rules, "in", facts=[])
    assert opening is not None
    assert opening.facts == ()


def test_an_island_that_feeds_itself_is_not_reached():
    model = model_of({}, [("a", "b", ""), ("b", "a", ""), ("in", "c", "")], "a", "b")

    check_unreached(model, "a")
    opening = fewest_openings(rules_of(model), "a", facts=["b", "c"])
    assert opening is not None
    assert opening.facts == ("b",)


def test_self_loops_and_steps_back_to_the_source_give_no_way():
    model = model_of({}, [("a", "a", ""), ("in", "in", ""), ("a", "in", "")], "a")

    check_unreached(model, "a")


def test_two_facts_that_need_each_other_are_not_reached():
    model = model_of(
        {}, [("in", "c", ""), ("b+c", "a", ""), ("a+c", "b", "")], "a", "b"
    )

    check_unreached(model, "a")
    check_unreached(model, "b")


def test_an_impossible_cause_opens_no_way():
    check_unreached(model_of({"a": 0.0}, [("in", "vault", "a")], "vault"), "vault")


def test_certain_causes_are_counted_as_certain():
    model = model_of({"a": 1.0, "b": 1.0}, [("in", "x", "a"), ("x", "y", "b")], "y")

    (way,) = finder_of(model).ways("y")

    assert way.p == 1.0
    assert Cuts(rules_of(model)).to("y").bound == 1.0
    assert len(Cuts(rules_of(model)).to("y").causes) == 1


def test_the_smallest_chance_there_is_stays_a_way():
    tiny = math.ulp(0.0)
    model = model_of({"a": tiny}, [("in", "x", "a"), ("x", "y", "")], "y")

    (way,) = finder_of(model).ways("y")

    assert way.p == tiny
    assert Cuts(rules_of(model)).to("y").bound >= tiny


def test_a_hundred_thousand_ways_side_by_side():
    model = model_of(
        {"a": 0.5, "b": 0.25},
        [("in", "hall", "a" if each % 2 else "b") for each in range(MANY)]
        + [("hall", "vault", "")],
        "vault",
    )
    rules = rules_of(model)

    ways = finder_of(model).ways("vault")
    stop = fewest_changes(rules, ["vault"], closes={"x": ["a"], "y": ["b"]})

    assert ways[0].p == 0.5
    assert Cuts(rules).to("vault").causes == ("a", "b")
    assert rules.needed_for("vault") == {"in", "hall", "vault"}
    assert stop is not None
    assert stop.changes == ("x", "y")


def test_a_hundred_thousand_steps_in_a_row():
    moves = [("in", "f0", "a")]
    moves += [(f"f{each}", f"f{each + 1}", "") for each in range(MANY)]
    last = f"f{MANY}"
    model = model_of({"a": 0.5}, moves, last)
    rules = rules_of(model)

    (way,) = finder_of(model).ways(last)

    assert way.p == 0.5
    assert len(way.steps) == MANY + 1
    assert len(rules.needed_for(last)) == MANY + 2
    assert Cuts(rules).to(last).causes == ("a",)


def test_doubling_the_cost_at_every_step_does_not_overflow():
    """Each fact needs two that need the one before: as a tree it is paid 2^80 times."""
    moves = [("in", "f0", "a")]
    for each in range(80):
        moves.append((f"f{each}", f"l{each}", ""))
        moves.append((f"f{each}", f"r{each}", ""))
        moves.append((f"l{each}+r{each}", f"f{each + 1}", ""))
    model = model_of({"a": 0.5}, moves, "f80")

    (way,) = finder_of(model).ways("f80")

    assert way.p == 0.5
    assert len(way.steps) == 241
    assert rules_of(model).needed_for("f80") >= {f"f{each}" for each in range(81)}


def test_very_many_ways_take_bounded_work():
    """Thirty rooms with thirty doors each: 30^30 ways."""
    doors = 30
    chances = {f"{room}.{door}": 0.5 for room in range(30) for door in range(doors)}
    moves = [
        (f"r{room}" if room else "in", f"r{room + 1}", f"{room}.{door}")
        for room in range(30)
        for door in range(doors)
    ]
    model = model_of(chances, moves, "r30")

    ways = finder_of(model).ways("r30")

    assert ways[0].p == pytest.approx(0.5**30)
    assert len(Cuts(rules_of(model)).to("r30").causes) == doors


def test_one_change_for_everything_and_changes_for_nothing():
    model = model_of({"a": 0.5}, [("in", "vault", "a")], "vault")
    closes = {"all": ["a"], "nothing": [], "unknown": ["no such cause"]}

    stop = fewest_changes(rules_of(model), ["vault", "nowhere"], closes=closes)

    assert stop is not None
    assert stop.changes == ("all",)
    assert stop.is_proven
