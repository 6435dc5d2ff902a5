import datetime as dt
import itertools
import json

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.models import Evidence, Observation, ProbeRecord, RunEvent
from tenants.logic import retention
from tenants.models import (
    ActingAs,
    Checkpoint,
    DataPolicy,
    Invitation,
    Job,
    LedgerDetail,
    LedgerEntry,
    Visit,
    Workspace,
)
from tenants.models.jobs import JobState
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, data_policy
from tests.data_rights.conftest import Cast, as_owner
from tests.isolation.walking import changed, picture
from workflows.models import Delivery, Event
from workflows.services import keeping

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
OLD = "now() - interval '31 years'"


def forget(workspace: Workspace) -> dict[str, int]:
    with bind_workspace(workspace.pk):
        return keeping.forget()


def age(workspace: Workspace, table: str, column: str, where: str = "true") -> None:
    as_owner(
        f'UPDATE "{table}" SET "{column}" = {OLD} WHERE workspace_id = %s AND {where}',  # noqa: S608 - our own tables
        workspace.pk,
    )


def age_all(workspace: Workspace) -> None:
    """Make all that a class speaks of older than any limit."""
    for table, column in (
        ("exposure_probebatch", "at"),
        ("exposure_observation", "at"),
        ("exposure_runevent", "at"),
        ("exposure_evidence", "at"),
        ("workflows_event", "at"),
        ("tenants_visit", "hour"),
        ("tenants_actingas", "ends_at"),
        ("tenants_invitation", "expires_at"),
        ("tenants_job", "finished_at"),
    ):
        age(workspace, table, column)


def test_what_is_young_is_kept(cast: Cast) -> None:
    before = picture(cast.northmill, cast.eastholm)

    assert forget(cast.northmill) == {}

    assert changed(before, picture(cast.northmill, cast.eastholm)) == set()


def test_what_is_old_goes_and_the_ledger_says_how_many_of_what(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        Job.objects.update(state=JobState.DONE)
        Delivery.objects.update(state="sent")
    as_owner("UPDATE workflows_event SET case_id = NULL")
    as_owner("UPDATE exposure_finding SET state = 'closed', closed_at = now()")
    age_all(cast.northmill)
    age(cast.northmill, "exposure_finding", "closed_at")
    before = picture(cast.eastholm)

    told = forget(cast.northmill)

    assert {"observations", "evidence", "deliveries", "visits"} < set(told)
    assert {"jobs", "invitations"} < set(told)
    with workspace_scope(cast.northmill.pk):
        for model in (ProbeRecord, RunEvent, Evidence, Event, Delivery):
            assert not model.objects.exists(), model
        for model in (Visit, ActingAs, Invitation):
            assert not model.objects.exists(), model
        # The service still rests on what was seen.
        assert Observation.objects.count() == 1
        entry = LedgerEntry.objects.get(action="data.forgotten")
        detail = LedgerDetail.objects.get(pk=entry.pk)
        assert json.loads(bytes(detail.body))["after"] == told
    assert changed(before, picture(cast.eastholm)) == set()
    assert forget(cast.northmill) == {}


def test_what_an_open_finding_rests_on_is_kept(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        Delivery.objects.update(state="sent")
    age_all(cast.northmill)

    forget(cast.northmill)

    with workspace_scope(cast.northmill.pk):
        assert Evidence.objects.count() == 1
        assert Observation.objects.count() == 1
        assert ProbeRecord.objects.count() == 1
        # The timeline of a case is kept, and nothing of it is told twice.
        assert Event.objects.filter(case__isnull=False).exists()


def test_what_waits_to_be_told_is_kept(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        waiting = Delivery.objects.filter(state="waiting").count()
    age(cast.northmill, "workflows_event", "at")

    forget(cast.northmill)

    assert waiting > 0
    with workspace_scope(cast.northmill.pk):
        assert Delivery.objects.filter(state="waiting").count() == waiting


def test_a_hold_keeps_everything(cast: Cast) -> None:
    age_all(cast.northmill)
    with workspace_scope(cast.northmill.pk):
        data_policy.hold("A court asks for it.", by=cast.me(cast.ida))
    before = picture(cast.northmill)

    assert forget(cast.northmill) == {}
    for name in itertools.chain(*keeping.FUNCTIONS.values()):
        with workspace_scope(cast.northmill.pk), connection.cursor() as cursor:
            cursor.callproc(name, [0, 100])
            assert cursor.fetchone()[0] == 0
    with (
        workspace_scope(cast.northmill.pk),
        pytest.raises(ProgrammingError, match="on hold"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT tenants_erase_details('{1}')")

    assert changed(before, picture(cast.northmill)) == set()


@pytest.mark.parametrize("days", [0, -1, 10])
def test_whatever_days_the_application_names_the_database_has_its_own_least(
    cast: Cast, days: int
) -> None:
    as_owner("UPDATE exposure_finding SET state = 'closed', closed_at = now()")
    before = picture(cast.northmill)

    for name in itertools.chain(*keeping.FUNCTIONS.values()):
        with workspace_scope(cast.northmill.pk), connection.cursor() as cursor:
            cursor.callproc(name, [days, 100])
            assert cursor.fetchone()[0] == 0

    assert changed(before, picture(cast.northmill)) == set()


def test_details_of_old_entries_go_and_the_ledger_still_holds(cast: Cast) -> None:
    # Six years pass for the first entries: their moment is in their bytes, the column
    # is what the job goes by.
    as_owner("ALTER TABLE tenants_ledgerentry DISABLE TRIGGER refuse")
    age(cast.northmill, "tenants_ledgerentry", "at")
    as_owner("ALTER TABLE tenants_ledgerentry ENABLE TRIGGER refuse")

    told = forget(cast.northmill)

    with workspace_scope(cast.northmill.pk):
        left = LedgerDetail.objects.values_list("pk", flat=True)
        kept = LedgerEntry.objects.filter(pk__in=left)
        assert set(kept.values_list("action", flat=True)) == {
            "audit.erased",
            "data.forgotten",
            "decision.signed",
        } | ({"scope.signed"} & set(kept.values_list("action", flat=True)))
    assert told["ledger"] > 3
    with bind_workspace(cast.northmill.pk):
        checkpoints.sign_now()
        assert checkpoints.verify().holds
    with workspace_scope(cast.northmill.pk):
        assert Checkpoint.objects.exists()


def test_a_clock_that_jumps_back_deletes_nothing_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(cast.northmill)
    for jump in (dt.timedelta(days=-9999), dt.timedelta(days=9999)):
        moment = timezone.now() + jump
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        forget(cast.northmill)

    assert changed(before, picture(cast.northmill)) == set()


def test_an_administrator_chooses_within_the_limits(cast: Cast) -> None:
    me = cast.me(cast.ida)
    with workspace_scope(cast.northmill.pk):
        for name, days in (
            ("observations", 89),
            ("observations", 10**6),
            ("jobs", -1),
            ("ledger", 0),
        ):
            with pytest.raises(InvalidInput):
                data_policy.keep_for({name: days}, by=me)
        with pytest.raises(InvalidInput):
            data_policy.keep_for({"tenants_ledgerentry": 90}, by=me)
        for user in (cast.ana, cast.otto):
            with pytest.raises(NotAllowed):
                data_policy.keep_for({"jobs": 8}, by=cast.me(user))
        assert not DataPolicy.objects.exists()

        data_policy.keep_for({"jobs": 8}, by=me)

        assert data_policy.days_in_force()["jobs"] == 8
        assert data_policy.days_in_force()["visits"] == 730
    with workspace_scope(cast.eastholm.pk):
        assert data_policy.days_in_force()["jobs"] == 30


def test_there_is_one_hold_at_a_time(cast: Cast) -> None:
    me = cast.me(cast.ida)
    with workspace_scope(cast.northmill.pk):
        with pytest.raises(Conflict):
            data_policy.lift(by=me)
        with pytest.raises(InvalidInput):
            data_policy.hold(" ", by=me)
        data_policy.hold("A court.", by=me)
        with pytest.raises(Conflict):
            data_policy.hold("Another.", by=me)
        data_policy.lift(by=me)
        assert data_policy.hold_now() is None


def test_limits_of_the_database_and_the_page_are_the_same() -> None:
    least = {each.name: each.least for each in retention.CLASSES}

    for name, functions in keeping.FUNCTIONS.items():
        for function in functions:
            source = as_owner_source(function)
            assert f"greatest(days, {least[name]})" in source


def as_owner_source(function: str) -> str:
    return str(
        as_owner("SELECT prosrc FROM pg_proc WHERE proname = %s", function)[0][0]
    )
