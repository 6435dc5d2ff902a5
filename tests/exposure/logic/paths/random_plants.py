"""Small random plants with everything a plant may hold, circles and oddities included."""

import random
from collections.abc import Sequence

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    Gives,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
    Window,
    ZoneRow,
)

ZONES = ("office", "cell", "yard")
PORTS = (22, 80, 102)
ASSETS = ("a0", "a1", "a2", "a3")


def random_plant(seed: int) -> PlantSnapshot:
    """The same seed, the same plant."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    return PlantSnapshot(
        zones=tuple(
            ZoneRow(name, name.title(), level)
            for name, level in zip(ZONES, (4, 1, 3.5), strict=True)
        ),
        lines=(LineRow("l", "Line", 10), LineRow("m", "Other line", 1)),
        assets=tuple(_asset(luck, name) for name in ASSETS),
        conduits=tuple(_conduit(luck, f"c{each}") for each in range(3)),
        services=tuple(_service(luck, f"s{each}") for each in range(5)),
        findings=tuple(_finding(luck, f"f{each}") for each in range(3)),
        credentials=tuple(_credential(luck, f"k{each}") for each in range(2)),
        vendor_accesses=(_vendor(luck),),
    )


def _some(luck: random.Random, things: Sequence[str]) -> tuple[str, ...]:
    return tuple(luck.sample(things, luck.randrange(3)))


def _ports(luck: random.Random) -> tuple[int, ...]:
    return tuple(luck.sample(PORTS, luck.choice((0, 1, 2))))


def _end(luck: random.Random) -> dict[str, str]:
    if luck.random() < 0.5:
        return {"to_asset_id": luck.choice(ASSETS)}
    return {"to_zone_id": luck.choice(ZONES)}


def _asset(luck: random.Random, name: str) -> AssetRow:
    return AssetRow(
        name,
        name.upper(),
        luck.choice(("", *ZONES)),
        line_ids=_some(luck, ("l", "m")),
        sends_packets=luck.random() < 0.7,
    )


def _conduit(luck: random.Random, name: str) -> ConduitRow:
    return ConduitRow(
        name,
        name,
        luck.choice(("", *ZONES)),
        ports=_ports(luck),
        basis=luck.choice(list(Basis)),
        **_end(luck),
    )


def _service(luck: random.Random, name: str) -> ServiceRow:
    port = luck.choice(PORTS)
    return ServiceRow(
        name,
        luck.choice(ASSETS),
        port,
        {22: "ssh", 80: "http", 102: "s7"}[port],
        luck.choice(("", *ZONES)),
    )


def _finding(luck: random.Random, name: str) -> FindingRow:
    return FindingRow(
        name,
        name,
        luck.choice(ASSETS),
        luck.choice((0, *PORTS)),
        "weak",
        luck.choice(list(Grade)),
        luck.choice(list(Threat)),
        luck.choice(list(Gives)),
        state=luck.choice(("open", "open", "closed")),
    )


def _credential(luck: random.Random, name: str) -> CredentialRow:
    return CredentialRow(
        name,
        name,
        held_on=_some(luck, ASSETS),
        opens=_some(luck, ASSETS),
        opens_zones=_some(luck, ZONES),
        shared=luck.random() < 0.5,
        stored=luck.random() < 0.5,
    )


def _vendor(luck: random.Random) -> VendorAccessRow:
    return VendorAccessRow(
        "v",
        "Pumpwright",
        ports=_ports(luck),
        conduit_id=luck.choice(("", "c0")),
        window=luck.choice(list(Window)),
        **_end(luck),
    )
