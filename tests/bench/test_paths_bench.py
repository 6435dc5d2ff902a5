"""Path analysis of a plant with sixty assets, beside one world at a time in networkx.

Run with `pytest -m bench -s tests/bench/test_paths_bench.py`; prints, asserts no time.
"""

import random
import time

import networkx as nx
import pytest

from exposure.logic.grades import Grade, Threat
from exposure.logic.path_map import path_map
from exposure.logic.paths.analyse import WORLDS, analyse
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)
from exposure.logic.paths.warm import warm
from exposure.logic.paths.worlds import sample

PEER_WORLDS = 256
PORTS = (80, 102, 443, 502, 3389, 5900)
POLICY = ScoringPolicy()


def sixty_assets() -> PlantSnapshot:
    """Office, DMZ, operations and five cells; 60 assets, 6 lines, 150 services."""
    luck = random.Random(60)  # noqa: S311 - reproducible, not a secret
    levels = (4, 3.5, 3, 2, 2, 2, 2, 2)
    zones = tuple(ZoneRow(f"z{n}", f"Zone {n}", lv) for n, lv in enumerate(levels))
    lines = tuple(LineRow(f"l{n}", f"Line {n}", 10) for n in range(6))
    assets = tuple(
        AssetRow(
            f"a{n}",
            f"ASSET-{n}",
            f"z{n % 8}",
            line_ids=(f"l{n // 8 % 6}",) if n % 8 > 2 and n % 2 else (),
        )
        for n in range(60)
    )
    pairs = [(n, n + 1) for n in range(2)] + [(2, cell) for cell in range(3, 8)]
    conduits = tuple(
        ConduitRow(
            f"c{n}",
            f"rule {n}",
            f"z{one}",
            f"z{other}",
            ports=tuple(luck.sample(PORTS, 3)),
            basis=luck.choice(list(Basis)),
        )
        for n, (one, other) in enumerate(pairs * 3)
    )
    services = tuple(
        ServiceRow(
            f"s{n}",
            f"a{n % 60}",
            luck.choice(PORTS),
            seen_from="" if n % 60 in (0, 8, 16, 24) else f"z{n % 60 % 8}",
        )
        for n in range(150)
    )
    findings = tuple(
        FindingRow(
            f"f{n}",
            f"SL-{n}",
            row.asset_id,
            row.port,
            "weakness",
            luck.choice((Grade.E1, Grade.E2, Grade.E3, Grade.E4)),
            luck.choice(list(Threat)),
        )
        for n, row in enumerate(services)
        if luck.random() < 0.4
    )
    return PlantSnapshot(zones, lines, assets, conduits, services, findings)


def one_world_at_a_time(model: AttackModel, *, worlds: int) -> dict[str, float]:
    """The straightforward way: draw, build the graph that works, ask what is reached."""
    luck = random.Random(1)  # noqa: S311 - reproducible, not a secret
    hits = dict.fromkeys((target.fact for target in model.targets), 0)
    for _ in range(worlds):
        true = {cause.id for cause in model.causes if luck.random() < cause.p}
        graph = nx.DiGraph()
        graph.add_node(model.source)
        graph.add_edges_from(
            (step.body[0], step.head)
            for step in model.steps
            if true.issuperset(step.causes)
        )
        for fact in nx.descendants(graph, model.source) & hits.keys():
            hits[fact] += 1
    return {fact: count / worlds for fact, count in hits.items()}


@pytest.mark.bench
def test_it_is_measured_beside_its_peer():
    plant = sixty_assets()
    model = compile_model(plant, policy=POLICY)
    graph = graph_of(model)
    warm()

    started = time.perf_counter()
    analysis = analyse(plant, policy=POLICY, seed="bench")
    whole = time.perf_counter() - started
    started = time.perf_counter()
    path_map(analysis, plant)
    drawing = time.perf_counter() - started
    started = time.perf_counter()
    ours = sample(graph, count=WORLDS, seed=1)
    own = (time.perf_counter() - started) / WORLDS
    started = time.perf_counter()
    theirs = one_world_at_a_time(model, worlds=PEER_WORLDS)
    peer = (time.perf_counter() - started) / PEER_WORLDS

    assert any(theirs.values())
    for fact, share in theirs.items():
        reach = ours.reach(graph.facts.index(fact))
        assert reach == pytest.approx(share, abs=0.15)
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n60 assets, {len(model.steps)} steps, {len(model.causes)} causes: "
        f"analyse() {whole * 1e3:.0f} ms ({WORLDS} worlds, "
        f"{len(analysis.changes)} changes, {len(analysis.lines)} lines), "
        f"map {drawing * 1e3:.0f} ms; one world {own * 1e6:.1f} us against "
        f"{peer * 1e6:.0f} us in networkx: {peer / own:.0f} times faster"
    )
