"""How often a packet reaches each asset, and how often somebody else commands it."""

import numpy as np

from exposure.logic.paths.graph import Graph, Index, index
from exposure.logic.paths.model import control_fact, foothold_fact, reach_fact
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import AssetResult, UnknownService
from exposure.logic.paths.worlds import Worlds


def facts_of_assets(plant: Plant, graph: Graph) -> Index:
    """Return two groups of facts for each asset: its ports are reached; it is taken."""
    number = {fact: place for place, fact in enumerate(graph.facts)}
    groups, facts = [], []
    for place, asset in enumerate(plant.assets):
        ports = [reach_fact(asset.id, port) for port in plant.ports_of(asset.id)]
        taken = [control_fact(asset.id), foothold_fact(asset.id)]
        for group, wanted in ((2 * place, ports), (2 * place + 1, taken)):
            known = [number[fact] for fact in wanted if fact in number]
            groups += [group] * len(known)
            facts += known
    return index(
        np.array(groups, np.int32),
        np.array(facts, np.int32),
        size=2 * len(plant.assets),
    )


def asset_results(plant: Plant, worlds: Worlds) -> tuple[AssetResult, ...]:
    """Return a row for each asset; the worlds counted `facts_of_assets` together."""
    shares = (worlds.together / worlds.count).reshape(-1, 2).tolist()
    return tuple(
        AssetResult(asset_id=asset.id, reached=reached, controlled=controlled)
        for asset, (reached, controlled) in zip(plant.assets, shares, strict=True)
    )


def unknown_services(plant: Plant, worlds: Worlds) -> tuple[UnknownService, ...]:
    """Reached is not exploitable, and nothing known is not harmless: list them."""
    weak = {(row.asset_id, row.port) for row in plant.open_findings()}
    reached = {
        fact: worlds.reach(number)
        for number, fact in enumerate(worlds.graph.facts)
        if worlds.hits[number]
    }
    return tuple(
        UnknownService(asset.id, asset.name, port, reached[fact])
        for asset in plant.assets
        for port in plant.ports_of(asset.id)
        if not weak & {(asset.id, port), (asset.id, 0)}
        and (fact := reach_fact(asset.id, port)) in reached
    )
