"""The plant as the path analysis sees it."""

from dataclasses import replace

import pytest

from common.errors import DomainError
from exposure.logic.paths.snapshot import PlantSnapshot
from tests.exposure.logic.paths.plants import northmill, shuffled


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
