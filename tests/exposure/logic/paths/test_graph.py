"""The arrays say what the model says."""

import numpy as np

from exposure.logic.paths.graph import NONE, SOURCE, graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target


def cause(name: str) -> Cause:
    return Cause(id=name, kind="finding", subject_id=name, label=name, p=0.5, word="E3")


def model_with(*steps: Step) -> AttackModel:
    names = sorted({name for step in steps for name in step.causes})
    return AttackModel(
        source="net",
        causes=tuple(cause(name) for name in names),
        steps=steps,
        targets=(Target("L1", "goal", 10),),
    )


def test_a_step_with_three_facts_and_two_causes_becomes_a_chain():
    graph = graph_of(
        model_with(
            Step("s1", "a", ("net",), ("x",)),
            Step("s2", "goal", ("a", "b", "c"), ("x", "y")),
        )
    )

    chain = np.flatnonzero(graph.origin == 1)
    assert len(chain) == 2
    assert graph.facts[graph.head[chain[0]]].startswith("and:")
    assert graph.first[chain[1]] == graph.head[chain[0]]
    assert graph.facts[graph.head[chain[1]]] == "goal"
    assert [graph.cause_ids[graph.cause[each]] for each in chain] == ["x", "y"]


def test_what_can_never_win_anything_is_left_out():
    graph = graph_of(
        model_with(
            Step("loop", "a", ("a",)),
            Step("back", "net", ("a",)),
            Step("on", "goal", ("net", "a")),
        )
    )

    assert len(graph.head) == 1
    assert graph.facts[graph.first[0]] == "a"
    assert graph.second[0] == NONE


def test_every_step_is_found_by_what_it_needs_wins_and_rests_on():
    graph = graph_of(
        model_with(
            Step("s1", "a", ("net",), ("x",)),
            Step("s2", "b", ("net",), ("x",)),
            Step("s3", "goal", ("a", "b"), ("y",)),
        )
    )

    for place, fact in enumerate(graph.facts):
        using = graph.uses.items[graph.uses.ptr[place] : graph.uses.ptr[place + 1]]
        winning = graph.wins.items[graph.wins.ptr[place] : graph.wins.ptr[place + 1]]
        assert {*using} == {
            *np.flatnonzero((graph.first == place) | (graph.second == place))
        }, fact
        assert {*winning} == {*np.flatnonzero(graph.head == place)}, fact
    assert graph.facts[SOURCE] == "net"
    assert list(graph.guards.ptr) == [0, 2, 3]


def test_a_model_of_nothing_has_its_source_and_its_lines():
    graph = graph_of(model_with())

    assert graph.facts == ("net", "goal")
    assert len(graph.head) == 0
    assert graph.target[0] == 1
