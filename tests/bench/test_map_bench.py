"""The page of attack paths of a big plant, with a map of sixty boxes: time and statements.

Run with `pytest -m bench -s tests/bench/test_map_bench.py`; prints times, asserts none.
"""

import uuid
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from exposure.logic.paths.snapshot import PlantSnapshot, Row
from exposure.models import Line
from exposure.services import paths, revisions
from tenants.models import User, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tests import factories
from tests.bench.big_plants import plant_of
from tests.bench.conftest import FULL
from tests.bench.measured import load, p50_p95, queries_of, timed

pytestmark = pytest.mark.bench

ASSETS, ROUNDS = (5_000, 40) if FULL else (2_000, 3)
MOST_QUERIES = 15
BOXES = 60
NAMES = uuid.UUID(int=0)


def as_rows(plant: PlantSnapshot) -> PlantSnapshot:
    """Return a plant whose ids are those of rows of a database."""
    ids = {
        row.id: str(uuid.uuid5(NAMES, row.id))
        for each in fields(plant)
        for row in getattr(plant, each.name)
    }

    def known(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(known(each) for each in value)
        return ids.get(value, value) if type(value) is str else value

    def renamed(row: Row) -> Row:
        changed = {each.name: known(getattr(row, each.name)) for each in fields(row)}
        return replace(row, **changed)

    return PlantSnapshot(
        **{
            each.name: tuple(renamed(row) for row in getattr(plant, each.name))
            for each in fields(plant)
        }
    )


@pytest.fixture
def line(northmill: Workspace, settings: Settings) -> Iterator[Line]:
    """A plant that was computed; the line that loses most is in the database as well."""
    settings.PATH_WORLDS = 512
    with bind_workspace(northmill.id):
        with workspace_scope():
            site = factories.make_site()
        snapshot = as_rows(plant_of(ASSETS))
        computed = revisions.compute(
            revisions.Picture(
                snapshot=snapshot,
                policy=paths.policy(),
                sites={row.id: str(site.pk) for row in snapshot.lines},
                taken_at=timezone.now(),
            )
        )
        with workspace_scope():
            revisions.store(computed)
            first = computed.analysis.lines[0]
            yield Line.objects.create(
                pk=first.line_id, site=site, name=first.name, hourly_cost=1
            )


def test_the_pages_of_a_big_plant(otto: User, line: Line) -> None:
    browser = factories.signed_in(Client(), otto)
    pages = {
        "attack paths": "paths/",
        "another path": f"paths/?line={line.pk}&way=1",
        "fewest changes to a line": f"paths/to/{line.pk}/",
        "what a change costs": "plans/costs/",
        "what a change costs, filtered": "plans/costs/?q=sl-1&kind=patch",
    }
    for name, page in pages.items():
        path = f"/w/northmill/{page}"
        first = timed(lambda: browser.get(path))  # noqa: B023 - called at once
        times = [timed(lambda: browser.get(path)) for _ in range(ROUNDS)]  # noqa: B023 - as above
        # The test's own transaction, around that of the request, is not the page's.
        asked = [each for each in queries_of(browser, path) if "SAVEPOINT" not in each]
        middle, tail = p50_p95(times)
        print(  # noqa: T201 - what a bench is for
            f"\n{name:32} p50 {middle:6.1f} ms  p95 {tail:6.1f} ms  first {first:7.1f} ms"
            f"  {len(asked):2} statements  {load()}"
        )
        assert len(asked) <= MOST_QUERIES
    drawn = browser.get("/w/northmill/paths/").context["map"]
    print(f"{len(drawn.boxes)} boxes, {len(drawn.edges)} edges")  # noqa: T201 - as above
    assert len(drawn.boxes) >= BOXES
