"""The pages of attack paths of a big plant, with a map of sixty boxes: time and statements.

Those that count in another way, or for a reader of one site, are asked for until they
are counted: `first` is then what the first click costs, `later` the first one after it.

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

import exposure.tasks  # noqa: F401 - fills the registry
from exposure.logic.paths.snapshot import PlantSnapshot, Row
from exposure.models import Asset, Line
from exposure.services import paths, revisions
from tenants.models import Job, Role, Side, User, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tenants.work import REGISTRY
from tests import factories
from tests.bench.big_plants import plant_of
from tests.bench.conftest import FULL
from tests.bench.measured import load, p50_p95, queries_of, timed

pytestmark = pytest.mark.bench

ASSETS, ROUNDS = (5_000, 40) if FULL else (2_000, 3)
MOST_QUERIES = 15
BOXES, LINES = 60, 31
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
            first, *others = computed.analysis.lines
            Line.objects.bulk_create(
                Line(
                    workspace=northmill,
                    pk=each.line_id,
                    site=site,
                    name=each.name,
                    hourly_cost=1,
                )
                for each in others[:LINES]
            )
            hop = next(hop for hop in first.best.hops if hop.to_kind == "asset")
            Asset.objects.create(pk=hop.to_id, site=site, name=hop.to_name)
            yield Line.objects.create(
                pk=first.line_id, site=site, name=first.name, hourly_cost=1
            )


@pytest.fixture
def olga(northmill: Workspace, line: Line) -> User:
    """Answers for the one site there is in the database, and for its lines."""
    user = factories.make_user("olga@northmill.example", "Olga Moe")
    factories.make_member(
        northmill, user, role=Role.OWNER, side=Side.OT, site_ids=[line.site_id]
    )
    return user


def work() -> None:
    """Do what pages have left to a job; before there was such a thing, nothing."""
    for job in Job.objects.filter(task="exposure.count_paths"):
        REGISTRY[job.task].work(**job.args)
        job.delete()


def test_the_pages_of_a_big_plant(otto: User, olga: User, line: Line) -> None:
    asset = Asset.objects.get()
    pages = {
        "attack paths": (otto, "paths/"),
        "another path": (otto, f"paths/?line={line.pk}&way=1"),
        "fewest changes to a line": (otto, f"paths/to/{line.pk}/"),
        "what a change costs": (otto, "plans/costs/"),
        "what a change costs, filtered": (otto, "plans/costs/?q=sl-1&kind=patch"),
        "without assumed": (otto, "paths/?grade=evidenced"),
        "with phishing": (otto, "paths/?grade=phishing"),
        "if an asset is taken": (otto, f"paths/from/{asset.pk}/"),
        "a reader of one site": (olga, "paths/"),
        "of one site, an asset is taken": (olga, f"paths/from/{asset.pk}/"),
    }
    browsers = {user: factories.signed_in(Client(), user) for user in (otto, olga)}
    for name, (user, page) in pages.items():
        _show(name, browsers[user], f"/w/northmill/{page}")
    drawn = browsers[otto].get("/w/northmill/paths/").context["map"]
    print(f"{len(drawn.boxes)} boxes, {len(drawn.edges)} edges")  # noqa: T201 - what a bench is for
    assert len(drawn.boxes) >= BOXES


def _show(name: str, browser: Client, path: str) -> None:
    first = timed(lambda: browser.get(path))
    counted = timed(work)
    later = timed(lambda: browser.get(path))
    while Job.objects.filter(task="exposure.count_paths").exists():
        counted += timed(work)  # a second question that follows from the first
        later = timed(lambda: browser.get(path))
    times = [timed(lambda: browser.get(path)) for _ in range(ROUNDS)]
    # The test's own transaction, around that of the request, is not the page's.
    asked = [each for each in queries_of(browser, path) if "SAVEPOINT" not in each]
    middle, tail = p50_p95(times)
    print(  # noqa: T201 - what a bench is for
        f"\n{name:32} p50 {middle:6.1f} ms  p95 {tail:6.1f} ms  first {first:7.1f} ms"
        f"  job {counted:7.1f} ms  later {later:7.1f} ms"
        f"  {len(asked):2} statements  {load()}"
    )
    assert len(asked) <= MOST_QUERIES
