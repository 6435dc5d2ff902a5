"""The pages of schedules, vantages and changes."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import (
    Authorisation,
    Finding,
    Schedule,
    Service,
    ServiceChange,
    Vantage,
)
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit

FORM = {
    "profile": "gentle",
    "every": "weekly",
    "weekday": "6",
    "day": "1",
    "at": "02:00",
    "zone": "Europe/London",
    "on_new_check": "on",
}


@pytest.fixture
def scope(finding: Finding) -> Authorisation:
    """The scope of Northmill's plant."""
    return Authorisation.objects.get()


def test_an_operator_publishes_a_cadence_that_everybody_reads(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    answer = visit(ana, "schedules/add/", post={**FORM, "authorisation": str(scope.pk)})

    assert answer["Location"] == "/w/northmill/schedules/"
    for page in ("runs/", "schedules/"):
        shown = visit(otto, page).content.decode()
        assert "every Sunday at 02:00 (Europe/London)" in shown
    assert Schedule.objects.get().created_by == ana
    assert visit(otto, "schedules/").context["form"] is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"zone": "Mars/Base"}, "There is no such time zone."),
        ({"at": "26:00"}, "Enter a valid time."),
        ({"day": "32"}, "less than or equal to 31"),
        ({"profile": "furious"}, "Select a valid choice"),
        ({"authorisation": "x"}, "Select a valid choice"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_words(
    visit: Visit,
    ana: User,
    scope: Authorisation,
    values: dict[str, str],
    words: str,
) -> None:
    asked = {**FORM, "authorisation": str(scope.pk), **values}

    answer = visit(ana, "schedules/add/", post=asked)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Schedule.objects.exists()


def test_it_is_edited_and_switched_off(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    row = factories.make_schedule(scope)
    place = f"schedules/{row.pk}/"
    asked = {**FORM, "authorisation": str(scope.pk)}

    shown = visit(ana, place)
    read = visit(otto, place)
    bad = visit(ana, f"{place}change/", post={**asked, "zone": "x"})
    visit(ana, f"{place}change/", post=asked)
    visit(ana, f"{place}switch/", post={"on": "no"})

    row.refresh_from_db()
    assert shown.context["form"].initial["zone"] == "Europe/London"
    assert read.context["form"] is None
    assert bad.status_code == 422
    assert (row.every, row.enabled, row.next_at) == ("weekly", False, None)
    visit(ana, f"{place}switch/", post={"on": "yes"})
    row.refresh_from_db()
    assert row.enabled


def test_why_nothing_started_stands_on_both_pages(
    visit: Visit, otto: User, scope: Authorisation
) -> None:
    factories.make_schedule(
        scope, trouble="It is not signed.", trouble_at=timezone.now()
    )

    for page in ("runs/", "schedules/"):
        assert "It is not signed." in visit(otto, page).content.decode()


def test_a_vantage_without_its_worker_says_so(
    visit: Visit, otto: User, ana: User, scope: Authorisation
) -> None:
    zone = factories.make_zone(scope.site, "DMZ", level=3.5)
    asked = {"name": "Plant sensor", "zone": str(zone.pk), "own_worker": "on"}

    visit(ana, "vantages/add/", post=asked)
    again = visit(ana, "vantages/add/", post=asked)

    page = visit(otto, "vantages/").content.decode()
    row = Vantage.objects.get(name="Plant sensor")
    assert again.status_code == 422
    assert "Without a worker: Plant sensor" in page
    assert "Never came" in page
    assert f"manage.py vantage {row.workspace_id} {row.pk}" not in page
    operator = visit(ana, "vantages/").content.decode()
    assert f"manage.py vantage {row.workspace_id} {row.pk}" in operator


def test_vantages_are_renamed_and_retired(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    row = factories.make_vantage("Branch")
    place = f"vantages/{row.pk}/"

    visit(ana, f"{place}rename/", post={"name": "Branch office"})
    visit(ana, f"{place}rename/", post={"name": ""})
    visit(ana, f"{place}retire/", post={})

    row.refresh_from_db()
    assert row.name == "Branch office"
    assert row.retired_at is not None
    assert "Retired" in visit(ana, "vantages/").content.decode()


def test_more_from_inside_takes_the_signature_off_and_the_signer_sees_it(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    place = f"scope/{scope.pk}/inside/"

    visit(ana, place, post={"everything": "yes"})

    scope.refresh_from_db()
    assert (scope.all_from_inside, scope.signed_at) == (True, None)
    assert (
        "look as from outside, at every level" in visit(otto, "scope/").content.decode()
    )
    visit(ana, place, post={"everything": "maybe"})
    scope.refresh_from_db()
    assert not scope.all_from_inside


@pytest.fixture
def changes(finding: Finding) -> list[ServiceChange]:
    """Sixty versions of one service, and then it was gone."""
    service = Service.objects.get()
    now = timezone.now()
    kinds = ["version"] * 60 + ["gone"]
    return ServiceChange.objects.bulk_create(
        ServiceChange(
            workspace_id=service.workspace_id,
            service=service,
            run=service.first_run,
            at=now - dt.timedelta(days=61 - number),
            kind=kind,
            before=f"version {number}",
            after="<b>version</b>" if kind == "version" else "",
        )
        for number, kind in enumerate(kinds)
    )


def test_the_feed_has_the_newest_first_and_pages(
    visit: Visit,
    otto: User,
    changes: list[ServiceChange],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, "drift/")
    with django_assert_max_num_queries(MOST_QUERIES):
        first = visit(otto, "drift/")
    second = visit(otto, "drift/?page=2")

    shown = first.content.decode()
    assert first.context["page"].object_list[0].kind == "Gone"
    assert (len(first.context["page"]), len(second.context["page"])) == (50, 11)
    assert "<b>version</b>" not in shown
    assert first.context["nav"]["change_count"] == 6


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=gone", 1),
        ("run=1", 61),
        ("run=99999", 61),
        ("run=x&kind=x&since=x&site=x", 61),
        ("since=2026-13-45", 61),
        ("since=2999-01-01", 0),
    ],
)
def test_the_feed_is_filtered_and_takes_no_offence(
    visit: Visit,
    otto: User,
    changes: list[ServiceChange],
    query: str,
    count: int,
) -> None:
    answer = visit(otto, f"drift/?{query}")

    assert answer.status_code == 200
    assert answer.context["page"].paginator.count == count


def test_the_feed_by_site(
    visit: Visit, otto: User, changes: list[ServiceChange], scope: Authorisation
) -> None:
    other = factories.make_site("Millbrook")

    here = visit(otto, f"drift/?site={scope.site_id}")
    there = visit(otto, f"drift/?site={other.pk}", htmx=True)

    assert here.context["page"].paginator.count == 61
    assert "Nothing changed" in there.content.decode()
