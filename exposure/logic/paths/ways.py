"""The likeliest way from the internet to the asset of a finding, hop by hop."""

import math
from dataclasses import replace

import numpy as np

from exposure.logic.paths.best import Derivation, PathFinder
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.hops import INTERNET_ID, conduit_of, found_path
from exposure.logic.paths.model import SOURCE, Cause, Step, reach_fact
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import Hop
from exposure.logic.paths.sight import Sight
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.weakest import weakest


class Ways:
    """Looks up ways in one plant; each is computed when somebody asks for it."""

    def __init__(
        self,
        snapshot: PlantSnapshot,
        *,
        policy: ScoringPolicy,
        sight: Sight | None = None,
    ) -> None:
        compiled = compile_plant(snapshot, policy=policy)
        self._plant = compiled.plant
        self._sight = sight
        self._steps = compiled
        self._finder = PathFinder(Rules(compiled.graph), steps=compiled)
        self._causes = {cause.id: cause for cause in compiled.causes}
        self._numbers = {cause.id: n for n, cause in enumerate(compiled.causes)}
        self._known: dict[tuple[str, str, int], tuple[Hop, ...]] = {}

    def to(self, finding_id: str, *, asset_id: str, port: int) -> tuple[Hop, ...]:
        """Return the hops that end with using a finding; () when no way is known.

        A weakness that gives an attacker nothing ends with reaching its port.
        """
        key = (finding_id, asset_id, port)
        if key not in self._known:
            self._known[key] = self._shown(
                self._using(key[0]) or self._reaching(key[1], key[2])
            )
        return self._known[key]

    def weakest_of(self, hop: Hop) -> Cause | None:
        """Return what a hop of these ways rests on that is known worst.

        None for a hop that needs no luck. At another site it is not named.
        """
        cause = weakest(hop, self._causes)
        if cause is None or self._sight is None or hop.to_id in self._sight.ids:
            return cause
        return replace(cause, label=hop.way)

    def _shown(self, hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
        sight = self._sight
        return hops if sight is None else tuple(sight.of_hop(hop) for hop in hops)

    def _using(self, finding_id: str) -> tuple[Hop, ...]:
        found = [
            (way.p, step.id, way, step)
            for step in self._uses(finding_id)
            if (way := self._finder.likeliest(step.body[0])) is not None
        ]
        if not found:
            return ()
        _, _, way, step = max(found, key=lambda each: each[:2])
        causes = way.causes | set(step.causes)
        whole = Derivation(p=way.p, steps=(*way.steps, step), causes=causes)
        return found_path(whole, plant=self._plant, causes=self._causes).hops

    def _uses(self, finding_id: str) -> list[Step]:
        """Return the steps that use a finding, each once."""
        number = self._numbers.get(f"finding:{finding_id}")
        if number is None:
            return []
        graph = self._steps.graph
        guarded = graph.guards.items[slice(*graph.guards.ptr[number : number + 2])]
        return [self._steps[each] for each in np.unique(graph.origin[guarded]).tolist()]

    def _reaching(self, asset_id: str, port: int) -> tuple[Hop, ...]:
        way = self._finder.likeliest(reach_fact(asset_id, port))
        if way is None or not way.steps:
            return ()
        before = found_path(way, plant=self._plant, causes=self._causes).hops
        return (*before, self._arrival(way.steps[-1], asset_id, port, before))

    def _arrival(
        self, step: Step, asset_id: str, port: int, before: tuple[Hop, ...]
    ) -> Hop:
        # Who came into the zone by a vendor's access or by mail took nothing before.
        outside = step.body[0] == SOURCE or not before
        causes = [self._causes[each] for each in step.causes]
        return Hop(
            number=len(before) + 1,
            from_kind="internet" if outside else "asset",
            from_id=INTERNET_ID if outside else before[-1].to_id,
            from_name="Internet" if outside else before[-1].to_name,
            to_id=asset_id,
            to_name=self._plant.asset(asset_id).name,
            to_kind="asset",
            way=causes[0].label,
            how=f"{step.sentence}.",
            technique=step.technique,
            port=port,
            p=math.prod(each.p for each in causes),
            basis=causes[0].word,
            grade="",
            finding_id="",
            conduit_id=conduit_of(causes),
            cause_ids=step.causes,
        )
