"""Lines that hardly any world loses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths import draws, worlds
from exposure.logic.paths.graph import NONE, Graph, graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.rare import parts_of, rare_reaches
from exposure.logic.paths.worlds import sample
from tests.exposure.logic.paths.plants import exact_reach, lively_model

SEEDS = st.integers(0, 10**9)


def model_of(graph: Graph) -> AttackModel:
    """The readable form of arrays, step by step."""
    rows = zip(graph.first, graph.second, graph.head, graph.cause, strict=True)
    return AttackModel(
        source=graph.facts[0],
        causes=tuple(
            Cause(name, "finding", name, name, float(chance), "E2")
            for name, chance in zip(graph.cause_ids, graph.chance, strict=True)
        ),
        steps=tuple(
            Step(
                f"s{number}",
                graph.facts[head],
                tuple(graph.facts[each] for each in (first, second) if each != NONE),
                (graph.cause_ids[cause],) if cause != NONE else (),
            )
            for number, (first, second, head, cause) in enumerate(rows)
        ),
    )


def exact(graph: Graph) -> float:
    """The reach of the only line, by enumeration."""
    return exact_reach(model_of(graph)).get(graph.facts[graph.target[0]], 0.0)


def chain(*steps: tuple[str, str, str], chance: float = 0.01, points: int = 1) -> Graph:
    """Steps (body, head, cause), the internet is "i" and the line is "z"."""
    names = sorted({cause for _, _, cause in steps if cause})
    return graph_of(
        AttackModel(
            source="i",
            causes=tuple(
                Cause(name, "finding", name, name, chance, "E2") for name in names
            ),
            steps=tuple(
                Step(f"s{n}", head, tuple(body), (cause,) if cause else ())
                for n, (body, head, cause) in enumerate(steps)
            ),
            targets=(Target("L", "z", points),),
        )
    )


def rare(graph: Graph) -> dict[int, float]:
    return rare_reaches(sample(graph, count=1_024, seed=1), seed=1)


@settings(max_examples=150)
@given(SEEDS)
def test_the_product_of_the_parts_is_the_enumerated_reach(seed):
    model = lively_model(seed)
    graph, truth = graph_of(model), exact_reach(model)

    found = parts_of(graph, range(len(graph.target)))

    for line, target in enumerate(model.targets):
        if line not in found:
            assert target.fact not in truth
            continue
        parts = found[line]
        product = parts.chance * math.prod(exact(each) for each in parts.graphs)
        assert product == pytest.approx(truth[target.fact], abs=1e-12)


@settings(max_examples=40)
@given(SEEDS)
def test_parts_share_no_uncertain_cause(seed):
    graph = graph_of(lively_model(seed))

    for parts in parts_of(graph, range(len(graph.target))).values():
        doubts = [
            set(each.key[(each.chance > 0) & (each.chance < 1)].tolist())
            for each in parts.graphs
        ]
        assert len(set().union(*doubts)) == sum(len(each) for each in doubts)


def test_six_doors_in_a_row_multiply_exactly():
    steps = [(f, h, f"c{f}") for f, h in zip("iabcde", "abcdez", strict=True)]

    assert rare(chain(*steps)) == {0: pytest.approx(1e-12)}


def test_one_weakness_on_six_hosts_in_a_row_counts_once():
    steps = [(f, h, "cve") for f, h in zip("iabcde", "abcdez", strict=True)]

    graph = chain(*steps, chance=0.001)

    assert rare(graph) == {0: pytest.approx(0.001)}


def test_two_ways_between_every_two_doors_are_sampled_door_by_door():
    steps = []
    for body, head in zip("iabc", "abcz", strict=True):
        steps += [(body, head, f"{body}1"), (body, head, f"{body}2")]

    reach = rare(chain(*steps, chance=0.05))[0]

    assert reach == pytest.approx((1 - 0.95**2) ** 4, rel=0.1)
    assert len(parts_of(chain(*steps), [0])[0].graphs) == 4


def test_a_cause_that_both_sides_of_a_door_need_keeps_them_together():
    steps = [
        *(("i", "a", "x"), ("i", "a", "y")),  # into a by x or y
        *(("a", "z", "x"), ("a", "z", "u")),  # and on by x or u
    ]

    (part,) = parts_of(chain(*steps), [0])[0].graphs

    assert exact(part) == pytest.approx(1 - (1 - 0.01) * (1 - 0.01**2))


def test_a_fact_from_before_a_door_that_is_needed_behind_it_keeps_them_together():
    steps = [
        *(("i", "p", "p1"), ("i", "p", "p2")),  # a password
        *(("i", "a", "a1"), ("i", "a", "a2")),
        *(("pa", "z", "l1"), ("pa", "z", "l2")),
    ]
    graph = chain(*steps)

    found = parts_of(graph, [0])[0]

    assert len(found.graphs) == 1
    assert found.chance * exact(found.graphs[0]) == pytest.approx(exact(graph))


def test_a_line_that_nothing_leads_to_is_left_out():
    assert rare(chain(("i", "a", "c"), ("b", "z", ""))) == {}
    assert rare(chain(("i", "z", "c"), chance=0.0)) == {}
    assert rare_reaches(sample(graph_of(AttackModel()), count=9, seed=1), seed=1) == {}


def test_a_line_that_many_worlds_lose_is_left_to_them():
    assert rare(chain(("i", "z", "c"), chance=0.5)) == {}


def test_what_no_door_splits_and_no_world_loses_stays_unsaid():
    """Forty ways side by side, each of three unlikely causes: no part is likelier."""
    steps = []
    for number in range(40):
        a, b = chr(0x100 + number), chr(0x200 + number)
        steps += [("i", a, f"a{number}"), (a, b, f"b{number}"), (b, "z", f"c{number}")]

    assert rare(chain(*steps, chance=0.001)) == {}


def test_a_circle_a_self_loop_and_an_island_change_nothing():
    way = [("i", "a", "c1"), ("a", "b", "c2"), ("b", "z", "c3")]
    more = [("b", "a", "x"), ("z", "a", "y"), ("a", "a", ""), ("q", "r", "")]

    assert rare(chain(*way, *more)) == rare(chain(*way)) == {0: pytest.approx(1e-6)}


def test_with_and_without_a_compiler_it_is_the_same_number(monkeypatch):
    steps = []
    for body, head in zip("iab", "abz", strict=True):
        steps += [(body, head, f"{body}1"), (body, head, f"{body}2")]
    compiled = rare(chain(*steps, chance=0.05))
    monkeypatch.setattr(worlds, "COMPILED", False)
    monkeypatch.setattr(draws, "COMPILED", False)

    assert rare(chain(*steps, chance=0.05)) == compiled
    assert len(compiled) == 1


def test_sixteen_lines_with_most_points_are_looked_at():
    causes = (Cause("c", "finding", "c", "c", 1e-6, "E2"),)
    steps = tuple(Step(f"s{n}", f"f{n}", ("i",), ("c",)) for n in range(20))
    targets = tuple(Target(f"L{n}", f"f{n}", n) for n in range(20))
    graph = graph_of(
        AttackModel(source="i", causes=causes, steps=steps, targets=targets)
    )

    assert sorted(rare(graph)) == list(range(4, 20))
    assert np.unique(list(rare(graph).values())) == pytest.approx([1e-6])
