"""The roll-up scope: many customers to read, none to write, no other to see."""

import pytest
from django.db import DatabaseError, connection, transaction

from exposure.models import Site
from tenants.models import Role, User, Workspace
from tenants.rollup import provider_memberships, rollup_rows, rollup_scope
from tenants.scope import ScopeMissing, workspace_scope
from tests import factories

NAMES = "SELECT name FROM exposure_site ORDER BY name"


@pytest.fixture
def plants(northmill: Workspace, eastholm: Workspace) -> None:
    """One plant at each customer."""
    for workspace, name in ((northmill, "Thornby"), (eastholm, "Harbour")):
        with workspace_scope(workspace.id):
            factories.make_site(name)


def names(*workspaces: Workspace) -> list[str]:
    with rollup_scope(each.id for each in workspaces):
        return [row[0] for row in rollup_rows(NAMES)]


def test_it_reads_all_that_are_named(
    plants: None, northmill: Workspace, eastholm: Workspace
) -> None:
    assert names(northmill, eastholm) == ["Harbour", "Thornby"]


def test_it_reads_nobody_else(plants: None, northmill: Workspace) -> None:
    assert names(northmill) == ["Thornby"]
    assert names() == []


def test_it_cannot_write(plants: None, northmill: Workspace) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        rollup_scope([northmill.id]),
    ):
        rollup_rows("DELETE FROM exposure_site RETURNING id")

    assert names(northmill) == ["Thornby"]


def test_it_ends_with_the_scope(plants: None, northmill: Workspace) -> None:
    names(northmill)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.workspace_ids')")
        role, left = cursor.fetchone() or ("", "")
    assert (role, left) == ("ws_app", "{}")
    with workspace_scope(northmill.id):
        assert Site.objects.get().name == "Thornby"


def test_it_ends_with_an_error_too(plants: None, northmill: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), rollup_scope([northmill.id]):
        raise ZeroDivisionError

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("ws_app",)


def test_it_does_not_open_inside_the_scope_of_one_customer(
    northmill: Workspace, eastholm: Workspace
) -> None:
    with (
        workspace_scope(northmill.id),
        pytest.raises(ScopeMissing),
        rollup_scope([eastholm.id]),
    ):
        pass


def test_an_id_that_is_none_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="badly formed"), rollup_scope(["} OR {"]):  # type: ignore[list-item]  # on purpose
        pass


def test_only_the_provider_s_people_look_across(
    ana: User, ida: User, eastholm: Workspace
) -> None:
    factories.make_member(eastholm, ana, role=Role.AUDITOR)

    assert [row.workspace.slug for row in provider_memberships(ana)] == ["northmill"]
    assert provider_memberships(ida) == []
