"""The plant as the path analysis sees it."""

import json
from dataclasses import replace

import pytest

from common.errors import DomainError
from exposure.logic.paths.snapshot import PlantSnapshot, Shut, ShutRow
from tests.exposure.logic.paths.plants import northmill, shuffled
from tests.exposure.logic.paths.random_plants import random_plant


@pytest.mark.parametrize("seed", range(5))
def test_it_has_the_same_bytes_in_any_order_of_rows(seed):
    plant = northmill()

    mixed = shuffled(plant, seed=seed)

    assert mixed.canonical() == plant.canonical()
    assert mixed.sha256 == plant.sha256


def test_it_has_other_bytes_when_one_value_changes():
    plant = northmill()
    line = replace(plant.lines[0], points=30)

    changed = replace(plant, lines=(line,))

    assert changed.sha256 != plant.sha256


def test_it_can_be_read_back():
    plant = northmill()

    again = PlantSnapshot.from_canonical(plant.canonical())

    assert again.sha256 == plant.sha256
    assert again.findings[0].grade.label == "validated"


def test_what_has_no_control_has_the_bytes_it_had_before_there_were_any():
    plant = northmill()
    guarded = replace(plant.findings[0], verified_control=True, control="Rule review")
    other = replace(plant, findings=(guarded, *plant.findings[1:]))

    written = json.loads(plant.canonical())
    assert not {"control", "verified_control"} & written["findings"][0].keys()
    assert "control" not in written["conduits"][0]
    again = PlantSnapshot.from_canonical(other.canonical())
    assert again.sha256 == other.sha256 != plant.sha256
    assert guarded in again.findings


def test_it_reads_what_an_earlier_version_wrote():
    plant = northmill()
    old = json.loads(plant.canonical())
    for later in ("credentials", "vendor_accesses", "shut"):
        del old[later]
    for row in old["conduits"]:
        del row["source"]
    for row in old["services"]:
        del row["known_since"]

    again = PlantSnapshot.from_canonical(json.dumps(old))

    assert again.canonical() == plant.canonical()


@pytest.mark.parametrize("seed", range(5))
def test_it_keeps_credentials_vendors_and_what_is_shut(seed):
    shut = ShutRow("x", "a0", 22, "SL-7", Shut.CLOSED, "2026-11-04")
    plant = replace(random_plant(seed), shut=(shut,))

    again = PlantSnapshot.from_canonical(plant.canonical())

    assert again.canonical() == plant.canonical()
    assert again.shut == (shut,)
    assert {row.id for row in again.credentials} == {"k0", "k1"}
    assert again.vendor_accesses[0].window == plant.vendor_accesses[0].window


@pytest.mark.parametrize(
    "text",
    [
        b"not json",
        b"[" * 5000,
        b"{}",
        b'{"zones":[1],"lines":[],"assets":[],"conduits":[],"services":[],"findings":[]}',
    ],
)
def test_it_refuses_what_is_no_plant(text):
    with pytest.raises(DomainError):
        PlantSnapshot.from_canonical(text)
