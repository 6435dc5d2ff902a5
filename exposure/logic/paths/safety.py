"""Safety systems: told beside the lines, never counted into their units."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from exposure.logic.paths.compile import Compiled
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.ground import EVERY_WORLD, Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.model import reach_fact
from exposure.logic.paths.plant import known_ports
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import AssetRow, PlantSnapshot
from exposure.logic.paths.through import Passages


@dataclass(frozen=True, slots=True)
class SafetyReach:
    """What leads to safety systems when every step works that may work.

    `known`: for each safety system (an asset id) whether any way to a port of it is
    known. `onward`: for each finding that somebody uses and goes on from, the safety
    systems that they get to, by id; findings that lead to none are left out.
    """

    known: Mapping[str, bool] = field(default_factory=dict)
    onward: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def safety_reach(compiled: Compiled, asset_ids: Collection[str]) -> SafetyReach:
    """Return what leads to these assets of a plant, likely or not.

    Onward is meant as for lines (`Passages`): nobody walks back through what was needed
    to come as far as the finding. Costs nothing in a plant without safety systems, and
    two passes over the graph where no way leads to one.
    """
    graph = _towards(compiled, asset_ids)
    known = dict.fromkeys(sorted(asset_ids), False)
    if not graph.line_ids:
        return SafetyReach(known)
    ground = Ground(graph, seed=0, worlds=1)
    forest = _everything(ground)
    for asset_id, fact in zip(graph.line_ids, graph.target.tolist(), strict=True):
        known[asset_id] |= bool(forest.held[fact].any())
    if not any(known.values()):
        return SafetyReach(known)
    findings = [each for each in graph.cause_ids if each.startswith("finding:")]
    passages = Passages(ground, findings, needed=Rules(graph).needed_by)
    passages.add(forest)
    return SafetyReach(
        known,
        {
            cause.removeprefix("finding:"): tuple(dict.fromkeys(passage.line_ids))
            for cause, passage in passages.found().items()
            if passage.line_ids
        },
    )


def _towards(compiled: Compiled, asset_ids: Collection[str]) -> Graph:
    """Return the graph with the ports of some assets for its targets.

    Whoever takes one of them came through a port: what is never reached is never taken.
    """
    number = {fact: place for place, fact in enumerate(compiled.graph.facts)}
    goals = [
        (asset_id, number[fact])
        for asset_id in sorted(asset_ids)
        for port in compiled.plant.ports_of(asset_id)
        if (fact := reach_fact(asset_id, port)) in number
    ]
    return replace(
        compiled.graph,
        line_ids=tuple(asset_id for asset_id, _ in goals),
        target=np.array([fact for _, fact in goals], np.int32),
        points=np.ones(len(goals), np.float64),
    )


def _everything(ground: Ground) -> Forest:
    """Return what is held in a world in which every cause is true that may be."""
    possible = np.append(ground.graph.chance > 0.0, True)
    true = np.zeros((len(possible), WORDS), np.uint64)
    true[possible] = EVERY_WORLD
    return ground.forest(0, true)


@dataclass(frozen=True, slots=True)
class SafetyResult:
    """One safety system in an answer; counts are worlds.

    `reached`: packets arrive at a port of it; `taken`: somebody outside runs code on it
    or commands it. `has_ports`: whether any port of it is known; without one no way can
    be followed to it, and `zone_entered` counts worlds in which something else in its
    zone is taken that packets can be sent from (a lower bound).
    """

    asset: AssetRow
    reached: int
    taken: int
    has_ports: bool
    zone_entered: int


def safety_results(
    analysis: PathAnalysis, snapshot: PlantSnapshot, asset_ids: Collection[str]
) -> list[SafetyResult]:
    """Return the safety systems among these assets, the most taken and reached first.

    Those that the answer knows nothing of are left out.
    """
    shares = {row.asset_id: row for row in analysis.assets}
    taken = {key: _worlds(analysis, row.controlled) for key, row in shares.items()}
    ports = known_ports(snapshot)
    entered = _entered(snapshot.assets, taken)
    rows = [
        SafetyResult(
            asset=asset,
            reached=_worlds(analysis, shares[asset.id].reached),
            taken=taken[asset.id],
            has_ports=bool(ports.get(asset.id)),
            zone_entered=entered[asset.zone_id] if asset.zone_id else 0,
        )
        for asset in _among(snapshot.assets, asset_ids)
        if asset.id in shares
    ]
    return sorted(rows, key=_worst_first)


def _among(assets: Sequence[AssetRow], ids: Collection[str]) -> Iterable[AssetRow]:
    return (asset for asset in assets if asset.id in ids)


def _worlds(analysis: PathAnalysis, share: float) -> int:
    return round(share * analysis.worlds)


def _entered(assets: Iterable[AssetRow], taken: Mapping[str, int]) -> dict[str, int]:
    entered: dict[str, int] = defaultdict(int)
    for asset in assets:
        if asset.sends_packets:
            worlds = taken.get(asset.id, 0)
            entered[asset.zone_id] = max(entered[asset.zone_id], worlds)
    return entered


def _worst_first(row: SafetyResult) -> tuple[int, int, int, str, str]:
    return (
        -row.taken,
        -row.reached,
        -row.zone_entered,
        row.asset.name,
        row.asset.id,
    )
