"""Worlds of plants of three sizes, beside networkx and beside what memory could stream.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_worlds_bench.py`;
prints, asserts no time. All on one core.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from exposure.logic.paths.analyse import WORLDS
from exposure.logic.paths.graph import NONE, SOURCE, Graph
from exposure.logic.paths.intervals import intervals
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.worlds import sample
from tests.bench.conftest import FULL
from tests.bench.measured import load
from tests.bench.plants import plant_graph

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 512
ASSETS = {"1k": (630, 48), "10k": (6_200, 12), "100k": (62_000, 4)}
"""Assets for so many facts, and how many worlds the peer gets to calculate."""

SIZES = list(ASSETS) if FULL else ["1k", "10k"]
GROUP = 100_000 if FULL else 10_000
MOST_MIB = 1_536

pytestmark = pytest.mark.bench


def cpu(act: Callable[[], object], *, repeats: int = 3) -> float:
    """Return the CPU milliseconds that something takes: the median of the repeats."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        act()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def one_fact_a_body(graph: Graph) -> Graph:
    """The graph as networkx can read it: it knows no steps that need two facts."""
    return replace(graph, second=np.full_like(graph.second, NONE))


def one_world(graph: Graph, luck: np.random.Generator) -> set[int]:
    """The straightforward way: draw, build the graph that works, ask what is reached."""
    works = np.append(luck.random(len(graph.chance)) < graph.chance, True)[graph.cause]
    net = nx.DiGraph()
    net.add_node(SOURCE)
    net.add_edges_from(zip(graph.first[works], graph.head[works], strict=True))
    reached: set[int] = nx.descendants(net, SOURCE)
    return reached


def bytes_a_second() -> float:
    """Return how fast one core reads memory that no cache holds."""
    numbers = np.ones(1 << 24)
    return numbers.nbytes / (cpu(numbers.sum, repeats=5) / 1000)


@pytest.mark.parametrize("size", SIZES)
def test_worlds_are_measured_beside_networkx(size):
    assets, peer_worlds = ASSETS[size]
    whole = plant_graph(assets)
    graph = one_fact_a_body(whole)
    sample(graph, count=1, seed=1)  # compiled before the clock starts
    luck = np.random.default_rng(1)
    reached: list[set[int]] = []

    ours = cpu(lambda: sample(graph, count=WORLDS, seed=1))
    theirs = cpu(
        lambda: reached.append(one_world(graph, luck)), repeats=peer_worlds
    ) * (WORLDS)

    hits = sample(graph, count=WORLDS, seed=1).hits / WORLDS
    theirs_mean = statistics.mean(len(each) for each in reached)
    assert hits[1:].sum() == pytest.approx(theirs_mean, rel=0.4)
    full = cpu(lambda: sample(whole, count=WORLDS, seed=1))
    few = cpu(lambda: sample(whole, count=1_024, seed=1))
    worlds = sample(whole, count=WORLDS, seed=1)
    sure = cpu(lambda: intervals(worlds, seed=1), repeats=1)
    streamed = len(whole.head) * WORDS * 8 * (WORLDS / BLOCK)
    bound = streamed / bytes_a_second() * 1000
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n{size}: {len(whole.facts)} facts, {len(whole.head)} steps, {load()}\n"
        f"  {WORLDS} worlds, one fact a body: {ours:.0f} ms, networkx about "
        f"{theirs:.0f} ms (from {peer_worlds}): {theirs / ours:.0f} times faster\n"
        f"  {WORLDS} worlds, all bodies: {full:.0f} ms, {full / bound:.1f} times the "
        f"{bound:.0f} ms of streaming 64 bytes a step and block; "
        f"1 024 worlds {few:.1f} ms\n"
        f"  interval of every line, forty redraws: {sure:.0f} ms"
    )


def test_a_group_fits_into_memory():
    program = f"""
import json, resource, time
from tests.bench.plants import plant_graph
from exposure.logic.paths.intervals import intervals
from exposure.logic.paths.worlds import sample
graph = plant_graph({GROUP})
began = time.process_time()
worlds = sample(graph, count={WORLDS}, seed=1)
spent = time.process_time() - began
intervals(worlds, seed=1)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([len(graph.facts), len(graph.head), spent, peak]))
"""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    facts, steps, spent, peak = json.loads(done.stdout)

    assert peak < MOST_MIB
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n{GROUP} assets, {facts} facts, {steps} steps: {WORLDS} worlds in "
        f"{spent:.2f} s of one core, {peak} MiB at most, {load()}"
    )
