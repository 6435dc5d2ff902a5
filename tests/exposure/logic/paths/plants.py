"""Small plants and models that the tests of the path analysis share."""

import itertools
import random
from dataclasses import fields, replace

from hypothesis import settings

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    FindingRow,
    Gives,
    LineRow,
    PlantSnapshot,
    Row,
    ServiceRow,
    ZoneRow,
)

CALM = settings(deadline=None, max_examples=60)
"""The first example may compile a kernel, which takes seconds."""


def rules_of(model: AttackModel) -> Rules:
    """The model as the searches read it."""
    return Rules(graph_of(model))


def finder_of(model: AttackModel) -> PathFinder:
    """What finds derivations in the model."""
    return PathFinder(rules_of(model), steps=model.steps)


def model_of(
    chances: dict[str, float], moves: list[tuple[str, str, str]], *targets: str
) -> AttackModel:
    """A model of moves "a+b", "c", cause ("": always), from the source "in"."""
    return AttackModel(
        source="in",
        causes=tuple(Cause(each, "", each, each, p, "") for each, p in chances.items()),
        steps=tuple(
            Step(f"s{spot}", head, tuple(body.split("+")), (cause,) if cause else ())
            for spot, (body, head, cause) in enumerate(moves)
        ),
        targets=tuple(Target(each, each, 10) for each in targets),
    )


def northmill() -> PlantSnapshot:
    """The worked example: gateway, jump host, panel, controller, one line."""
    return PlantSnapshot(
        zones=(
            ZoneRow("z-office", "Office", 4),
            ZoneRow("z-dmz", "DMZ", 3.5),
            ZoneRow("z-cell", "Cell 2", 2),
        ),
        lines=(LineRow("l-past", "Pasteuriser 2", 10, "4200.00"),),
        assets=(
            AssetRow("a-vpn", "VPN-GW-01", "z-office", "gateway"),
            AssetRow("a-jump", "JUMP-01", "z-dmz", "server"),
            AssetRow("a-hmi", "HMI-P2", "z-cell", "hmi"),
            AssetRow("a-plc", "PLC-P21", "z-cell", "plc", line_ids=("l-past",)),
        ),
        conduits=(
            ConduitRow(
                "c-114",
                "Rule 114",
                "z-office",
                to_asset_id="a-jump",
                ports=(3389,),
                basis=Basis.IMPORTED,
            ),
            ConduitRow(
                "c-22",
                "Rule 22",
                "z-dmz",
                to_asset_id="a-hmi",
                ports=(5900,),
                basis=Basis.ASSUMED,
            ),
        ),
        services=(
            ServiceRow("s-vpn", "a-vpn", 443),
            ServiceRow("s-plc", "a-plc", 102, seen_from="z-cell"),
        ),
        findings=(
            _validated("f-vpn", "SL-1", "a-vpn", 443, "old gateway", "T0819"),
            _validated("f-jump", "SL-2", "a-jump", 3389, "shared sign-in", "T0859"),
            _validated("f-hmi", "SL-3", "a-hmi", 5900, "no password", "T0886"),
            _validated("f-plc", "SL-4", "a-plc", 102, "open programming", "T0843"),
        ),
    )


def _validated(
    row_id: str, ref: str, asset_id: str, port: int, title: str, technique: str
) -> FindingRow:
    return FindingRow(
        row_id,
        ref,
        asset_id,
        port,
        title,
        Grade.E4,
        Threat.ACTIVE,
        Gives.CONTROL,
        technique,
    )


def random_model(seed: int, *, ways_in: int = 0) -> AttackModel:
    """A random AND/OR model with cycles, self loops and shared causes.

    Its first `ways_in` steps need nothing but the source; without any, most models
    lead nowhere.
    """
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    names = [f"f{number}" for number in range(6)]
    reasons = [
        Cause(
            id=f"finding:{number}",
            kind="finding",
            subject_id=str(number),
            label=f"reason {number}",
            p=luck.choice((0.0, 1.0, 0.1, 0.35, 0.5, 0.8, luck.random())),
            word="E2",
        )
        for number in range(6)
    ]
    moves = [
        Step(
            id=f"s{number}",
            head=luck.choice(names),
            body=("net:internet",)
            if number < ways_in
            else tuple(luck.sample(["net:internet", *names], luck.choice((1, 1, 2)))),
            causes=tuple(
                cause.id for cause in luck.sample(reasons, luck.choice((0, 1, 1, 2)))
            ),
        )
        for number in range(10)
    ]
    targets = [Target(name, name, luck.choice((0, 1, 3, 10))) for name in names]
    return AttackModel(
        causes=tuple(reasons), steps=tuple(moves), targets=tuple(targets)
    )


def lively_model(seed: int) -> AttackModel:
    """A random model with a few ways in."""
    return random_model(seed, ways_in=3)


def exact_reach(model: AttackModel) -> dict[str, float]:
    """The definition, word for word: enumerate every world, iterate to the fixpoint."""
    chances: dict[str, float] = {}
    uncertain = [cause for cause in model.causes if 0.0 < cause.p < 1.0]
    for number in range(1 << len(uncertain)):
        true = {cause.id for cause in model.causes if cause.p == 1.0}
        weight = 1.0
        for place, cause in enumerate(uncertain):
            happens = number >> place & 1
            weight *= cause.p if happens else 1.0 - cause.p
            if happens:
                true.add(cause.id)
        for fact in reached_in_world(model, true):
            chances[fact] = chances.get(fact, 0.0) + weight
    return chances


def reached_in_world(
    model: AttackModel,
    true: set[str],
    *,
    without: frozenset[str] = frozenset(),
    also: frozenset[str] = frozenset(),
) -> set[str]:
    """What is won in one world, in which exactly these causes are true.

    Never anything in `without`; what is in `also` is held from the start.
    """
    held = {model.source, *also} - without
    grows = True
    while grows:
        grows = False
        for step in model.steps:
            works = held.issuperset(step.body) and true.issuperset(step.causes)
            if works and step.head not in held | without:
                held.add(step.head)
                grows = True
    return held


def possible(model: AttackModel) -> set[str]:
    """The causes that may be true."""
    return {cause.id for cause in model.causes if cause.p > 0.0}


def sets_by_size(items: list[str]) -> itertools.chain[tuple[str, ...]]:
    """All sets of some items, small ones first."""
    return itertools.chain.from_iterable(
        itertools.combinations(items, size) for size in range(len(items) + 1)
    )


def shuffled(plant: PlantSnapshot, *, seed: int) -> PlantSnapshot:
    """The same plant with its rows in another order."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret

    def mixed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(luck.sample(rows, len(rows)))

    return replace(
        plant,
        **{field.name: mixed(getattr(plant, field.name)) for field in fields(plant)},
    )
