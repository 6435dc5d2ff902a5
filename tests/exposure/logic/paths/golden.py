"""What the engine answered for some plants, and the digests that are to stay the same.

`python -m tests.exposure.logic.paths.golden` prints the digests of this machine.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.blob import pack
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    Basis,
    CredentialRow,
    PlantSnapshot,
    VendorAccessRow,
)
from tests.bench.big_plants import plant_of
from tests.exposure.logic.paths.plants import northmill

KEPT = Path(__file__).with_name("golden.json")
"""Written by hand, and only when an answer is meant to change."""

WORLDS = 2_048
SECONDS = 3_600.0
"""A slow machine is to end with the same plan, so no program runs out of time."""


def plants() -> dict[str, PlantSnapshot]:
    """The worked example with sign-ins, and two made-up sites of other sizes."""
    example = replace(
        northmill(),
        credentials=(
            CredentialRow(
                "k-admin",
                "Admin",
                held_on=("a-jump",),
                opens=("a-hmi",),
                shared=True,
                basis=Basis.IMPORTED,
            ),
        ),
        vendor_accesses=(
            VendorAccessRow("v-pumps", "Pumpwright", "z-cell", basis=Basis.ASSUMED),
        ),
    )
    return {
        "northmill": example,
        "120 assets": _facing_the_internet(plant_of(120)),
        "300 assets": _facing_the_internet(plant_of(300)),
    }


def _facing_the_internet(plant: PlantSnapshot) -> PlantSnapshot:
    """Let every third service be seen from there, as nobody should."""
    services = tuple(
        row if number % 3 else replace(row, seen_from="")
        for number, row in enumerate(plant.services)
    )
    return replace(plant, services=services)


def bytes_of(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the stored graph, the stored analysis and a plan of a plant."""
    snapshot, policy = plants()[name], ScoringPolicy()
    compiled = compile_plant(snapshot, policy=policy)
    # The format and the SHA-256 of what is in it: how small it gets is up to each zlib.
    yield "graph", pack(compiled.graph)[:40]
    answer = analyse(snapshot, policy=policy, seed=name, worlds=WORLDS)
    yield "analysis", answer.to_json()
    changes = candidates_of(compiled.causes, compiled.plant)
    settings = Settings(
        seed=name, worlds=512, fresh_worlds=WORLDS, seconds=SECONDS, points=2
    )
    limits = Limits(hours=0.1 * sum(row.hours for row in changes), total_downtime=4.0)
    made = plan(compiled.graph, changes, limits, settings=settings)
    yield "plan", made.to_json()


def digests_of(name: str) -> dict[str, str]:
    """Return the SHA-256 of each."""
    return {what: hashlib.sha256(made).hexdigest() for what, made in bytes_of(name)}


def kept() -> dict[str, dict[str, str]]:
    """Return the digests that every machine is to find."""
    known: dict[str, dict[str, str]] = json.loads(KEPT.read_text())
    return known


if __name__ == "__main__":
    print(json.dumps({name: digests_of(name) for name in plants()}, indent=2))  # noqa: T201 - what it is for
