"""Many worlds at once."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths import draws, worlds
from exposure.logic.paths.draws import MAX_WORLDS, draw, draw_rows
from exposure.logic.paths.graph import Graph, graph_of, index
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.worlds import blocks, sample
from tests.exposure.logic.paths.plants import (
    exact_reach,
    lively_model,
    reached_in_world,
)

SEEDS = st.integers(0, 10**9)


def cause(name: str, chance: float = 0.5) -> Cause:
    return Cause(name, "finding", name, name, chance, "E3")


def with_chances(graph: Graph, chances: list[float]) -> Graph:
    return replace(graph, chance=np.array(chances, np.float64))


def in_world(rows: np.ndarray, names: tuple[str, ...], world: int) -> set[str]:
    """The names whose row has the bit of a world."""
    word, bit = divmod(world, 64)
    return {
        name
        for name, row in zip(names, rows, strict=False)
        if int(row[word]) >> bit & 1
    }


@given(SEEDS)
def test_every_world_is_the_least_fixpoint_of_its_own_draw(seed):
    model = lively_model(seed)
    graph = graph_of(model)

    (block,) = blocks(graph, count=16, seed=seed)

    for world in range(16):
        true = in_world(block.causes, graph.cause_ids, world)
        held = in_world(block.held, graph.facts, world)
        names = {fact for fact in held if not fact.startswith("and:")}
        assert names == reached_in_world(model, true)
    for world in range(16, 512):
        assert not in_world(block.held, graph.facts, world)


@settings(max_examples=40)
@given(SEEDS)
def test_the_sampled_reach_is_near_the_enumerated_one(seed):
    model = lively_model(seed)
    exact, graph = exact_reach(model), graph_of(model)

    sampled = sample(graph, count=10_240, seed=1)

    for target, reach in zip(model.targets, sampled.reaches, strict=True):
        chance = exact.get(target.fact, 0.0)
        error = 6 * math.sqrt(max(chance * (1 - chance), 1e-6) / 10_240)
        assert abs(reach - chance) <= error


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 1200))
def test_compiled_and_plain_give_the_same_bits(seed, count):
    graph = graph_of(lively_model(seed))
    compiled = list(blocks(graph, count=count, seed=seed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "COMPILED", False)
        patch.setattr(draws, "COMPILED", False)
        plain = list(blocks(graph, count=count, seed=seed))

    for one, other in zip(compiled, plain, strict=True):
        assert one.held.tobytes() == other.held.tobytes()
        assert one.causes.tobytes() == other.causes.tobytes()


@given(SEEDS, st.data())
def test_a_lower_chance_helps_the_attacker_in_no_world(seed, data):
    graph = graph_of(lively_model(seed))
    chances = graph.chance.tolist()
    place = data.draw(st.integers(0, len(chances) - 1))
    chances[place] = data.draw(st.floats(0.0, chances[place]))

    (before,) = blocks(graph, count=512, seed=1)
    (after,) = blocks(with_chances(graph, chances), count=512, seed=1)

    assert not (after.held & ~before.held).any()


def test_a_new_cause_leaves_the_draws_of_the_others_alone():
    model = lively_model(1)
    more = replace(model, causes=(cause("new"), *model.causes))

    (before,) = blocks(graph_of(model), count=64, seed=1)
    (after,) = blocks(graph_of(more), count=64, seed=1)

    assert after.causes[1:].tobytes() == before.causes.tobytes()


def test_the_same_seed_gives_the_same_bytes_and_another_one_others():
    graph = graph_of(lively_model(1))
    one, again = (sample(graph, count=2_000, seed=1) for _ in range(2))
    other = sample(graph, count=2_000, seed=2)

    assert one.lines.tobytes() == again.lines.tobytes()
    assert one.hits.tobytes() == again.hits.tobytes()
    assert one.lines.tobytes() != other.lines.tobytes()


def test_fewer_worlds_are_the_first_of_more():
    graph = graph_of(lively_model(1))

    few, many = (sample(graph, count=count, seed=1) for count in (700, 1_300))

    last = np.uint64((1 << 700 % 64) - 1)
    assert (few.lines[:, :10] == many.lines[:, :10]).all()
    assert (few.lines[:, 10] == many.lines[:, 10] & last).all()
    assert (np.bitwise_count(few.lines).sum(axis=1) == few.hits[few.graph.target]).all()


@pytest.mark.parametrize("count", [1, 63, 64, 65, 512, 513, MAX_WORLDS])
def test_a_certain_way_is_there_in_all_worlds_and_in_no_other(count):
    steps = (Step("s", "line", ("net:internet",)),)
    model = AttackModel(steps=steps, targets=(Target("L", "line", 3),))

    sampled = sample(graph_of(model), count=count, seed=1)

    assert sampled.reaches.tolist() == [1.0]
    assert sampled.exposure == 3.0
    assert sampled.lines.shape == (1, -(-count // 64))


def test_a_shared_cause_is_true_or_false_for_all_its_steps_together():
    steps = tuple(
        Step(f"s{n}", f"f{n + 1}", (f"f{n}" if n else "net:internet",), ("cve",))
        for n in range(4)
    )
    model = AttackModel(
        causes=(cause("cve", 0.3),), steps=steps, targets=(Target("L", "f4", 1),)
    )

    reach = sample(graph_of(model), count=1 << 15, seed=1).reach(4)

    assert reach == pytest.approx(0.3, abs=0.015)  # one luck, not 0.3 four times


@given(SEEDS, st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=5))
def test_groups_of_facts_are_counted_where_any_of_them_is_held(seed, groups):
    graph = graph_of(lively_model(seed))
    keys = [place for place, group in enumerate(groups) for _ in group]
    facts = [fact for group in groups for fact in group]
    asked = index(np.array(keys, np.int32), np.array(facts, np.int32), size=len(groups))

    sampled = sample(graph, count=100, seed=seed, groups=asked)

    (block,) = blocks(graph, count=100, seed=seed)
    held = [in_world(block.held, graph.facts, world) for world in range(100)]
    for place, group in enumerate(groups):
        names = {graph.facts[fact] for fact in group}
        assert sampled.together[place] == sum(bool(names & each) for each in held)


@given(SEEDS)
def test_a_block_has_the_draws_of_its_own_words(seed):
    graph = graph_of(lively_model(seed))

    *_, last = blocks(graph, count=1_030, seed=seed)

    again = draw_rows(graph.key, graph.chance, words=8, seed=seed, start=16)
    assert (last.causes[:-1] == again).all()
    assert last.start == 16
    for place, key in enumerate(graph.key):
        all_words = draw(int(key), float(graph.chance[place]), worlds=1_030, seed=seed)
        assert (last.causes[place, 0] & np.uint64(63)) == all_words[16]
