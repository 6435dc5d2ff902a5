"""The fewest changes that stop a line, and the fewest things that would open a way."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.paths.model import AttackModel, ModelRefused
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.stops import fewest_changes
from tests.exposure.logic.paths.plants import (
    CALM,
    lively_model,
    model_of,
    possible,
    random_model,
    reached_in_world,
    rules_of,
    sets_by_size,
)

SEEDS = st.integers(0, 10**9)


@CALM
@given(SEEDS)
def test_no_smaller_set_of_changes_cuts_every_way(seed):
    model, luck = lively_model(seed), random.Random(seed)  # noqa: S311 - no secret
    ids = [cause.id for cause in model.causes]
    closes = {
        f"change{number}": luck.sample(ids, luck.choice((1, 1, 2)))
        for number in range(5)
    }
    weights = {change: luck.choice((0.5, 1.0, 3.0)) for change in closes}
    targets = [target.fact for target in model.targets[:2]]

    def cuts(changes: tuple[str, ...]) -> bool:
        gone = {cause for change in changes for cause in closes[change]}
        held = reached_in_world(model, possible(model) - gone)
        return held.isdisjoint(targets)

    enough = [changes for changes in sets_by_size(sorted(closes)) if cuts(changes)]
    few = fewest_changes(rules_of(model), targets, closes=closes)
    light = fewest_changes(rules_of(model), targets, closes=closes, weights=weights)

    if not enough:
        assert few is None
        assert light is None
        return
    assert few is not None
    assert light is not None
    assert cuts(few.changes)
    assert cuts(light.changes)
    assert few.is_proven
    assert light.is_proven
    assert len(few.changes) == len(enough[0])
    assert light.weight == pytest.approx(
        min(sum(weights[each] for each in changes) for changes in enough)
    )


@CALM
@given(SEEDS)
def test_a_set_found_in_a_hurry_cuts_every_way_but_is_not_called_proven(seed):
    model = lively_model(seed)
    closes = {cause.id: [cause.id] for cause in model.causes}
    targets = [target.fact for target in model.targets]
    proven = fewest_changes(rules_of(model), targets, closes=closes)

    stop = fewest_changes(rules_of(model), targets, closes=closes, rounds=0)

    assert (stop is None) == (proven is None)
    if stop is not None and proven is not None:
        held = reached_in_world(model, possible(model) - {*stop.changes})
        assert held.isdisjoint(targets)
        assert stop.at_least <= proven.weight <= stop.weight
        assert stop.is_proven == (stop.changes == ())


@CALM
@given(SEEDS)
def test_what_a_change_needs_is_made_with_it_and_counted(seed):
    model, luck = lively_model(seed), random.Random(seed)  # noqa: S311 - no secret
    ids = [cause.id for cause in model.causes]
    closes = {
        f"change{number}": luck.sample(ids, luck.choice((0, 1, 2)))
        for number in range(5)
    }
    needs = {
        each: luck.sample(sorted(closes), luck.choice((0, 0, 1))) for each in closes
    }
    targets = [target.fact for target in model.targets[:2]]

    def does_it(changes: tuple[str, ...]) -> bool:
        gone = {cause for change in changes for cause in closes[change]}
        held = reached_in_world(model, possible(model) - gone)
        whole = all(other in changes for each in changes for other in needs[each])
        return whole and held.isdisjoint(targets)

    enough = [each for each in sets_by_size(sorted(closes)) if does_it(each)]
    few, hasty = (
        fewest_changes(rules_of(model), targets, closes=closes, needs=needs, rounds=n)
        for n in (200, 0)
    )

    assert (few is None) == (hasty is None) == (not enough)
    if few is not None and hasty is not None:
        assert does_it(few.changes)
        assert does_it(hasty.changes)
        assert few.is_proven
        assert len(few.changes) == len(enough[0])


@CALM
@given(SEEDS)
def test_the_lightest_opening_is_found_without_what_is_never_supposed(seed):
    model, luck = random_model(seed), random.Random(seed)  # noqa: S311 - no secret
    blocked = [cause.id for cause in model.causes if cause.p == 0.0]
    never = luck.sample(blocked, luck.randint(0, len(blocked)))
    rest = ["f1", "f2", *(each for each in blocked if each not in never)]
    weights = {each: luck.choice((1.0, 1.25, 1.5)) for each in rest}

    def opens(supposed: tuple[str, ...]) -> bool:
        held = reached_in_world(
            with_entries(model, {*supposed} & {"f1", "f2"}),
            possible(model) | set(supposed),
        )
        return "f5" in held

    opening = fewest_openings(
        rules_of(model), "f5", facts=["f1", "f2"], weights=weights, never=never
    )
    enough = [each for each in sets_by_size(rest) if opens(each)]

    assert (opening is None) == (not enough)
    if opening is not None:
        chosen = (*opening.facts, *opening.causes)
        assert opens(chosen)
        assert sum(weights[each] for each in chosen) == pytest.approx(
            min(sum(weights[name] for name in each) for each in enough)
        )


@CALM
@given(SEEDS)
def test_nothing_smaller_opens_a_path(seed):
    model = random_model(seed)
    rules, names = rules_of(model), ["f1", "f2", "f3", "elsewhere"]
    blocked = [cause.id for cause in model.causes if cause.p == 0.0]

    def opens(supposed: tuple[str, ...], target: str) -> bool:
        given_ = {each for each in supposed if each in names}
        held = reached_in_world(
            with_entries(model, given_), possible(model) | set(supposed)
        )
        return target in held

    for target in ("f0", "f3", "f5"):
        opening = fewest_openings(rules, target, facts=names)
        enough = next(
            (
                supposed
                for supposed in sets_by_size([*names[:3], *blocked])
                if opens(supposed, target)
            ),
            None,
        )
        if enough is None or opening is None:
            assert enough is None
            assert opening is None
        else:
            assert opening.is_proven
            assert opens((*opening.facts, *opening.causes), target)
            assert len(opening.facts) + len(opening.causes) == len(enough)


def with_entries(model: AttackModel, facts: set[str]) -> AttackModel:
    """The model with these facts to be had from the start."""
    doors = model_of({}, [("in", fact, "") for fact in sorted(facts)]).steps
    moves = tuple(
        type(step)(f"door:{step.id}", step.head, (model.source,)) for step in doors
    )
    return AttackModel(
        source=model.source, causes=model.causes, steps=(*model.steps, *moves)
    )


def test_two_doors_must_both_be_closed():
    model = model_of(
        {"a": 0.5, "b": 0.5, "c": 1.0},
        [("in", "hall", "a"), ("in", "hall", "b"), ("hall", "vault", "c")],
        "vault",
    )
    rules = rules_of(model)
    doors = {"lock a": ["a"], "lock b": ["b"]}

    both = fewest_changes(rules, ["vault"], closes=doors)
    inner = fewest_changes(rules, ["vault"], closes={**doors, "lock c": ["c"]})
    cheap = fewest_changes(
        rules,
        ["vault"],
        closes={**doors, "lock c": ["c"]},
        weights={"lock a": 1, "lock b": 2, "lock c": 40},
    )

    assert both is not None
    assert both.changes == ("lock a", "lock b")
    assert inner is not None
    assert inner.changes == ("lock c",)
    assert cheap is not None
    assert cheap.changes == ("lock a", "lock b")
    assert cheap.weight == 3
    assert fewest_changes(rules, ["vault"], closes={"lock a": ["a"]}) is None


def test_one_password_on_forty_hosts_is_one_change():
    hosts = [f"host{number}" for number in range(40)]
    moves = [("in", host, "password") for host in hosts]
    moves += [(host, "line", "") for host in hosts]
    rules = rules_of(model_of({"password": 0.3}, moves, "line"))

    stop = fewest_changes(rules, ["line"], closes={"new password": ["password"]})

    assert stop is not None
    assert stop.changes == ("new password",)


def test_what_needs_two_things_is_stopped_by_either():
    model = model_of(
        {"key": 0.5, "door": 0.5},
        [("in", "key", "key"), ("in", "yard", "door"), ("yard+key", "vault", "")],
        "vault",
    )

    stop = fewest_changes(
        rules_of(model), ["vault"], closes={"a": ["key"], "b": ["door"]}
    )

    assert stop is not None
    assert len(stop.changes) == 1


def test_a_blocked_rule_is_named_when_nothing_else_is_in_the_way():
    model = model_of(
        {"rule": 0.0, "flaw": 0.4},
        [("in", "dmz", ""), ("dmz", "cell", "rule"), ("cell", "line", "flaw")],
        "line",
    )
    rules = rules_of(model)

    opening = fewest_openings(rules, "line", facts=[])

    assert opening is not None
    assert opening.causes == ("rule",)
    assert opening.facts == ()
    assert fewest_openings(rules, "dmz", facts=[]) is not None
    assert fewest_openings(rules, "nowhere", facts=["cell"]) is None


@pytest.mark.parametrize("weight", [math.nan, math.inf, -1.0])
def test_a_change_that_weighs_nonsense_is_refused(weight):
    rules = rules_of(model_of({"a": 0.5}, [("in", "vault", "a")], "vault"))

    with pytest.raises(ModelRefused, match="change c weighs"):
        fewest_changes(rules, ["vault"], closes={"c": ["a"]}, weights={"c": weight})
