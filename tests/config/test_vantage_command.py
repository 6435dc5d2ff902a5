"""The command that runs the worker of a vantage."""

import uuid

import pytest
from django.core.management import CommandError, call_command

from config.management.commands import vantage as command
from exposure.models import Vantage
from tenants.models import Workspace
from tenants.scope import workspace_scope
from tests import factories


@pytest.fixture
def row(in_northmill: Workspace) -> Vantage:
    """A vantage with a worker of its own."""
    made = factories.make_vantage("Plant sensor")
    Vantage.objects.filter(pk=made.pk).update(own_worker=True)
    return Vantage.objects.get(pk=made.pk)


def test_it_says_that_it_is_there_and_works_on_its_own_queue(
    row: Vantage, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(command.app, "worker_main", started.append)
    monkeypatch.setattr(command, "_keep_saying", lambda *_: None)
    monkeypatch.setattr(command.connections, "close_all", lambda: None)

    call_command("vantage", str(row.workspace_id), str(row.pk))

    row.refresh_from_db()
    assert row.has_worker
    assert started[0][:3] == ["worker", "-Q", row.queue]


@pytest.mark.parametrize("what", ["unknown", "retired", "without a worker of its own"])
def test_it_does_not_start_where_nobody_wants_it(row: Vantage, what: str) -> None:
    pk = row.pk
    if what == "unknown":
        pk = uuid.uuid4()
    elif what == "retired":
        Vantage.objects.update(retired_at="2026-11-27T00:00:00Z")
    else:
        Vantage.objects.update(own_worker=False)

    with pytest.raises(CommandError, match="no such vantage"):
        call_command("vantage", str(row.workspace_id), str(pk))


def test_the_worker_of_another_customer_is_not_heard(
    northmill: Workspace, eastholm: Workspace
) -> None:
    with workspace_scope(northmill.pk):
        pk = factories.make_vantage("Plant sensor").pk
        Vantage.objects.filter(pk=pk).update(own_worker=True)

    heard = command.pulse(eastholm.pk, pk)

    with workspace_scope(northmill.pk):
        assert (heard, Vantage.objects.get(pk=pk).seen_at) == (False, None)
