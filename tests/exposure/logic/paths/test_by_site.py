"""Each site adds its part of the exposure, and knows the one change that helps it most."""

import math
from collections.abc import Collection
from dataclasses import replace

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.by_site import SiteResult, by_site
from exposure.logic.paths.changes import candidates
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.edits import closing
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.whatif import WhatIf
from tests.bench.test_paths_bench import sixty_assets

POLICY, SEED, WORLDS = ScoringPolicy(), "northmill", 130


@pytest.fixture(scope="module")
def plant() -> PlantSnapshot:
    return sixty_assets()


@pytest.fixture(scope="module")
def analysis(plant: PlantSnapshot) -> PathAnalysis:
    return analyse(plant, policy=POLICY, seed=SEED, worlds=WORLDS)


def shared_out(
    plant: PlantSnapshot,
    analysis: PathAnalysis,
    sites: dict[str, str],
    cannot: Collection[str] = (),
) -> tuple[SiteResult, ...]:
    compiled = compile_plant(plant, policy=POLICY)
    return by_site(analysis, compiled, sites, cannot=cannot)


def test_the_sites_add_up_to_the_whole_and_each_is_as_if_it_were_alone(
    plant: PlantSnapshot, analysis: PathAnalysis
) -> None:
    sites = {line.id: f"s{place % 2}" for place, line in enumerate(plant.lines)}

    found = shared_out(plant, analysis, sites)

    assert math.fsum(row.exposure for row in found) == pytest.approx(analysis.exposure)
    assert sum(row.lines for row in found) == len(plant.lines)
    for row in found:
        own = tuple(line for line in plant.lines if sites[line.id] == row.site_id)
        kept = {line.id for line in own}
        assets = tuple(
            replace(asset, line_ids=tuple(k for k in asset.line_ids if k in kept))
            for asset in plant.assets
        )
        alone = analyse(
            replace(plant, lines=own, assets=assets),
            policy=POLICY,
            seed=SEED,
            worlds=WORLDS,
        )
        assert row.exposure == pytest.approx(alone.exposure)
        assert (row.low, row.high) == pytest.approx(
            (alone.exposure_low, alone.exposure_high)
        )
        assert row.reached == sum(1 for line in alone.lines if line.best)
        assert row.worst == (alone.lines[0].name if alone.exposure else "")


def test_the_change_of_a_site_removes_more_there_than_any_other(
    plant: PlantSnapshot, analysis: PathAnalysis
) -> None:
    sites = {line.id: f"s{place % 2}" for place, line in enumerate(plant.lines)}
    compiled = compile_plant(plant, policy=POLICY)
    changes = candidates(compiled.causes)
    ask = WhatIf(
        compiled.graph,
        [closing(each.id, each.causes) for each in changes],
        seed=seed_number(SEED),
        worlds=WORLDS,
    )
    most = dict.fromkeys(sites.values(), 0.0)
    for change in changes:
        removed = dict.fromkeys(most, 0.0)
        for line in ask.ask([change.id]).lines:
            removed[sites[line.line_id]] += line.before - line.after
        most = {site: max(most[site], removed[site]) for site in most}

    found = shared_out(plant, analysis, sites)

    assert {
        row.site_id: row.change.removes if row.change else 0.0 for row in found
    } == pytest.approx(most)
    assert any(most.values())


@pytest.mark.parametrize("number", [1, 2])
def test_what_cannot_be_made_is_the_best_change_of_no_site(
    plant: PlantSnapshot, analysis: PathAnalysis, number: int
) -> None:
    sites = {line.id: f"s{place % number}" for place, line in enumerate(plant.lines)}
    first = [row.change for row in shared_out(plant, analysis, sites) if row.change]
    cannot = {f"{each.kind}:{each.subject_id}" for each in first}

    found = shared_out(plant, analysis, sites, cannot)

    second = [row.change for row in found if row.change]
    assert len(second) == len(first) > 0
    assert not {f"{each.kind}:{each.subject_id}" for each in second} & cannot
    for was, now in zip(first, second, strict=True):
        assert 0 < now.removes <= was.removes


def test_one_site_says_what_the_answer_says(
    plant: PlantSnapshot, analysis: PathAnalysis
) -> None:
    (only,) = shared_out(plant, analysis, {line.id: "s" for line in plant.lines})

    assert only.exposure == pytest.approx(analysis.exposure)
    assert (only.low, only.high) == (analysis.exposure_low, analysis.exposure_high)
    assert only.change is not None
    assert only.change.removes == analysis.changes[0].removes


def test_a_plant_of_nothing_has_no_site() -> None:
    nothing = PlantSnapshot()
    empty = analyse(nothing, policy=POLICY, seed=SEED, worlds=64)

    assert shared_out(nothing, empty, {}) == ()


def test_a_site_that_nothing_reaches_has_no_worst_line_and_no_change(
    plant: PlantSnapshot, analysis: PathAnalysis
) -> None:
    safe = replace(plant, services=(), conduits=())
    calm = analyse(safe, policy=POLICY, seed=SEED, worlds=64)

    for row in shared_out(safe, calm, {line.id: line.id[-1] for line in plant.lines}):
        assert (row.exposure, row.reached, row.worst, row.change) == (0.0, 0, "", None)
