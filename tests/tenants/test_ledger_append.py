"""Entries are chained by the database at the commit, all of them and in one line."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from tenants.models import (
    LedgerDetail,
    LedgerEntry,
    LedgerHead,
    User,
    Workspace,
)
from tenants.origin import Origin, coming_from
from tenants.scope import workspace_scope
from tenants.services import ledger
from tests import factories

WRITERS, EACH = 8, 10
committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def committed() -> Iterator[Workspace]:
    """Northmill, in tables that really commit."""
    provider = factories.make_provider("Northgate")
    yield factories.make_workspace(provider, "Northmill Dairy")
    connections["default"].close()


def write(workspace: Workspace, action: str, **values: object) -> None:
    with workspace_scope(workspace.id):
        ledger.append(action, about="SL-1", **values)  # type: ignore[arg-type]  # test values


def entries(workspace: Workspace) -> list[LedgerEntry]:
    with workspace_scope(workspace.id):
        return list(LedgerEntry.objects.order_by("seq"))


def assert_chained(workspace: Workspace) -> None:
    """Recompute every hash from the stored bytes alone."""
    head = b""
    for seq, entry in enumerate(entries(workspace), start=1):
        line = bytes(entry.line)
        told = json.loads(line)
        assert (told["seq"], told["workspace"]) == (seq, str(workspace.id))
        length = len(head).to_bytes(4, "big")
        head = hashlib.sha256(b"\0" + length + head + line).digest()
        assert bytes(entry.chain) == head
    with workspace_scope(workspace.id):
        row = LedgerHead.objects.get()
        assert (row.size, bytes(row.head)) == (len(entries(workspace)), head)


@committing
def test_it_stores_the_bytes_it_hashed(committed: Workspace) -> None:
    ida = factories.make_user("ida@northmill.example", "Ida Larsen")

    with coming_from(Origin(request="r1", ip="192.0.2.7")):
        write(
            committed,
            "decision.signed",
            by=ida,
            text="Ida signed.",
            change=ledger.Change(before={"state": "open"}, after={"state": "signed"}),
        )

    [entry] = entries(committed)
    body = json.loads(bytes(entry.line))["body"]
    with workspace_scope(committed.id):
        detail = LedgerDetail.objects.get(pk=entry.pk)
    salt, readable = bytes(detail.salt), bytes(detail.body)
    assert body["actor"] == str(ida.pk)
    assert body["request"] == "r1"
    assert body["detail"] == hashlib.sha256(salt + readable).hexdigest()
    assert body["after"] == hashlib.sha256(salt + b'{"state":"signed"}').hexdigest()
    assert json.loads(readable)["ip"] == "192.0.2.7"
    assert b"Ida" not in bytes(entry.line)
    assert_chained(committed)


@committing
def test_no_writer_forks_the_chain(committed: Workspace) -> None:
    def work(_: int) -> None:
        for number in range(EACH):
            write(committed, f"run.asked_{number}")
        connections["default"].close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(work, range(WRITERS)))  # a writer's fault is raised here

    assert len(entries(committed)) == WRITERS * EACH
    assert_chained(committed)


@committing
def test_what_is_rolled_back_leaves_nothing(committed: Workspace) -> None:
    write(committed, "first")
    with workspace_scope(committed.id):
        ledger.append("second", about="SL-1")
        transaction.set_rollback(True)
    with workspace_scope(committed.id):
        with transaction.atomic():
            ledger.append("third", about="SL-1")
            transaction.set_rollback(True)
        ledger.append("fourth", about="SL-1")

    assert [row.action for row in entries(committed)] == ["first", "fourth"]
    assert_chained(committed)
    with workspace_scope(committed.id):
        assert LedgerDetail.objects.count() == 2


@committing
def test_each_workspace_has_a_chain_of_its_own(committed: Workspace) -> None:
    eastholm = factories.make_workspace(committed.provider, "Eastholm Brewing")

    write(committed, "one")
    write(eastholm, "two")
    write(committed, "three")

    assert [row.seq for row in entries(committed)] == [1, 2]
    assert [row.seq for row in entries(eastholm)] == [1]


@committing
def test_even_the_owner_of_the_tables_changes_nothing(committed: Workspace) -> None:
    write(committed, "one")

    for statement in (
        "UPDATE tenants_ledgerentry SET action = 'x'",
        "DELETE FROM tenants_ledgerentry",
    ):
        with (
            pytest.raises(ProgrammingError, match="never changed"),
            transaction.atomic(using="owner"),
            connections["owner"].cursor() as cursor,
        ):
            cursor.execute(statement)
    connections["owner"].close()


def test_nobody_writes_into_the_ledger_of_others(
    northmill: Workspace, eastholm: Workspace, ida: User
) -> None:
    with (
        workspace_scope(eastholm.id),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO tenants_ledgerpending (id, workspace_id, at, action, object_ref, body) "
            "VALUES (gen_random_uuid(), %s, now(), 'x', 'x', '{}')",
            [northmill.id],
        )
