"""Schedules: due once, never piled up, and the reason told when nothing starts."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from common.errors import InvalidInput
from exposure.logic import check_sets
from exposure.logic.checks import CHECKS
from exposure.models import Authorisation, Run, RunState, Schedule
from exposure.services import runs, schedules
from tenants.models import LedgerEntry, User, Workspace
from tenants.models.jobs import Job
from tenants.scope import bind_workspace
from tests import factories
from tests.exposure.services.conftest import member
from workflows.models import Event
from workflows.services import ledger_watch

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def bound(in_northmill: Workspace) -> Iterator[None]:
    """The clock's job is bound to the workspace."""
    with bind_workspace(in_northmill.pk):
        yield


@pytest.fixture
def due(scope: Authorisation) -> Schedule:
    """A schedule whose time came an hour ago."""
    return factories.make_schedule(scope, next_at=timezone.now() - HOUR)


def plan(**values: object) -> schedules.Plan:
    asked = {"profile": "gentle", "every": "daily", "at": dt.time(2, 0)}
    return schedules.plan(**{**asked, "zone": "Europe/London", **values})  # type: ignore[arg-type]  # a form's values


def test_a_run_starts_when_it_is_due_and_says_why(due: Schedule) -> None:
    schedules.mind()

    run = Run.objects.get()
    due.refresh_from_db()
    assert (run.profile, run.schedule, run.requested_by) == ("gentle", due, None)
    assert run.checks == check_sets.versions()
    assert Job.objects.get(task="exposure.discover").args == {"run_id": str(run.pk)}
    assert due.next_at is not None
    assert due.next_at > timezone.now()
    assert due.last_at == run.requested_at
    assert due.next_at.astimezone(ZoneInfo("Europe/London")).hour == 2


def test_missed_starts_are_made_up_once(due: Schedule) -> None:
    Schedule.objects.update(next_at=timezone.now() - dt.timedelta(days=9))

    schedules.mind()
    Run.objects.update(state=RunState.FINISHED)
    schedules.mind()
    schedules.mind()

    assert Run.objects.count() == 1


def test_what_is_not_due_or_switched_off_does_not_start(
    scope: Authorisation, due: Schedule, ana: User
) -> None:
    factories.make_schedule(scope)
    schedules.switch(due.pk, on=False, by=member(ana))

    schedules.mind()

    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"signed_at": None, "signed_by": None}, "is not signed"),
        ({"valid_until": timezone.now() - HOUR}, "has ended"),
    ],
)
def test_without_a_valid_authorisation_the_reason_is_kept_and_told(
    due: Schedule, values: dict[str, object], words: str
) -> None:
    Authorisation.objects.update(**values)

    schedules.mind()
    schedules.mind()
    factories.commit()
    ledger_watch.follow()

    due.refresh_from_db()
    assert not Run.objects.exists()
    assert words in due.trouble
    assert LedgerEntry.objects.filter(action="run.not_started").count() == 1
    assert words in Event.objects.get(type="run.not_started").text


def test_a_run_that_is_under_way_or_paused_is_the_reason(due: Schedule) -> None:
    factories.make_run(due.authorisation, state=RunState.PAUSED)

    schedules.mind()

    due.refresh_from_db()
    assert "is paused" in due.trouble
    assert Run.objects.count() == 1


def test_the_next_start_clears_the_trouble(due: Schedule) -> None:
    Schedule.objects.update(trouble="It was not signed.", trouble_at=timezone.now())

    schedules.mind()

    due.refresh_from_db()
    assert (due.trouble, due.trouble_at) == ("", None)


def test_outside_the_hours_it_starts_in_the_next_allowed_one(
    due: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = timezone.now() + 3 * HOUR
    monkeypatch.setattr(schedules, "next_opening", lambda *_, **__: opening)

    schedules.mind()
    due.refresh_from_db()
    waited = (due.next_at, due.trouble)
    monkeypatch.setattr(schedules, "next_opening", runs.next_opening)
    Schedule.objects.update(next_at=timezone.now())
    schedules.mind()

    assert waited[0] == opening
    assert "waits for the hours to open at" in waited[1]
    assert Run.objects.count() == 1
    assert not LedgerEntry.objects.filter(action="run.not_started").exists()


def looked_before(schedule: Schedule, *, without: str = "") -> Run:
    """Let an earlier run of the site have used the checks but one."""
    run = factories.make_run(schedule.authorisation)
    run.checks = {k: v for k, v in check_sets.versions().items() if k != without}
    run.save()
    return run


def critical() -> str:
    return next(check.id for check in CHECKS if check.gives == "control")


def test_a_new_critical_check_starts_a_run_before_its_time_and_once(
    scope: Authorisation,
) -> None:
    schedule = factories.make_schedule(scope)
    looked_before(schedule, without=critical())

    schedules.mind()
    schedules.mind()

    schedule.refresh_from_db()
    assert Run.objects.filter(schedule=schedule).count() == 1
    assert schedule.next_at is not None
    assert schedule.next_at > timezone.now()


def test_a_refused_start_for_a_new_check_is_told_once_and_not_every_minute(
    scope: Authorisation,
) -> None:
    looked_before(factories.make_schedule(scope), without=critical())
    Authorisation.objects.update(signed_at=None, signed_by=None)

    for _ in range(3):
        schedules.mind()
    factories.commit()

    assert LedgerEntry.objects.filter(action="run.not_started").count() == 1


@pytest.mark.parametrize(("on_new_check", "without"), [(True, ""), (False, "s7-open")])
def test_nothing_starts_early_without_a_new_check_or_unasked(
    scope: Authorisation,
    on_new_check: bool,  # noqa: FBT001 - a parameter of the test
    without: str,
) -> None:
    schedule = factories.make_schedule(scope, on_new_check=on_new_check)
    looked_before(schedule, without=without)

    schedules.mind()

    assert not Run.objects.filter(schedule=schedule).exists()


def test_a_changed_time_is_due_by_the_new_one(due: Schedule, ana: User) -> None:
    changed = schedules.change(
        due.pk, plan=plan(every="weekly", weekday=6), by=member(ana)
    )

    assert changed.next_at is not None
    assert changed.next_at > timezone.now()
    assert changed.next_at.astimezone(ZoneInfo("Europe/London")).weekday() == 6
    assert str(changed) == "every Sunday at 02:00 (Europe/London)"


def test_switched_on_again_it_looks_ahead(due: Schedule, ana: User) -> None:
    off = schedules.switch(due.pk, on=False, by=member(ana))
    on = schedules.switch(due.pk, on=True, by=member(ana))
    schedules.mind()

    assert off.next_at is None
    assert on.next_at is not None
    assert not Run.objects.exists()


def test_every_change_is_in_the_ledger(scope: Authorisation, ana: User) -> None:
    made = schedules.add(scope.pk, plan=plan(), by=member(ana))
    schedules.change(made.pk, plan=plan(profile="normal"), by=member(ana))
    schedules.switch(made.pk, on=False, by=member(ana))
    factories.commit()

    told = LedgerEntry.objects.filter(action__startswith="schedule.")
    assert [each.action for each in told.order_by("seq")] == [
        "schedule.added",
        "schedule.changed",
        "schedule.off",
    ]


@pytest.mark.parametrize("values", [{"zone": "Mars/Base"}, {"profile": "furious"}])
def test_what_does_not_exist_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        plan(**values)
