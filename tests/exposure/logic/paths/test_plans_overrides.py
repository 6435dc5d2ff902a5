"""What the plant says of its changes: the plan follows it, whatever is said."""

import random
from collections.abc import Sequence

import pytest

from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.items import Candidate, Limits, PlanRefused
from exposure.logic.paths.plans.milp import best_set
from exposure.logic.paths.plans.overrides import Override, as_said, circle_of, stamp
from exposure.logic.paths.plans.pool import Pool
from tests.exposure.logic.paths.plannable import (
    change,
    exposed,
    ids_of,
    least_loss,
    routes,
    sample_of,
)


def random_said(seed: int, changes: Sequence[Candidate]) -> dict[str, Override]:
    """Something about some of the changes; what they need may be gone."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    names = [row.id for row in changes]
    return {
        name: Override(
            hours=luck.choice((None, 0, 0.5, 3)),
            downtime=luck.choice((None, {}, {"f1": 1.5}, {"f2": 0.5})),
            keep=luck.choice((None, 0.0, 0.4, 1.0)),
            needs=tuple(luck.sample([*names, "gone"], luck.choice((0, 0, 1)))),
            only_in=luck.choice(((), ("w2",), ("gone",))),
            cannot=luck.choice(("", "", "The vendor forbids it.")),
        )
        for name in luck.sample(names, luck.randint(1, len(names)))
    }


def said_of(changes: Sequence[Candidate], said: dict[str, Override]) -> list[Candidate]:
    offered = {row.id for row in changes}
    return [
        as_said(row, said[row.id], offered=offered) if row.id in said else row
        for row in changes
    ]


def test_the_best_plan_is_that_of_the_plants_own_figures():
    for seed, (model, changes, limits, _) in enumerate(exposed(60)):
        mine = said_of(changes, random_said(seed, changes))
        sample = sample_of(model, mine)

        best = best_set(Pool(sample), Allowed(mine, limits))

        assert best.loss == least_loss(sample, mine, limits)
        assert not any(mine[place].cannot for place in best.chosen)


def two_doors() -> tuple[list[Candidate], object]:
    model = routes(l1=[(1.0,), (1.0,)])
    changes = [change("a", ["l100"], hours=4), change("b", ["l110"], hours=4)]
    return changes, model


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (Override(hours=3), {"a", "b"}),
        (Override(hours=3, cannot="It is sealed."), set()),
        (Override(hours=3, downtime={"l1": 2}), set()),
        (Override(hours=3, keep=1.0), set()),
        (Override(hours=3, needs=("gone",)), {"a", "b"}),
    ],
)
def test_one_word_of_the_plant_turns_the_plan(said, chosen):
    changes, model = two_doors()
    mine = said_of(changes, {"a": said})
    limits = Limits(hours=7, total_downtime=1)

    best = best_set(Pool(sample_of(model, mine)), Allowed(mine, limits))

    # One of two doors is worth nothing, so it is both or none.
    assert ids_of(mine, best.chosen) == chosen


def test_what_cannot_be_made_is_refused_when_it_is_fixed():
    changes, _ = two_doors()
    mine = said_of(changes, {"a": Override(cannot="It is sealed.")})

    with pytest.raises(PlanRefused, match=r"A cannot be made here: It is sealed\."):
        Allowed(mine, Limits(fixed=frozenset({"a"})))


def test_the_costs_of_a_plan_have_a_name_of_their_own():
    one = {"a": Override(hours=1.0, downtime={"x": 1.0, "y": 2.0})}
    same = {"a": Override(hours=1.0, downtime={"y": 2.0, "x": 1.0})}
    other = {"a": Override(hours=1.5, downtime={"x": 1.0, "y": 2.0})}

    assert stamp("t", one) == stamp("t", same)
    assert len({stamp("t", each) for each in ({}, one, other)}) == 3


def test_changes_that_wait_for_each_other_are_found_the_shortest_way():
    needs = {"a": ["b", "c"], "b": ["d"], "c": ["a"], "d": ["a"], "e": ["a"]}

    assert circle_of("a", needs) == ["a", "c", "a"]
    assert circle_of("b", needs) == ["b", "d", "a", "b"]
    assert circle_of("e", needs) == []
    assert circle_of("x", {"x": ["x"]}) == ["x", "x"]
