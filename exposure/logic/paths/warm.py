"""Runs the engine once over a plant of four assets, so that all of it is compiled."""

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.blast import blast_radius
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.edits import closing
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)
from exposure.logic.paths.stops import fewest_changes
from exposure.logic.paths.whatif import what_if

WORLDS = 512


def warm() -> None:
    """Compile every kernel that an analysis, a question after it or a plan calls.

    Or load it from the cache. A kernel is compiled for the types of its arguments,
    whatever is in them. Half a minute the first time, then less than a second.
    """
    snapshot, policy = _small(), ScoringPolicy()
    analyse(snapshot, policy=policy, seed="warm", worlds=WORLDS)
    compiled = compile_plant(snapshot, policy=policy)
    plant, graph = compiled.plant, compiled.graph
    edits = [closing(cause, [cause]) for cause in graph.cause_ids]
    effects = Effects(graph, edits, seed=0, worlds=WORLDS)
    state = effects.after(effects.state(), 0)
    effects.gains(state)
    effects.gain(state, 1)
    effects.bound(state, 1)
    what_if(graph, edits, seed=0, worlds=WORLDS)
    blast_radius(plant, graph, "gateway", seed=0, worlds=WORLDS)
    closes = {cause: [cause] for cause in graph.cause_ids}
    fewest_changes(Rules(graph), [graph.facts[graph.target[0]]], closes=closes)
    changes = candidates_of(compiled.causes, plant)
    settings = Settings(seed="warm", worlds=WORLDS, fresh_worlds=WORLDS)
    plan(graph, changes, Limits(), settings=settings)


def _small() -> PlantSnapshot:
    """A gateway, two ways on, and a controller behind a way that is hardly ever open.

    Beside them a box with two weaknesses of which closing one alone removes nothing,
    and a password: without one no step needs two facts.
    """
    return PlantSnapshot(
        zones=(ZoneRow("office", "Office", 4), ZoneRow("cell", "Cell", 2)),
        lines=tuple(LineRow(name, name, 10) for name in ("line", "far", "near")),
        assets=(
            AssetRow("gateway", "Gateway", "office"),
            AssetRow("panel", "Panel", "cell", line_ids=("line",)),
            AssetRow("plc", "PLC", "cell", line_ids=("far",)),
            AssetRow("box", "Box", "office", line_ids=("near",)),
        ),
        conduits=tuple(
            ConduitRow(name, name, "office", to_zone_id="cell", ports=(port,))
            for name, port in (("one", 5900), ("other", 3389))
        ),
        credentials=(
            CredentialRow("admin", "Admin", held_on=("gateway",), opens=("panel",)),
        ),
        services=(
            ServiceRow("https", "gateway", 443),
            ServiceRow("http", "box", 80),
            ServiceRow("s7", "plc", 102, seen_from="cell"),
        ),
        findings=tuple(
            FindingRow(name, name, asset, port, name, grade, Threat.NONE)
            for name, asset, port, grade in (
                ("old", "gateway", 443, Grade.E2),
                ("open", "panel", 5900, Grade.E2),
                ("shared", "panel", 3389, Grade.E1),
                ("program", "plc", 102, Grade.E0),
                ("web", "box", 80, Grade.E4),
                ("twin", "box", 80, Grade.E4),
            )
        ),
    )
