"""Looking with somebody else's eyes: for a reason, loudly, changing nothing."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import ActingAs, LedgerDetail, Membership, User, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import acting
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.walking import changed, every_workspace_address, picture

LOOK = "/w/northmill/people/{}/look/"
ACTS = [each for each in every_workspace_address() if each.name != "stop-looking"]


def looking(ana: User, otto: User) -> Client:
    browser = factories.signed_in(Client(), ana)
    answer = browser.post(LOOK.format(otto.pk), {"reason": "Otto misses a finding."})
    assert answer.status_code == 302
    return browser


def told(workspace: Workspace) -> str:
    with workspace_scope(workspace.id):
        return " ".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


def test_it_shows_the_page_of_the_other_person_and_says_so(place: Place) -> None:
    browser = looking(place.ana, place.otto)

    page = browser.get("/w/northmill/").content.decode()

    assert "You see what Otto Brandt sees." in page
    assert "Otto misses a finding." in page
    assert "saw /w/northmill/ as Otto Brandt" in told(place.northmill)
    assert '"on_behalf_of":"Otto Brandt"' in told(place.northmill)
    theirs = factories.signed_in(Client(), place.otto).get("/w/northmill/people/")
    assert "looked as Otto Brandt" in theirs.content.decode()


def test_nothing_can_be_changed_at_any_address(place: Place) -> None:
    browser = looking(place.ana, place.otto)
    browser.get("/w/northmill/")
    before = picture(place.northmill)

    for address in ACTS:
        path = address.at("northmill", place.rows)
        for method in ("post", "put", "patch", "delete"):
            assert getattr(browser, method)(path).status_code == 403, path

    assert changed(before, picture(place.northmill)) == set()


@pytest.mark.parametrize("ending", ["stop", "time", "removed", "another browser"])
def test_it_ends(ending: str, place: Place) -> None:
    browser = looking(place.ana, place.otto)
    if ending == "stop":
        browser.post("/w/northmill/people/look/stop/")
    elif ending == "time":
        with workspace_scope(place.northmill.id):
            now = timezone.now()
            ActingAs.objects.update(started_at=now - dt.timedelta(hours=2), ends_at=now)
    elif ending == "removed":
        Membership.objects.filter(user=place.otto).delete()
    else:
        browser = factories.signed_in(Client(), place.ana)

    page = browser.get("/w/northmill/")

    assert page.status_code == 200
    assert "You see what" not in page.content.decode()


def test_the_end_of_its_hour_is_written_down(place: Place) -> None:
    looking(place.ana, place.otto)
    over = timezone.now()
    with workspace_scope(place.northmill.id):
        ActingAs.objects.update(ends_at=over)

    with bind_workspace(place.northmill.id):
        acting.end_overdue()
        acting.end_overdue()

    assert told(place.northmill).count("as Otto Brandt no more") == 1
    with workspace_scope(place.northmill.id):
        assert ActingAs.objects.get().ended_at == over


@pytest.mark.parametrize("who", ["ana", "stranger", "no reason"])
def test_it_does_not_begin(who: str, place: Place) -> None:
    browser = factories.signed_in(Client(), place.ana)
    person = {"ana": place.ana, "stranger": place.mallory}.get(who, place.otto)
    reason = "" if who == "no reason" else "Because."

    browser.post(LOOK.format(person.pk), {"reason": reason})

    with workspace_scope(place.northmill.id):
        assert not ActingAs.objects.exists()


def test_the_customers_people_cannot_look_as_anybody(place: Place) -> None:
    browser = factories.signed_in(Client(), place.otto)

    assert browser.post(LOOK.format(place.ida.pk), {"reason": "x"}).status_code == 403
