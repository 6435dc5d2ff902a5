"""Upgrading keeps data: open-ended access gets an end, and every step leads back."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

OWNER = "SIGHTLINE_OWNER_DATABASE_URL"


@dataclass(frozen=True)
class Copy:
    """A database of its own, at some version."""

    url: str

    def migrate(self, *target: str) -> None:
        """Bring it to a version, with the command that an operator uses."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "manage.py", "migrate", "--database=owner", *target],
            cwd=settings.ROOT,
            env={
                **os.environ,
                OWNER: self.url,
                "DJANGO_SETTINGS_MODULE": "config.settings",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement as the owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def copy() -> Iterator[Copy]:
    """An empty database beside the one of the tests."""
    name = f"upgrade_{uuid.uuid4().hex}"
    parts = urlsplit(os.environ[OWNER])
    with psycopg.connect(os.environ[OWNER], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield Copy(urlunsplit(parts._replace(path=f"/{name}")))
    with psycopg.connect(os.environ[OWNER], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_access_without_an_end_gets_one_and_somebody_leads(copy: Copy) -> None:
    copy.migrate()
    copy.migrate("tenants", "0003")
    ids = [uuid.uuid4() for _ in range(4)]
    copy.ask(
        "INSERT INTO tenants_provider (id, slug, name, created_at) "
        "VALUES (%s, 'northgate', 'Northgate', now())",
        ids[0],
    )
    copy.ask(
        "INSERT INTO tenants_workspace (id, provider_id, slug, name, time_zone, created_at) "
        "VALUES (%s, %s, 'northmill', 'Northmill', 'UTC', now())",
        ids[1],
        ids[0],
    )
    for user, role, side in ((ids[2], "analyst", ""), (ids[3], "owner", "ot")):
        copy.ask(
            "INSERT INTO tenants_user (id, password, email, name, is_active, created_at) "
            "VALUES (%s, '', %s, %s, true, now())",
            user,
            f"{role}@northmill.example",
            role,
        )
        copy.ask(
            "INSERT INTO tenants_membership "
            "(id, user_id, workspace_id, role, side, site_ids, created_at) "
            "VALUES (gen_random_uuid(), %s, %s, %s, %s, '{}', now())",
            user,
            ids[1],
            role,
            side,
        )

    copy.migrate()

    assert copy.ask(
        "SELECT role, expires_at > now() + interval '89 days', reason <> '' "
        "FROM tenants_membership ORDER BY role"
    ) == [("analyst", True, True), ("owner", None, False)]
    assert copy.ask("SELECT role, user_id FROM tenants_staff") == [("admin", ids[2])]

    copy.migrate("tenants", "0003")
    assert copy.ask("SELECT count(*) FROM tenants_membership") == [(2,)]
