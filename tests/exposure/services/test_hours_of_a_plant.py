"""Hours are signed, blackouts hold at once, and a run that comes to the edge stops there."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.models import Authorisation, Blackout, RunState, TargetState
from exposure.services import calendar, discovery, runs
from exposure.services.hours import next_opening, opening_of
from exposure.services.scope import fingerprint, why_not_now
from tenants.models import User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard, member
from tests.exposure.services.servers import PAGE, saying, serve
from tests.exposure.services.test_stopping import SLOW, once

HOUR = dt.timedelta(hours=1)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:%b\r\n"
    b"SUMMARY:%b\r\nDTSTART:%b\r\nDURATION:PT2H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_run_that_comes_to_a_blackout_sends_nothing_more(yard: Yard) -> None:
    yard.permit("127.79.8.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()

    def close() -> None:
        with workspace_scope():
            if not Blackout.objects.exists():
                now = timezone.now()
                calendar.add_blackout(
                    yard.site.pk,
                    begins_at=now - HOUR,
                    ends_at=now + HOUR,
                    reason="Filling starts early",
                    by=factories.membership_of(yard.ida),
                )

    with (
        serve("127.79.8.1", yard.port, saying(PAGE)) as first,
        serve("127.79.8.126", yard.port, saying(PAGE)) as last,
    ):
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, close))

    assert first.connections == 1
    assert last.connections == 0
    assert yard.fresh(run).state == RunState.PAUSED
    assert "Waits for the hours to open" in yard.log(run)


def blackout(scope: Authorisation, user: User, **values: object) -> Blackout:
    now = timezone.now()
    filled = {"begins_at": now - HOUR, "ends_at": now + HOUR, "reason": "Audit"}
    return calendar.add_blackout(scope.site_id, by=member(user), **(filled | values))  # type: ignore[arg-type]  # see above


def test_a_blackout_needs_no_signature_and_only_the_customer_lifts_it(
    scope: Authorisation, ana: User, otto: User
) -> None:
    row = blackout(scope, ana)
    scope.refresh_from_db()

    assert scope.signed_at is not None
    with pytest.raises(runs.NotAuthorised, match="blackout until"):
        runs.start_run(scope.pk, by=ana)
    with pytest.raises(NotAllowed):
        calendar.lift_blackout(row.pk, by=member(ana))
    calendar.lift_blackout(row.pk, by=member(otto))
    assert why_not_now(scope, now=timezone.now()) == ""


def test_the_next_opening_is_after_the_blackout(
    scope: Authorisation, otto: User
) -> None:
    now = timezone.now()
    row = blackout(scope, otto)

    assert next_opening(scope, now) == row.ends_at
    blackout(scope, otto, ends_at=scope.valid_until + HOUR)
    assert next_opening(scope, now) is None


def test_hours_are_part_of_what_is_signed(scope: Authorisation, ana: User) -> None:
    before = fingerprint(scope)

    row = calendar.add_hours(
        scope.pk, days=[5, 6], begins=dt.time(6), ends=dt.time(18), by=member(ana)
    )
    added = Authorisation.objects.get(pk=scope.pk)
    assert added.signed_at is None
    assert fingerprint(added) != before
    assert "Saturday and Sunday 06:00 to 18:00" in opening_of(added).words()

    calendar.remove_hours(row.pk, by=member(ana))
    assert fingerprint(Authorisation.objects.get(pk=scope.pk)) == before


def test_another_clock_of_the_plant_needs_another_signature(
    scope: Authorisation, ana: User
) -> None:
    calendar.set_zone(scope.site_id, zone="Europe/Vienna", by=member(ana))

    scope.refresh_from_db()
    assert scope.signed_at is None
    with pytest.raises(InvalidInput, match="Choose a time zone"):
        calendar.set_zone(scope.site_id, zone="Mars/Olympus", by=member(ana))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "ends after it begins"),
        (
            {
                "begins_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
                "ends_at": dt.datetime(2020, 1, 2, tzinfo=dt.UTC),
            },
            "is over",
        ),
        ({"ends_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}, "At most 400 days"),
    ],
)
def test_a_blackout_that_makes_no_sense_is_refused(
    scope: Authorisation, otto: User, values: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        blackout(scope, otto, **values)


def test_hours_that_make_no_sense_are_refused(scope: Authorisation, ana: User) -> None:
    noon = dt.time(12)
    for days, ends in (([], dt.time(13)), ([7], dt.time(13)), ([1], noon)):
        with pytest.raises(InvalidInput):
            calendar.add_hours(
                scope.pk, days=days, begins=noon, ends=ends, by=member(ana)
            )


def test_a_calendar_makes_blackouts_and_renews_them(
    scope: Authorisation, otto: User
) -> None:
    line = factories.make_line(scope.site)
    begins = (timezone.now() + HOUR * 30).astimezone(ZoneInfo("UTC"))
    day = f"{begins:%Y%m%dT%H%M%SZ}".encode()

    for title in (b"Rush", b"Rush order"):
        count = calendar.import_calendar(
            scope.site_id,
            CALENDAR % (b"a@b", title, day),
            by=member(otto),
            line_id=line.pk,
        )

    row = Blackout.objects.get()
    assert count == 1
    assert (row.reason, row.line) == ("Rush order", line)
    assert row.ends_at - row.begins_at == 2 * HOUR


def test_a_calendar_is_taken_as_a_whole_or_not_at_all(
    scope: Authorisation, otto: User
) -> None:
    day = f"{timezone.now() + HOUR:%Y%m%dT%H%M%SZ}".encode()
    good = CALENDAR % (b"a", b"Rush", day)
    mixed = good.replace(
        b"END:VCALENDAR", b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )

    with pytest.raises(InvalidInput, match="no beginning"):
        calendar.import_calendar(scope.site_id, mixed, by=member(otto))

    assert not Blackout.objects.exists()


def test_an_auditor_closes_no_hours(scope: Authorisation, northmill: Workspace) -> None:
    rita = factories.make_user("rita@northmill.example", "Rita Sand")
    factories.make_member(northmill, rita, role="auditor")  # type: ignore[arg-type]  # as stored

    with pytest.raises(NotAllowed):
        blackout(scope, rita)
