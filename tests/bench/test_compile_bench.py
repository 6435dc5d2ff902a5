"""From a plant's rows to the arrays of its attack model, beside building it in networkx.

Run with `pytest -m bench -s tests/bench/test_compile_bench.py`; prints, asserts no time.
"""

import os
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import networkx as nx
import pytest

from exposure.logic.paths.blob import pack, unpack
from exposure.logic.paths.compile import compile_graph
from exposure.logic.paths.graph import NONE, Graph
from exposure.logic.paths.policy import ScoringPolicy
from tests.bench.big_plants import plant_of

Made = TypeVar("Made")
FULL = os.environ.get("SIGHTLINE_BENCH_FULL") == "1"
SIZES = (1_000, 5_000, 100_000) if FULL else (1_000,)


@pytest.mark.bench
@pytest.mark.parametrize("assets", SIZES)
def test_compiling_a_plant(assets: int) -> None:
    policy, plant = ScoringPolicy(), plant_of(assets)

    graph, own = _timed(lambda: compile_graph(plant, policy=policy))
    peer, theirs = _timed(lambda: _as_networkx(graph))
    _, again = _timed(plant.canonical)
    blob, packed = _timed(lambda: pack(graph))
    loaded, read = _timed(lambda: unpack(blob))

    assert peer.number_of_nodes() == len(graph.facts)
    assert loaded.facts == graph.facts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(  # noqa: T201 - what a bench is for
        f"\n{assets} assets, {len(graph.facts)} facts, {len(graph.head)} steps: "
        f"compiled in {own:.2f} s; networkx builds the same edges in {theirs:.2f} s, "
        f"{own / theirs:.1f} times that; canonical bytes {again:.2f} s; "
        f"packed into {len(blob) / 1e6:.1f} MB in {packed * 1e3:.0f} ms, "
        f"read back in {read * 1e3:.0f} ms; "
        f"peak of the process {peak:.0f} MB"
    )


def _timed(make: Callable[[], Made]) -> tuple[Made, float]:
    began = time.process_time()
    made = make()
    return made, time.process_time() - began


def _as_networkx(graph: Graph) -> "nx.DiGraph[str]":
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(graph.facts)
    for first, second, head, cause in zip(
        graph.first.tolist(),
        graph.second.tolist(),
        graph.head.tolist(),
        graph.cause.tolist(),
        strict=True,
    ):
        chance = 1.0 if cause == NONE else float(graph.chance[cause])
        for body in (first, second):
            if body != NONE:
                made.add_edge(graph.facts[body], graph.facts[head], p=chance)
    return made
