import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

import tenants.tasks  # noqa: F401 - fills the registry of tasks
from common.errors import Conflict, InvalidInput, NotAllowed
from tenants import work
from tenants.models import (
    Closure,
    DeletionCertificate,
    LedgerEntry,
    Membership,
    Portal,
    Staff,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services import (
    closing,
    data_policy,
    dispatch,
    file_disk,
    workspaces,
)
from tenants.services.fresh import Authenticated
from tests import factories
from tests.data_rights.conftest import (
    Cast,
    as_owner,
    asked_for_deletion,
    deleted,
    rows_left,
)
from tests.isolation.walking import changed, picture
from tests.workflows.conftest import JUST_NOW

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "owner", "dispatch"]
)
REFUSED = "not due|on hold|permission denied"


def call_the_function(workspace: Workspace) -> None:
    with workspace_scope(workspace.pk), connection.cursor() as cursor:
        cursor.execute("SELECT tenants_delete_workspace()")


@pytest.fixture
def max_(northgate: Any) -> Staff:
    """Northgate's manager."""
    user = factories.make_user("max@northgate.example", "Max Holm")
    return Staff.objects.create(provider=northgate, user=user, role="manager")


def test_asking_takes_an_administrator_the_name_a_reason_and_a_fresh_sign_in(
    cast: Cast,
) -> None:
    me, old = cast.me(cast.ida), Authenticated((), needs_second=False)
    with workspace_scope(cast.northmill.pk):
        for user in (cast.otto, cast.ana):
            with pytest.raises(NotAllowed):
                closing.ask("Northmill Dairy", "x", by=cast.me(user), shown=JUST_NOW)
        with pytest.raises(NotAllowed):
            closing.ask("Northmill Dairy", "x", by=me, shown=old)
        for typed in ("", "northmill", "Northmill  Dairy", "Eastholm Brewing"):
            with pytest.raises(InvalidInput):
                closing.ask(typed, "x", by=me, shown=JUST_NOW)
        for reason in ("", " \0 ", "x" * 301, "a\u202eb"):
            with pytest.raises(InvalidInput):
                closing.ask("Northmill Dairy", reason, by=me, shown=JUST_NOW)
        assert not Closure.objects.exists()


def test_it_is_due_in_two_weeks_by_the_databases_clock(cast: Cast) -> None:
    row = asked_for_deletion(cast, cast.ida)

    assert row.due_at - row.asked_at == closing.WAIT
    with workspace_scope(cast.northmill.pk):
        # Whatever the application says about times, the database says its own.
        Closure.objects.filter(pk=row.pk).update(
            due_at=row.asked_at - dt.timedelta(days=1),
            asked_at=row.asked_at - dt.timedelta(days=30),
        )
        again = Closure.objects.get(pk=row.pk)
    assert (again.due_at, again.asked_at) == (row.due_at, row.asked_at)
    assert deleted(cast.northmill) is None


def test_meanwhile_the_portal_is_read_only_and_it_can_be_called_off(
    cast: Cast, max_: Staff
) -> None:
    asked_for_deletion(cast, cast.ida)
    place = Workspace.objects.get(pk=cast.northmill.pk)
    assert place.portal == Portal.READ
    with pytest.raises(Conflict):
        workspaces.set_portal(place, "full", by=max_)

    with workspace_scope(cast.northmill.pk):
        with pytest.raises(NotAllowed):
            closing.call_off(by=cast.me(cast.otto))
        closing.call_off(by=cast.me(cast.ida))
        with pytest.raises(Conflict):
            closing.call_off(by=cast.me(cast.ida))

    assert Workspace.objects.get(pk=cast.northmill.pk).portal == Portal.FULL
    as_owner("UPDATE tenants_closure SET due_at = now() - interval '1 day'")
    assert deleted(cast.northmill) is None
    with workspace_scope(cast.northmill.pk):
        told = list(LedgerEntry.objects.values_list("action", flat=True))
    assert "access.deletion_asked" in told
    assert "access.deletion_called_off" in told


def test_the_provider_confirms_and_a_day_is_left(cast: Cast, max_: Staff) -> None:
    ana = Staff.objects.get(user=cast.ana)
    with pytest.raises(Conflict):
        closing.confirm(cast.northmill, by=max_)  # nobody asked
    asked_for_deletion(cast, cast.ida)
    with pytest.raises(NotAllowed):
        closing.confirm(cast.northmill, by=ana)

    row = closing.confirm(cast.northmill, by=max_)

    assert row.confirmed_at is not None
    assert row.due_at - row.confirmed_at == closing.WAIT_CONFIRMED
    with pytest.raises(Conflict):
        closing.confirm(cast.northmill, by=max_)
    assert deleted(cast.northmill) is None


def test_a_manager_of_another_provider_confirms_nothing(cast: Cast) -> None:
    other = factories.make_provider("Southgate")
    sam = factories.make_user("sam@southgate.example", "Sam Reed")
    staff = Staff.objects.create(provider=other, user=sam, role="admin")
    asked_for_deletion(cast, cast.ida)

    with pytest.raises(NotAllowed):
        closing.confirm(cast.northmill, by=staff)


def test_all_of_it_goes_and_nothing_of_another_customer(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    before, folder = (
        picture(cast.eastholm),
        file_disk.path_of(cast.northmill.pk, cast.northmill.pk).parent,
    )
    left_before = rows_left(cast.northmill.pk)
    assert len(left_before) > 25
    assert folder.is_dir()

    assert deleted(cast.northmill) is not None

    assert rows_left(cast.northmill.pk) == {}
    assert not Workspace.objects.filter(pk=cast.northmill.pk).exists()
    assert not Membership.objects.filter(workspace_id=cast.northmill.pk).exists()
    assert not folder.exists()
    assert changed(before, picture(cast.eastholm)) == {"accounts", "members"}
    assert deleted(cast.northmill) is None  # the same job once more


def test_accounts_without_a_place_are_closed_and_made_nameless(cast: Cast) -> None:
    factories.make_member(cast.eastholm, cast.otto, role="auditor")  # type: ignore[arg-type]  # the code
    asked_for_deletion(cast, cast.ida, days_ago=15)

    deleted(cast.northmill)

    ida = User.objects.get(pk=cast.ida.pk)
    assert (ida.is_active, ida.name) == (False, "Erased account")
    assert "ida" not in ida.email
    otto, ana = User.objects.get(pk=cast.otto.pk), User.objects.get(pk=cast.ana.pk)
    assert (otto.is_active, otto.name) == (True, "Otto Brandt")
    assert ana.is_active


def test_who_is_named_by_another_customer_is_closed_and_keeps_the_name(
    cast: Cast,
) -> None:
    as_owner(
        "UPDATE exposure_authorisation SET signed_by_id = %s WHERE workspace_id = %s",
        cast.ida.pk,
        cast.eastholm.pk,
    )
    asked_for_deletion(cast, cast.ida, days_ago=15)

    deleted(cast.northmill)

    ida = User.objects.get(pk=cast.ida.pk)
    assert (ida.is_active, ida.name) == (False, "Ida Larsen")


def test_a_hold_stops_it(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    with workspace_scope(cast.northmill.pk):
        data_policy.hold("A court asks for it.", by=cast.me(cast.ida))

    assert deleted(cast.northmill) is None
    with pytest.raises(ProgrammingError, match="on hold"):
        call_the_function(cast.northmill)

    with workspace_scope(cast.northmill.pk):
        data_policy.lift(by=cast.me(cast.ida))
    assert deleted(cast.northmill) is not None


def test_the_application_cannot_delete_what_is_not_due_nor_another_workspace(
    cast: Cast,
) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    before = picture(cast.eastholm)

    with pytest.raises(ProgrammingError, match="not due"):
        call_the_function(cast.eastholm)
    asked_for_deletion(cast, cast.mallory)
    with pytest.raises(ProgrammingError, match="not due"):
        call_the_function(cast.eastholm)
    assert changed(before, picture(cast.eastholm)) <= {
        "eastholm tenants_closure",
        "eastholm tenants_job",
        "eastholm tenants_ledgerdetail",
        "eastholm tenants_ledgerentry",
        "eastholm tenants_ledgerhead",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tenants_closure",
        "DELETE FROM tenants_ledgerentry",
        "DELETE FROM tenants_deletioncertificate",
        "UPDATE tenants_deletioncertificate SET note = 'x'",
        "DELETE FROM tenants_datapolicy",
        "SELECT set_config('app.deleting', current_setting('app.workspace_id'), true); DELETE FROM tenants_checkpoint",
        "ALTER TABLE tenants_closure DISABLE TRIGGER guard",
    ],
)
def test_the_application_role_may_not(statement: str, northmill: Workspace) -> None:
    with (
        workspace_scope(northmill.id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_clock_of_the_job_deletes_it(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    as_owner("DELETE FROM tenants_job")  # what stood before it takes its share
    dispatch.tick("tenants.close_workspace", queue="default")

    for due in dispatch.claim(lease_seconds=60):
        if due.task == "tenants.close_workspace":
            work.run_job(due.workspace_id, due.id)

    assert [each.slug for each in Workspace.objects.all()] == ["eastholm"]
    assert DeletionCertificate.objects.get().deleted_id == cast.northmill.pk
