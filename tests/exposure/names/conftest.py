"""A plant whose name server shows everything that can be wrong, and a search for its names."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from exposure.models import Authorisation, Holding, NameSearch
from exposure.services.find_names import find_for_run
from exposure.services.resolving import never
from tenants.models import User, Workspace
from tests import factories
from tests.exposure.services.conftest import yard as yard
from tests.name_server import (
    ELSEWHERE,
    PLANT,
    REVERSE,
    SERVERS,
    NameServer,
    serve_names,
)

Search = Callable[[], NameSearch]


@pytest.fixture(scope="session")
def running() -> Iterator[NameServer]:
    """One server for all tests here."""
    with serve_names() as server:
        yield server


@pytest.fixture
def server(
    running: NameServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> NameServer:
    """The name server of the plant, which is also the resolver of this installation."""
    running.records.clear()
    running.lies.clear()
    running.heard.clear()
    running.transfers_to = set()
    running.dead_zones = {"sub.plant.example"}
    for zone in (PLANT, ELSEWHERE, REVERSE):
        running.know(zone)
    settings.DNS_RESOLVERS = [(SERVERS[0], running.port)]
    settings.DNS_ZONE_PORT = running.port
    settings.DNS_QUERIES_PER_SECOND = 50_000
    monkeypatch.setattr("exposure.services.name_steps.guesses", few_guesses)
    return running


@pytest.fixture
def names(in_northmill: Workspace, ida: User, server: NameServer) -> Authorisation:
    """A signed scope: one domain, and the range that most of its names point at."""
    authorisation = factories.make_authorisation(factories.make_site(), signed_by=ida)
    factories.make_entry(authorisation, "plant.example")
    factories.make_entry(authorisation, "127.79.2.0/28")
    return authorisation


def few_guesses(zone: str, known: set[str]) -> Iterator[str]:
    """Try what the zone of the tests has, and a little more: quick, and nothing is lost."""
    words = [
        "vpn",
        "scada",
        "old-portal",
        "out",
        "rebind",
        "www",
        "loop1",
        "sixth",
        "sub",
        "nobody",
        "remote",
    ]
    return (f"{word}.{zone}" for word in words if f"{word}.{zone}" not in known)


@pytest.fixture
def search(names: Authorisation) -> Search:
    """Look once, as the first step of a run."""

    def look() -> NameSearch:
        run = factories.make_run(names)
        find_for_run(run, should_stop=never)
        return NameSearch.objects.get(run=run)

    return look


def holding(value: str) -> Holding:
    return Holding.objects.get(value=value)


def values(**wanted: Any) -> set[str]:
    return set(Holding.objects.filter(**wanted).values_list("value", flat=True))
