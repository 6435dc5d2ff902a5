"""Plants of any size for benchmarks: sites with an office, a DMZ, operations and cells."""

import random
from dataclasses import fields

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
    ZoneRow,
)

PER_SITE = 1000
CELLS = 32
PORTS = (80, 102, 443, 502, 3389, 5900, 22, 4840)
LEVELS = (4.0, 3.5, 3.0, 2.0)
GRADES = (Grade.E1, Grade.E2, Grade.E3, Grade.E4)


def plant_of(assets: int) -> PlantSnapshot:
    """Return a group of sites with so many assets; the same number, the same plant."""
    luck = random.Random(assets)  # noqa: S311 - reproducible, not a secret
    rows: dict[str, list[object]] = {each.name: [] for each in fields(PlantSnapshot)}
    for site in range(-(-assets // PER_SITE)):
        _site(rows, site, min(PER_SITE, assets - site * PER_SITE), luck)
    return PlantSnapshot(**{name: tuple(made) for name, made in rows.items()})  # type: ignore[arg-type]  # by name


def _site(
    rows: dict[str, list[object]], site: int, count: int, luck: random.Random
) -> None:
    levels = (*LEVELS, *([1.0] * CELLS))
    names = [f"z{site}-{place}" for place in range(len(levels))]
    for name, level in zip(names, levels, strict=True):
        rows["zones"].append(ZoneRow(name, f"Zone {name}", level))
    for cell in range(CELLS):
        rows["lines"].append(LineRow(f"l{site}-{cell}", f"Line {site}-{cell}", 10))
    for number in range(count):
        _asset(rows, site, number, zones=names, luck=luck)
    _conduits(rows, site, names, luck)
    held = [f"a{site}-{luck.randrange(count)}" for _ in range(4)]
    for number in range(4):
        rows["credentials"].append(
            CredentialRow(
                f"k{site}-{number}",
                f"admin {site}-{number}",
                held_on=(held[number],),
                opens_zones=(names[2 + number],),
                shared=True,
                stored=True,
                basis=Basis.IMPORTED,
            )
        )
    rows["vendor_accesses"].append(
        VendorAccessRow(
            f"v{site}",
            f"Vendor {site}",
            names[4],
            conduit_id=f"c{site}-0",
            ports=(102,),
        )
    )


def _asset(
    rows: dict[str, list[object]],
    site: int,
    number: int,
    *,
    zones: list[str],
    luck: random.Random,
) -> None:
    place = number % len(zones)
    asset = f"a{site}-{number}"
    line = (f"l{site}-{place - 4}",) if place >= 4 and number % 3 == 0 else ()
    rows["assets"].append(
        AssetRow(asset, f"ASSET-{asset}", zones[place], line_ids=line)
    )
    for port in luck.sample(PORTS, 2):
        key = f"{asset}-{port}"
        outside = place == 0 and luck.random() < 0.1
        seen_from = "" if outside else zones[place]
        rows["services"].append(ServiceRow(f"s{key}", asset, port, seen_from=seen_from))
        if luck.random() < 0.3:
            grade, threat = luck.choice(GRADES), luck.choice(list(Threat))
            rows["findings"].append(
                FindingRow(f"f{key}", f"SL-{key}", asset, port, "weak", grade, threat)
            )


def _conduits(
    rows: dict[str, list[object]], site: int, names: list[str], luck: random.Random
) -> None:
    """Down the levels, operations into every cell, and rules that nobody cleaned up."""
    pairs = [(0, 1), (1, 2), (2, 3), *((3, 4 + cell) for cell in range(CELLS))]
    pairs += [(luck.randrange(4), luck.randrange(1, len(names))) for _ in range(72)]
    for number, (start, end) in enumerate(pairs):
        rows["conduits"].append(
            ConduitRow(
                f"c{site}-{number}",
                f"rule {site}-{number}",
                names[start],
                names[end],
                ports=tuple(luck.sample(PORTS, 6)),
                basis=luck.choice(list(Basis)),
            )
        )
