"""Fills a database with many customers: one is made by the product's code, all others
are copies of its rows under another tag, loaded with COPY before there are indexes.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from django.db import connections

from exposure.logic.paths.results import FindingResult
from exposure.services import rebuild, revisions
from exposure.services.revisions import Computed, Picture
from tenants.models import Provider, User
from tenants.scope import bind_workspace, workspace_scope
from tests import factories
from tests.bench.decided import add_cases, add_decisions
from tests.bench.template import TAG, WORKSPACE, Template

COMPUTED = 300
SLICES = 20  # rows of all customers lie among each other, as they come in real life
SHARED = ("tenants_workspace", "tenants_user", "tenants_membership")

# What slows loading down, and how to have it again. Unique rules go before indexes come
# back; foreign keys are dropped first and added last.
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype
FROM pg_constraint WHERE contype IN ('u', 'f') AND connamespace = 'public'::regnamespace
  AND conrelid::regclass::text = ANY (%s)
ORDER BY contype
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE NOT indisprimary AND indrelid::regclass::text = ANY (%s) AND NOT EXISTS (
  SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""

# Ids that the product made carry no tag; nothing points at those rows but at the one
# revision, which becomes the first of its table.
OWN_ID = (
    f"CASE WHEN starts_with(id::text, '{TAG}') THEN id ELSE ('{TAG}-00ff-7000-8000-' || "
    "lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid END"
)
OWN_REVISION = f"'{TAG}-00ff-7000-8000-000000000001'::uuid AS revision_id"


def make_first(findings: int) -> User:
    """Make the customer of whom the others are copies; return the provider's analyst."""
    provider = Provider.objects.create(slug="northgate", name="Northgate")
    ana = factories.make_user("ana@northgate.example", "Ana Torres")
    template = Template(findings, provider=provider.pk, ana=ana.pk)
    people = {model: template.rows.pop(model) for model in template.people}
    for model, rows in people.items():
        model._default_manager.bulk_create(rows)
    with workspace_scope(WORKSPACE):
        template.store()
        add_cases(template)
        template.store()
        add_decisions(template)
        template.store()
    compute = revisions.compute

    def quickly(picture: Picture) -> Computed:
        return drawn(compute(few(picture)), picture)

    with patch.object(revisions, "compute", quickly), bind_workspace(WORKSPACE):
        rebuild.rebuild_paths()
    return ana


def few(picture: Picture) -> Picture:
    """Return a picture of the same plant with only a few of its findings.

    What is measured reads answers about all of them; how long one takes to compute is
    the subject of another bench.
    """
    findings = picture.snapshot.findings[:COMPUTED]
    return replace(picture, snapshot=replace(picture.snapshot, findings=findings))


def drawn(computed: Computed, picture: Picture) -> Computed:
    """Return the answer for a picture, with the findings that it lacks drawn by lot."""
    luck = random.Random(1)  # noqa: S311 - reproducible, not a secret
    lines = [line.id for line in picture.snapshot.lines]
    others = (
        FindingResult(
            finding_id=row.id,
            ref=row.ref,
            through=round(luck.expovariate(1), 3),
            removes=0.0,
            line_ids=tuple(luck.sample(lines, luck.randrange(3))),
        )
        for row in picture.snapshot.findings[COMPUTED:]
    )
    found = computed.analysis
    analysis = replace(found, findings=(*found.findings, *others))
    return replace(computed, picture=picture, analysis=analysis)


def copy_for(customers: int) -> None:
    """Copy the first customer so often that there are `customers` of them."""
    with connections["owner"].cursor() as cursor:
        tables = _tables(cursor)
        rows = {table: _read(cursor, table) for table in tables}
        with _bare(cursor, [table for table in tables if table not in SHARED]):
            for table, lines in rows.items():
                _write(cursor, table, lines, customers)
        cursor.execute("VACUUM (ANALYZE, FREEZE)")


def _tables(cursor: Any) -> list[str]:
    """Return the tables in which the first customer has rows, accounts first."""
    cursor.execute(
        "SELECT table_name FROM information_schema.columns "
        "JOIN pg_class ON oid = to_regclass(table_name) "
        "WHERE column_name = 'workspace_id' AND table_schema = 'public' "
        "AND relkind IN ('r', 'p') AND NOT relispartition AND (table_name ~ '^(exposure|workflows)_' OR table_name = 'tenants_counter')"
    )
    return [*SHARED, *sorted(name for (name,) in cursor.fetchall())]


def _read(cursor: Any, table: str) -> list[bytes]:
    mine = {
        "tenants_workspace": "id = %s",
        "tenants_user": "id IN (SELECT user_id FROM tenants_membership "
        "WHERE workspace_id = %s AND role = 'owner')",
    }.get(table, "workspace_id = %s")
    cursor.execute(
        "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) "
        "FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'",
        [table],
    )
    columns = cursor.fetchone()[0].split(", ")
    columns[columns.index("id")] = OWN_ID
    if "revision_id" in columns:
        columns[columns.index("revision_id")] = OWN_REVISION
    query = f"COPY (SELECT {', '.join(columns)} FROM {table} WHERE {mine}) TO STDOUT"  # noqa: S608 - our own tables
    with cursor.copy(query % f"'{WORKSPACE}'") as copy:
        return b"".join(copy).splitlines(keepends=True)


def _write(cursor: Any, table: str, lines: list[bytes], customers: int) -> None:
    size = len(lines) // SLICES + 1
    for start in range(0, len(lines), size):
        part = b"".join(lines[start : start + size])
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for number in range(1, customers):
                copy.write(_for(part, number))


def _for(rows: bytes, number: int) -> bytes:
    """Return the rows of another customer; bytes that are stored are hexadecimal."""
    tag = f"{number:08x}".encode()
    old = TAG.encode()
    return rows.replace(old, tag).replace(old.hex().encode(), tag.hex().encode())


@contextmanager
def _bare(cursor: Any, tables: list[str]) -> Iterator[None]:
    cursor.execute(CONSTRAINTS, [tables])
    constraints = cursor.fetchall()
    cursor.execute(INDEXES, [tables])
    indexes = cursor.fetchall()
    for table, name, _, _ in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute("ALTER TABLE exposure_finding DISABLE TRIGGER USER")
    yield
    cursor.execute("ALTER TABLE exposure_finding ENABLE TRIGGER USER")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition, _ in sorted(
        constraints, key=lambda row: row[3] == "f"
    ):
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def seconds_since(began: float) -> str:
    """Return how long something took, in words."""
    return f"{time.perf_counter() - began:.0f} s"
