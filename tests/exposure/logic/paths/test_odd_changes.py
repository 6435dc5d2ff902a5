"""Changes to models that nobody would describe, in bounded time."""

import pytest

from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.information import worth_knowing
from exposure.logic.paths.kernels.compiled import COMPILED
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.whatif import what_if

MANY = 100_000 if COMPILED else 2_000
LONG = MANY // 5
FAR = (Target("far", "far", 10),)


def cause(name: str, p: float = 1.0) -> Cause:
    return Cause(name, "finding", name, name, p, "E4")


def asked(steps: list[Step], *causes: Cause, targets=FAR) -> list[float]:
    """The exposure as it is, without each cause, and without all of them."""
    graph = graph_of(AttackModel(causes=causes, steps=tuple(steps), targets=targets))
    edits = [closing(each.id, [each.id]) for each in causes]
    effects = Effects(graph, edits, seed=1, worlds=64)
    before = effects.loss(effects.state())
    assert what_if(graph, edits, seed=1, worlds=64).before == before
    worth_knowing(graph, seed=1, worlds=64)
    alone = [before - gain for gain in effects.gains(effects.state()).tolist()]
    return [before, *alone, what_if(graph, edits, seed=1, worlds=64).after]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_twenty_thousand_facts_breaks_at_its_first_link(backwards):
    steps = [
        Step(
            f"s{n}",
            f"f{n}" if n < LONG else "far",
            (f"f{n - 1}" if n else "net:internet",),
        )
        for n in range(LONG + 1)
    ]
    steps[0] = Step("s0", "f0", ("net:internet",), ("c",))

    assert asked(steps[:: -1 if backwards else 1], cause("c")) == [10.0, 0.0, 0.0]


def test_a_hundred_thousand_ways_from_one_fact_hang_on_one_cause():
    ways = [Step(f"s{n}", f"f{n}", ("near",)) for n in range(MANY)]
    on = [Step(f"t{n}", "far", (f"f{n}",)) for n in range(MANY)]
    first = Step("in", "near", ("net:internet",), ("c",))

    assert asked([first, *ways, *on], cause("c")) == [10.0, 0.0, 0.0]


def test_a_circle_does_not_hold_itself():
    steps = [
        Step("in", "a", ("net:internet",), ("c",)),
        Step("round", "b", ("a",)),
        Step("back", "a", ("b",)),
        Step("self", "b", ("b",)),
        Step("on", "far", ("b",)),
    ]

    assert asked(steps, cause("c")) == [10.0, 0.0, 0.0]


def test_an_island_and_a_line_that_no_step_speaks_of_stay_as_they_are():
    steps = [Step("s", "island", ("nowhere",), ("c",))]

    lost = asked(steps, cause("c"), targets=(*FAR, Target("i", "island", 10)))

    assert lost == [0.0, 0.0, 0.0]


def test_a_cause_that_no_step_needs_is_worth_nothing():
    steps = [Step("s", "far", ("net:internet",))]

    assert asked(steps, cause("c", 0.5), cause("none", 0.0)) == [10.0] * 4


def test_the_source_itself_can_be_lost_and_no_change_helps():
    target = (Target("here", "net:internet", 10),)

    assert asked([], cause("c"), targets=target) == [10.0, 10.0, 10.0]


def test_an_edit_of_nothing_changes_nothing():
    graph = graph_of(AttackModel(causes=(cause("c"),), targets=FAR))

    answer = what_if(
        graph, [Edit("none", {}), Edit("all", {"c": 0.0})], seed=1, worlds=1
    )

    assert (answer.before, answer.after, answer.removed) == (0.0, 0.0, 0.0)
