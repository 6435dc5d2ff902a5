"""The product's own verification: nightly, on demand, and honest about what it finds."""

from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from tenants.models import Checkpoint, LedgerEntry, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, ledger
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def here() -> Iterator[None]:
    """Northmill with five committed entries and a checkpoint over them."""
    provider = factories.make_provider("Northgate")
    workspace: Workspace = factories.make_workspace(provider, "Northmill Dairy")
    with bind_workspace(workspace.id):
        for number in range(5):
            add(f"run.asked_{number}")
        checkpoints.sign_now()
        yield
    for connection in connections.all():
        connection.close()


def add(action: str) -> None:
    with workspace_scope():
        ledger.append(action, about="run")


def tamper(sql: str, *values: object) -> None:
    """Do what only somebody with the whole database can do."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_ledgerentry DISABLE TRIGGER refuse")
        cursor.execute(sql, values or None)
        cursor.execute("ALTER TABLE tenants_ledgerentry ENABLE TRIGGER refuse")


def size() -> int:
    with workspace_scope():
        return LedgerEntry.objects.count()


def problems() -> str:
    return " ".join(checkpoints.verify().problems)


def test_it_holds_and_signs_only_what_is_new(here: None) -> None:
    check = checkpoints.verify()

    assert (check.holds, check.size) == (True, size())
    assert checkpoints.sign_now() is None
    add("more")
    signed = checkpoints.sign_now()
    assert signed is not None
    assert signed.size == size()
    assert checkpoints.verify().holds


def test_it_signs_after_a_quarter_of_an_hour_not_before(here: None) -> None:
    add("more")

    assert checkpoints.sign_when_due() is None


def test_a_changed_entry_is_named(here: None) -> None:
    tamper(
        "UPDATE tenants_ledgerentry SET line = convert_to(replace("
        "convert_from(line, 'UTF8'), 'asked_1', 'asked_9'), 'UTF8') WHERE seq = 2"
    )

    assert "entry 2: its bytes do not give the hash beside them" in problems()


def test_a_removed_entry_is_named(here: None) -> None:
    tamper("DELETE FROM tenants_ledgerentry WHERE seq = 3")

    assert "entry 3 says that it is number 4" in problems()


def test_a_tail_that_was_cut_off_is_seen(here: None) -> None:
    last = size()
    tamper("DELETE FROM tenants_ledgerentry WHERE seq = %s", last)

    assert f"the ledger should have {last} entries and has {last - 1}" in problems()


def test_a_chain_written_anew_does_not_fit_the_checkpoint(here: None) -> None:
    """Who rewrites entries, hashes and head still cannot sign."""
    with workspace_scope():
        rows = list(LedgerEntry.objects.order_by("seq"))
    head = b""
    for row in rows:
        line = bytes(row.line).replace(b"asked_1", b"asked_9")
        head = checkpoints.chain(head, line)
        tamper(
            "UPDATE tenants_ledgerentry SET line = %s, chain = %s WHERE id = %s",
            line,
            head,
            row.pk,
        )
    tamper("UPDATE tenants_ledgerhead SET head = %s", head)

    assert "was signed over other entries" in problems()


def test_a_failure_is_written_down(here: None) -> None:
    tamper("DELETE FROM tenants_ledgerentry WHERE seq = 3")
    checkpoints.verify()

    with workspace_scope():
        newest = LedgerEntry.objects.order_by("-seq")[0]
        assert newest.action == "audit.verification_failed"
        assert Checkpoint.objects.count() == 1
