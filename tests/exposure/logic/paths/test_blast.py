"""What follows when one asset is taken."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.blast import BlastRadius, blast_radius, won_from
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import AssetRow, PlantSnapshot
from tests.exposure.logic.paths.plants import lively_model, northmill, reached_in_world
from tests.exposure.logic.paths.recount import SEED, WORLDS, onward, true_in


def blast(asset_id: str, plant: PlantSnapshot | None = None) -> BlastRadius:
    plant = plant or northmill()
    graph = graph_of(compile_model(plant, policy=ScoringPolicy()))
    seed = seed_number("northmill")
    return blast_radius(Plant(plant), graph, asset_id, seed=seed, worlds=10_240)


def test_from_the_jump_host_it_is_one_assumed_rule_to_the_line():
    found = blast("a-jump")

    assert [row.asset_id for row in found.assets] == ["a-hmi", "a-plc"]
    assert found.assets[0].reached == pytest.approx(0.4, abs=0.02)
    assert found.assets[0].controlled == found.assets[1].controlled
    (line,) = found.lines.lines
    assert line.reach_before == pytest.approx(0.32, abs=0.02)
    assert line.reach_after == pytest.approx(0.4, abs=0.02)
    assert found.lines.after == pytest.approx(4.0, abs=0.2)


def test_from_the_controller_the_line_is_lost_for_certain():
    found = blast("a-plc")

    assert found.lines.lines[0].reach_after == 1.0


def test_an_asset_that_leads_nowhere_has_an_empty_radius():
    island = AssetRow("a-island", "ISLAND", "", "plc")
    plant = replace(northmill(), assets=(*northmill().assets, island))

    found = blast("a-island", plant)

    assert found.assets == ()
    assert found.lines.before == found.lines.after


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9).map(lively_model), st.sampled_from(["f0", "f1", "f2"]))
def test_it_is_what_walking_every_world_says(model: AttackModel, fact: str):
    graph = graph_of(model)
    if fact not in graph.facts:
        return
    ground = Ground(graph, seed=SEED, worlds=WORLDS)
    (forest,) = ground.forests()

    won = won_from(ground, forest, [graph.facts.index(fact)], block=0)

    for world in range(WORLDS):
        true = true_in(model, (), world)
        held = reached_in_world(model, true, also=frozenset({fact}))
        walked = onward(model, fact, set(), held=held, true=true)
        assert names(graph, forest.held, world) == held & {*graph.facts}
        assert names(graph, won, world) == walked & {*graph.facts}


def names(graph, rows, world) -> set[str]:
    """Return the facts that are set in a world, without those inside a step."""
    held = np.flatnonzero(rows[:, world >> 6] >> np.uint64(world & 63) & np.uint64(1))
    return {name for each in held if not (name := graph.facts[each]).startswith("and:")}
