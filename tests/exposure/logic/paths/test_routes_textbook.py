"""Published cases with known answers."""

import itertools
import math

import pytest

from exposure.logic.paths.cut import Cuts
from exposure.logic.paths.derive import UNIT
from exposure.logic.paths.kernels.dominators import dominators
from exposure.logic.paths.kernels.shortest import STEP_BITS
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.stops import fewest_changes
from tests.exposure.logic.paths.plants import (
    exact_reach,
    finder_of,
    model_of,
    rules_of,
)


def with_lengths(lengths: dict[str, int], *targets: str) -> AttackModel:
    """Edges "uv" by length: a length of n is a chance of exp(-n)."""
    chances = {edge: math.exp(-length) for edge, length in lengths.items()}
    places = {"s": "in"}
    moves = [
        (places.get(edge[0], edge[0]), places.get(edge[1], edge[1]), edge)
        for edge in lengths
    ]
    return model_of(chances, moves, *targets)


def test_shortest_distances_of_cormen_leiserson_rivest_and_stein_2009():
    """Introduction to Algorithms, 3rd edition, figure 24.6: t 8, x 9, y 5, z 7."""
    model = with_lengths(
        {
            "st": 10,
            "sy": 5,
            "tx": 1,
            "ty": 2,
            "yt": 3,
            "yx": 9,
            "yz": 2,
            "xz": 4,
            "zs": 7,
            "zx": 6,
        },
        "t",
        "x",
        "y",
        "z",
    )
    rules, finder = rules_of(model), finder_of(model)

    distances = {
        fact: (rules.cost(rules.number_of(fact)) >> STEP_BITS) / UNIT
        for fact in ("t", "x", "y", "z")
    }

    assert distances == pytest.approx({"t": 8, "x": 9, "y": 5, "z": 7})
    way = finder.likeliest("x")
    assert way is not None
    assert way.facts == ("y", "t", "x")
    assert way.p == pytest.approx(math.exp(-9))


def test_maximum_flow_of_cormen_leiserson_rivest_and_stein_2009():
    """Introduction to Algorithms, 3rd edition, figure 26.6: 23 units, cut at 12, 7, 4."""
    capacities = {
        "s1": 16,
        "s2": 13,
        "13": 12,
        "21": 4,
        "24": 14,
        "32": 9,
        "43": 7,
        "3t": 20,
        "4t": 4,
    }
    places = {"s": "in"}
    model = model_of(
        {edge: -math.expm1(-room / 100) for edge, room in capacities.items()},
        [(places.get(edge[0], edge[0]), edge[1], edge) for edge in capacities],
        "t",
    )

    cut = Cuts(rules_of(model)).to("t")

    assert set(cut.causes) == {"13", "43", "4t"}
    assert -math.log1p(-cut.bound) == pytest.approx(0.23)


def test_dominators_of_lengauer_and_tarjan_1979():
    """A Fast Algorithm for Finding Dominators in a Flowgraph, figures 1 and 2."""
    flowgraph = {
        "R": "ABC",
        "A": "D",
        "B": "ADE",
        "C": "FG",
        "D": "L",
        "E": "H",
        "F": "I",
        "G": "IJ",
        "H": "EK",
        "I": "K",
        "J": "I",
        "K": "IR",
        "L": "H",
    }
    places = {"R": "in"}
    moves = [
        (places.get(tail, tail), places.get(head, head), "")
        for tail, heads in flowgraph.items()
        for head in heads
    ]
    rules = rules_of(model_of({}, moves, *"ABCDEFGHIJKL"))
    facts = rules.graph.facts

    above = dominators(rules.net, rules.forest.works)

    tree = {facts[each]: facts[over] for each, over in enumerate(above.tolist())}
    under = {"F": "C", "G": "C", "J": "G", "L": "D"}
    assert tree == {fact: under.get(fact, "in") for fact in facts}
    assert rules.needed_for("J") == {"in", "C", "G", "J"}


def bridge(chance: float) -> AttackModel:
    """Five parts; the one in the middle works both ways, so its steps share a cause."""
    return model_of(
        dict.fromkeys("12345", chance),
        [
            ("in", "up", "1"),
            ("in", "down", "2"),
            ("up", "down", "3"),
            ("down", "up", "3"),
            ("up", "out", "4"),
            ("down", "out", "5"),
        ],
        "out",
    )


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_the_bridge_of_barlow_and_proschan_1975(chance):
    """Statistical Theory of Reliability and Life Testing: paths, cuts, and between them.

    Minimal paths 14, 25, 135, 234; minimal cuts 12, 45, 135, 234; the reliability is
    2 p^2 + 2 p^3 - 5 p^4 + 2 p^5.
    """
    model = bridge(chance)
    p = chance
    reliability = 2 * p**2 + 2 * p**3 - 5 * p**4 + 2 * p**5

    ways = finder_of(model).ways("out")
    cut = Cuts(rules_of(model)).to("out")
    stop = fewest_changes(
        rules_of(model), ["out"], closes={part: [part] for part in "12345"}
    )

    assert exact_reach(model)["out"] == pytest.approx(reliability)
    assert {"".join(sorted(way.causes)) for way in ways} == {"14", "25", "135", "234"}
    assert [way.p for way in ways] == pytest.approx([p**2, p**2, p**3, p**3])
    assert "".join(cut.causes) in ("12", "45")
    assert cut.bound == pytest.approx(1 - (1 - p) ** 2)
    assert ways[0].p <= reliability <= cut.bound
    assert stop is not None
    assert "".join(stop.changes) in ("12", "45")


def test_the_minimal_cuts_of_the_bridge_are_all_that_stop_it():
    model = bridge(0.5)
    cuts = [{*"12"}, {*"45"}, {*"135"}, {*"234"}]

    for size in range(6):
        for parts in itertools.combinations("12345", size):
            stop = fewest_changes(
                rules_of(model), ["out"], closes={part: [part] for part in parts}
            )
            assert (stop is not None) == any(cut <= {*parts} for cut in cuts)


def test_a_shared_body_is_paid_for_each_use_but_multiplied_once():
    """The grammar problem of Knuth 1977 has no sharing; a derivation has.

    Both facts of the goal need the same base, so as a tree it is paid twice
    (.2 x .9 x .2 x .9 = .03) and the detour (.05) is cheaper. As a derivation its
    cause counts once: .2 x .9 x .9 = .16.
    """
    model = model_of(
        {"base": 0.2, "left": 0.9, "right": 0.9, "detour": 0.05},
        [
            ("in", "base", "base"),
            ("base", "a", "left"),
            ("base", "b", "right"),
            ("a+b", "goal", ""),
            ("in", "goal", "detour"),
        ],
        "goal",
    )

    rules, way = rules_of(model), finder_of(model).likeliest("goal")

    tree = math.exp(-(rules.cost(rules.number_of("goal")) >> STEP_BITS) / UNIT)
    assert tree == pytest.approx(0.05)
    assert way is not None
    assert way.p == pytest.approx(0.2 * 0.9 * 0.9)


def test_one_weakness_on_four_hosts_in_a_row_is_one_piece_of_luck():
    """Sato 1995: a cause is true or false once in a world, wherever it is needed."""
    model = model_of(
        {"flaw": 0.3, "door": 0.2},
        [
            ("in", "h1", "flaw"),
            ("h1", "h2", "flaw"),
            ("h2", "h3", "flaw"),
            ("h3", "h4", "flaw"),
            ("in", "h4", "door"),
        ],
        "h4",
    )

    ways = finder_of(model).ways("h4")

    assert [way.p for way in ways] == pytest.approx([0.3, 0.2])
    assert exact_reach(model)["h4"] == pytest.approx(1 - 0.7 * 0.8)
