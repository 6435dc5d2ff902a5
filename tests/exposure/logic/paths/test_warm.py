"""Nobody who asks for an analysis waits for a compiler."""

from dataclasses import replace

import numpy as np
import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.blast import blast_radius
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.information import worth_knowing
from exposure.logic.paths.kernels.compiled import COMPILED, KERNELS, version_of
from exposure.logic.paths.openings import fewest_openings
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import CredentialRow, PlantSnapshot, ServiceRow
from exposure.logic.paths.stops import fewest_changes
from exposure.logic.paths.warm import warm
from exposure.logic.paths.whatif import WhatIf
from tests.exposure.logic.paths.plants import northmill


def compiled() -> dict[str, int]:
    """How often each kernel was compiled, for other types each time."""
    return {
        f"{each.__module__}.{each.__name__}": len(each.signatures) for each in KERNELS
    }


@pytest.mark.skipif(not COMPILED, reason="there is no compiler here")
@pytest.mark.parametrize("plant", [northmill(), PlantSnapshot()], ids=["plant", "none"])
def test_once_it_is_warm_an_analysis_compiles_nothing(plant):
    warm()
    before = compiled()

    analyse(plant, policy=ScoringPolicy(), seed="s", worlds=1_000)

    assert compiled() == before
    assert max(before.values()) > 0


@pytest.mark.skipif(not COMPILED, reason="there is no compiler here")
def test_once_it_is_warm_a_question_about_changes_compiles_nothing():
    warm()
    before = compiled()
    plant = northmill()
    twin = replace(plant.findings[0], id="f-vpn2", port=8443)
    plant = replace(
        plant,
        services=(*plant.services, ServiceRow("s-vpn2", "a-vpn", 8443)),
        findings=(*plant.findings, twin),
        credentials=(CredentialRow("k", "Key", held_on=("a-vpn",), opens=("a-jump",)),),
    )

    found = analyse(plant, policy=ScoringPolicy(), seed="s", worlds=1_000)
    graph = graph_of(compile_model(plant, policy=ScoringPolicy()))
    edits = [Edit("some", dict.fromkeys(graph.cause_ids, 0.5)), Edit("none", {})]
    asked = WhatIf(graph, edits, seed=1, worlds=1_000)
    asked.ask(["some"])
    asked.ask(chances={graph.cause_ids[0]: 1.0})
    effects = Effects(graph, edits, seed=1, worlds=1_000)
    for edit in range(2):
        effects.gain(effects.after(effects.state(), edit), edit)
    worth_knowing(graph, seed=1, worlds=1_000, cause_ids=graph.cause_ids[:2])
    blast_radius(Plant(plant), graph, "a-jump", seed=1, worlds=1_000)
    rules, line = Rules(graph), graph.facts[graph.target[0]]
    closes = {cause: [cause] for cause in graph.cause_ids}
    stop = fewest_changes(rules, [line], closes=closes)
    shut = replace(graph, chance=np.zeros_like(graph.chance))
    opening = fewest_openings(Rules(shut), line, facts=["zone:z-cell"])

    assert stop is not None
    assert opening is not None
    assert any(row.works_with for row in found.changes)
    assert compiled() == before


@pytest.mark.skipif(not COMPILED, reason="there is no compiler here")
def test_once_it_is_warm_a_plan_compiles_nothing():
    warm()
    before = compiled()
    model = compile_model(northmill(), policy=ScoringPolicy())
    graph = graph_of(model)
    changes = candidates_of(model.causes, Plant(northmill()))
    in_no_time = Settings("s", worlds=1_000, fresh_worlds=1_000, seconds=0.0)

    for settings in (replace(in_no_time, seconds=9.0), in_no_time):
        answer = plan(graph, changes, Limits(hours=9), settings=settings)
        assert answer.exposure < answer.exposure_before

    assert compiled() == before


def test_kernels_are_compiled_again_when_one_that_is_built_into_them_changes(tmp_path):
    (tmp_path / "rows.py").write_text("one = 1")
    (tmp_path / "gains.py").write_text("from rows import one")
    before = version_of(tmp_path)

    (tmp_path / "rows.py").write_text("one = 2")

    assert version_of(tmp_path) != before
