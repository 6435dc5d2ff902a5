"""The migrated database of which every database of the tests is a copy, made once."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER = "SIGHTLINE_OWNER_DATABASE_URL"
ROOT = Path(__file__).resolve().parents[1]
TEMPLATE, IN_THE_MAKING = "tests_migrated", "tests_in_the_making"


def ensure_template() -> None:
    """Make it unless it is there; whoever comes meanwhile waits until it is."""
    with psycopg.connect(owner_url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]
        )
        if found.fetchone():
            return
        making, made = sql.Identifier(IN_THE_MAKING), sql.Identifier(TEMPLATE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(making))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(making))
        migrate(owner_url(IN_THE_MAKING))
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(making, made)
        )


def owner_url(database: str) -> str:
    """Return where the owner finds another database of the same server."""
    return urlunsplit(urlsplit(os.environ[OWNER])._replace(path=f"/{database}"))


def migrate(url: str, *target: str) -> None:
    """Bring a database to a version, with the command that an operator uses."""
    # The checks are looked at elsewhere.
    way = ("--database=owner", "--skip-checks", "--verbosity=0")
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "manage.py", "migrate", *way, *target],
        cwd=ROOT,
        env={**os.environ, OWNER: url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]


if __name__ == "__main__":
    ensure_template()
