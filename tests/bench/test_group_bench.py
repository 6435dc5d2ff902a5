"""All that is asked of a plant of 5 000 assets and of a group of 100 000, part by part.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_group_bench.py`;
prints beside each part what it may take, asserts memory alone. Each plant has a process
of its own, so that its peak is its own; CPU seconds on one core.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.conftest import FULL
from tests.bench.measured import load

ROOT = Path(__file__).resolve().parents[2]
SIZES = (5_000, 100_000) if FULL else (1_000,)
MOST_MIB = 1_536
LIMITS = {5_000: 1.0, 100_000: 10.0}
"""CPU seconds for ways, worlds and 500 exact gains together."""

PROGRAM = """
import json, resource, sys, time
import numpy as np
from tests.bench.big_plants import plant_of
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.blast import blast_radius
from exposure.logic.paths.blob import pack, unpack
from exposure.logic.paths.changes import Worths, candidates
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.intervals import intervals
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits, PlanRefused
from exposure.logic.paths.plans.part import to_plan_with
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.warm import warm
from exposure.logic.paths.worlds import Tally

assets, policy, took = int(sys.argv[1]), ScoringPolicy(), {}

def part(name, act):
    began = time.process_time()
    done = act()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took[name] = [round(time.process_time() - began, 3), peak]
    return done

def count():
    for forest in ground.forests():
        tally.add(forest.held)
        worths.add(forest)

def planned(lines):
    changes = candidates_of(compiled.causes, compiled.plant)
    graph, some = to_plan_with(compiled.graph, changes, lines=lines, named=())
    try:
        return plan(graph, some, Limits(hours=200.0), settings=Settings(seed="b")).sentence
    except PlanRefused as refused:
        return str(refused)

warm()
snapshot = plant_of(assets)
if sys.argv[2:]:
    answer = part("the whole analysis", lambda: analyse(snapshot, policy=policy, seed="b"))
    print(json.dumps([took, {}, len(answer.changes), len(answer.lines)]))
    sys.exit()
compiled = part("compile", lambda: compile_plant(snapshot, policy=policy))
graph = compiled.graph
blob = part("pack the blob", lambda: pack(graph))
part("load the blob", lambda: unpack(blob))
rules = Rules(graph)
finder = PathFinder(rules, steps=compiled)
part("ways to 100 lines", lambda: [finder.ways(row.fact) for row in compiled.targets[:100]])
changes = candidates(compiled.causes)
picked = np.random.default_rng(1).permutation(len(changes))[:500].tolist()
ground = Ground(graph, seed=1, worlds=10_240)
tally = Tally(graph, count=10_240)
worths = Worths(ground, [changes[each] for each in sorted(picked)], needed=rules.needed_by)
part("10 240 worlds and 500 gains", count)
worlds = tally.found()
part("interval of every line", lambda: intervals(worlds, seed=1))
asset = snapshot.assets[0].id
part("blast radius of one asset", lambda: blast_radius(
    compiled.plant, graph, asset, seed=1, worlds=10_240))
one = [row for row in graph.line_ids if row.startswith("l0-")]
said = {
    "one site": part("plan for one site", lambda: planned(one)),
    "all": part("plan for all lines", lambda: planned(None)),
}
print(json.dumps([took, said, len(changes), len(graph.line_ids)]))
"""


def _run(*words: str) -> tuple[dict[str, list[float]], dict[str, str], int, int]:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    took, said, changes, lines = json.loads(done.stdout)
    return took, said, changes, lines


@pytest.mark.bench
@pytest.mark.parametrize("assets", SIZES)
def test_all_parts_of_a_plant(assets: int) -> None:
    took, said, changes, lines = _run(str(assets))
    took |= _run(str(assets), "analysis")[0]

    three = took["ways to 100 lines"][0] + took["10 240 worlds and 500 gains"][0]
    rows = [
        f"    {name}: {took[name][0]:.2f} s, peak {took[name][1]} MiB" for name in took
    ]
    print(  # noqa: T201 - the result of a benchmark is what it prints
        f"\n{assets} assets, {lines} lines, {changes} changes, {load()}\n"
        + "\n".join(rows)
        + f"\n  ways, worlds and gains: {three:.2f} s of {LIMITS.get(assets, 1.0):.0f} s"
        + f"\n  the plan for one site says: {said['one site']}"
        + f"\n  the plan for all lines says: {said['all']}"
    )
    assert max(peak for _, peak in took.values()) < MOST_MIB
