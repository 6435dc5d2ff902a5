import pytest
from django.db import (
    DataError,
    IntegrityError,
    ProgrammingError,
    connection,
    transaction,
)

from exposure.models import Finding, Site
from tenants.models import Workspace
from tenants.scope import ScopeMissing, workspace_scope
from tests import factories


def test_it_tests_as_the_application_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolbypassrls OR rolsuper, (SELECT count(*) FROM "
            "pg_tables WHERE tableowner = current_user) FROM pg_roles WHERE rolname = current_user"
        )

        assert cursor.fetchone() == ("ws_app", False, 0)


def test_without_a_scope_the_manager_refuses(db: None) -> None:
    with pytest.raises(ScopeMissing):
        Site.objects.count()


def test_without_a_scope_raw_sql_is_an_error(db: None) -> None:
    with (
        pytest.raises((DataError, ProgrammingError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM exposure_site")


def test_raw_sql_sees_one_workspace(northmill: Workspace, eastholm: Workspace) -> None:
    for workspace in (northmill, eastholm):
        with workspace_scope(workspace.id):
            factories.make_site(f"Plant of {workspace.name}")

    with workspace_scope(northmill.id), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM exposure_site")

        assert cursor.fetchall() == [("Plant of Northmill Dairy",)]


def test_a_transaction_cannot_change_its_workspace(
    northmill: Workspace, eastholm: Workspace
) -> None:
    with (
        pytest.raises(ScopeMissing),
        workspace_scope(northmill.id),
        workspace_scope(eastholm.id),
    ):
        pass


def test_a_row_cannot_be_moved_to_another_workspace(
    finding: Finding, eastholm: Workspace
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Finding.objects.filter(pk=finding.pk).update(workspace_id=eastholm.id)


def test_the_setting_is_back_after_a_nested_scope_failed(northmill: Workspace) -> None:
    with workspace_scope(northmill.id):
        factories.make_site("kept")
        with pytest.raises(IntegrityError), workspace_scope(northmill.id):
            factories.make_site("kept")

        assert [site.name for site in Site.objects.all()] == ["kept"]
