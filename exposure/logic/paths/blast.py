"""The blast radius of one asset: what follows once somebody has it."""

from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.graph import I64, U64, Graph, Index
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.kernels.onward import hold, onward
from exposure.logic.paths.model import control_fact, foothold_fact
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.reached import facts_of_assets
from exposure.logic.paths.results import AssetResult
from exposure.logic.paths.whatif import Comparison, compared
from exposure.logic.paths.worlds import any_of, counted


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What follows when somebody outside has control of one asset as well.

    `assets`: the share of worlds in which a packet of theirs reaches each other asset
    from there, and in which they take it from there; in the order most taken, most
    reached, id, and only those that are reached or taken at all. From there: each step
    on the way uses something that was won with the asset; what else a step needs may be
    held from outside. `lines`: each line before and after.
    """

    asset_id: str
    assets: tuple[AssetResult, ...]
    lines: Comparison


def blast_radius(
    plant: Plant, graph: Graph, asset_id: str, *, seed: int, worlds: int
) -> BlastRadius:
    """Return what follows when one asset of a plant is taken, whatever protects it.

    `graph` is that of the model of the plant; the worlds are those of its analysis. An
    asset from which no step leads on has an empty radius. Raises `ModelRefused` for an
    absurd number of worlds. Memory is that of one block of 512 worlds.
    """
    number = {fact: place for place, fact in enumerate(graph.facts)}
    had = (control_fact(asset_id), foothold_fact(asset_id))
    start = [number[fact] for fact in had if fact in number]
    groups = facts_of_assets(plant, graph)
    before, after, shares = _counted(
        Ground(graph, seed=seed, worlds=worlds), start, groups
    )
    rows = [
        AssetResult(
            asset_id=asset.id, reached=reached / worlds, controlled=taken / worlds
        )
        for asset, (reached, taken) in zip(
            plant.assets, shares.reshape(-1, 2).tolist(), strict=True
        )
        if asset.id != asset_id and (reached or taken)
    ]
    rows.sort(key=lambda row: (-row.controlled, -row.reached, row.asset_id))
    return BlastRadius(
        asset_id=asset_id,
        assets=tuple(rows),
        lines=compared(graph, before, after, worlds=worlds),
    )


def _counted(ground: Ground, start: list[int], groups: Index) -> tuple[I64, I64, I64]:
    """Count worlds: lines lost before and after, and groups won from the start."""
    target = ground.graph.target
    before, after = np.zeros((2, len(target)), np.int64)
    shares = np.zeros(len(groups.ptr) - 1, np.int64)
    for block, forest in zip(ground.blocks, ground.forests(), strict=True):
        before += counted(forest.held[target])
        won = won_from(ground, forest, start, block=block)
        after += counted(forest.held[target])
        shares += counted(any_of(won, groups))
    return before, after, shares


def won_from(ground: Ground, forest: Forest, start: list[int], *, block: int) -> U64:
    """Hold some facts in all worlds of a block; return what is won from them on.

    [facts, words]. `forest.held` has all that is held then; its witnesses are spent.
    """
    lanes = ground.lanes(block).reshape(1, -1)
    for fact in start:
        hold(ground.net, forest, ground.desk, fact, lanes)
    won = np.zeros_like(forest.held)
    for fact in start:
        onward(ground.net, forest, ground.desk, fact, lanes, won)
    return won
