"""A house full of customers, in a database of its own, loaded once for all benches."""

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tenants.models import User
from tests.bench.loading import copy_for, make_first, seconds_since

FULL = os.environ.get("SIGHTLINE_BENCH_FULL") == "1"
CUSTOMERS, FINDINGS = (200, 20_000) if FULL else (8, 1_000)


@dataclass(frozen=True)
class House:
    """How many customers with how many findings, and the analyst who sees all."""

    customers: int
    findings: int
    ana: User
    database: str


@pytest.fixture(scope="session")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """Make a full database, which `full_house` switches to, and drop it in the end."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        template = str(connections["owner"].settings_dict["NAME"])
        _close()
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        _switch(name)
        began = time.perf_counter()
        ana = make_first(FINDINGS)
        made = seconds_since(began)
        copy_for(CUSTOMERS)
        print(  # noqa: T201 - what a bench is for
            f"\n{CUSTOMERS} customers x {FINDINGS} findings: first {made}, "
            f"all {seconds_since(began)}, {_size()}, load {os.getloadavg()[0]:.1f}"
        )
        _switch(template)
        yield House(CUSTOMERS, FINDINGS, ana, name)
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(statement: str) -> None:
    connection = connections["owner"].copy()
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def _switch(name: str) -> None:
    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name


def _close() -> None:
    for connection in connections.all():
        connection.close()


def _size() -> str:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        return str(cursor.fetchone()[0])


@pytest.fixture
def full_house(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """Let one test use it; other tests have the database they always have."""
    with django_db_blocker.unblock():
        usual = str(connections["owner"].settings_dict["NAME"])
        _switch(house.database)
        yield house
        _switch(usual)
