"""Random plants: the same bytes in any order, and what the rules say row by row."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest

from exposure.logic.paths.compile import compile_graph, compile_model
from exposure.logic.paths.graph import Graph, Index, graph_of
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import PlantSnapshot
from tests.exposure.logic.paths.plants import reached_in_world, shuffled
from tests.exposure.logic.paths.random_plants import random_plant
from tests.exposure.logic.paths.told_plant import Told

POLICY = ScoringPolicy(phishing=True)


def bytes_of(graph: Graph) -> dict[str, object]:
    """Everything a graph holds, as bytes where it is an array."""
    plain: dict[str, object] = {}
    for each in fields(graph):
        value = getattr(graph, each.name)
        if isinstance(value, np.ndarray):
            plain[each.name] = (value.dtype.str, value.shape, value.tobytes())
        elif isinstance(value, Index):
            plain[each.name] = (value.ptr.tobytes(), value.items.tobytes())
        else:
            plain[each.name] = value
    return plain


def stirred(plant: PlantSnapshot, *, seed: int) -> PlantSnapshot:
    """Rows in another order, and what a row lists in another order, some of it twice."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret

    def mixed(row: object) -> object:
        listed = {
            each.name: getattr(row, each.name)
            for each in fields(row)  # type: ignore[arg-type]  # a row is a dataclass
            if isinstance(getattr(row, each.name), tuple)
        }
        return replace(
            row,  # type: ignore[type-var]  # as above
            **{
                name: tuple(luck.sample(values, len(values))) + values[:1]
                for name, values in listed.items()
            },
        )

    plant = shuffled(plant, seed=seed)
    return replace(
        plant,
        **{
            each.name: tuple(mixed(row) for row in getattr(plant, each.name))
            for each in fields(plant)
        },
    )


@pytest.mark.parametrize("seed", range(25))
def test_the_same_plant_has_the_same_bytes(seed: int):
    plant = random_plant(seed)

    graph = bytes_of(compile_graph(plant, policy=POLICY))

    again = PlantSnapshot.from_canonical(plant.canonical())
    for same in (stirred(plant, seed=seed), again):
        assert bytes_of(compile_graph(same, policy=POLICY)) == graph
    assert bytes_of(graph_of(compile_model(plant, policy=POLICY))) == graph


@pytest.mark.parametrize("seed", range(60))
def test_in_every_world_the_outsider_wins_what_the_rules_say(seed: int):
    plant = random_plant(seed)
    model = compile_model(plant, policy=POLICY)
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    # That something was seen is certain, and so is a chance of 1.
    certain = {each.id for each in model.causes if each.p == 1.0}

    for _ in range(20):
        true = certain | {
            each.id for each in model.causes if each.p and luck.random() < 0.6
        }
        won = reached_in_world(model, true)

        told = Told(plant, true, mail=True)
        assert {each.removeprefix("line:") for each in won if each[:5] == "line:"} == (
            told.lines()
        )
        assert {each[8:] for each in won if each.startswith("control:")} == (
            told.controlled
        )
        assert {each[11:] for each in won if each.startswith("credential:")} == (
            told.held
        )


def test_random_plants_use_every_rule():
    kinds = {
        cause.kind
        for seed in range(60)
        for cause in compile_model(random_plant(seed), policy=POLICY).causes
    }

    assert kinds == {
        "finding",
        "conduit",
        "same_zone",
        "service",
        "credential",
        "vendor",
        "phishing",
    }
