"""The roll-up of a provider."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from common.ids import uuid7
from exposure.models import (
    Authorisation,
    PathRevision,
    Run,
    RunState,
    SiteExposure,
)
from exposure.services import rebuild
from tenants.models import Membership, Provider, Role, User, Workspace
from tenants.rollup import rollup_scope
from tenants.scope import workspace_scope
from tests import factories
from tests.workflows.conftest import answer, content, learn, member
from tests.workflows.views.conftest import look, text, visitor
from workflows.models import Decision
from workflows.services import decisions, routing
from workflows.views.site_facts import sites_by_workspace

PAGE = "/customers/"


def fill(workspace: Workspace, *, signed_by: User | None) -> None:
    """Give a customer one plant, one open controller and one run."""
    with workspace_scope(workspace.id):
        site = factories.make_site()
        zone = factories.make_zone(site)
        asset = factories.make_asset(zone, line=factories.make_line(site))
        run = factories.make_run(
            factories.make_authorisation(site, signed_by=signed_by)
        )
        finding = factories.make_finding(factories.make_service(asset, run))
        rebuild.rebuild_paths()
        learn(finding)
        routing.route_open_findings()


@pytest.fixture
def plants(
    northmill: Workspace, eastholm: Workspace, ana: User, ida: User, otto: User
) -> None:
    """Ana works for Northmill, which is filled, and for Eastholm, which is empty."""
    factories.make_member(eastholm, ana, role=Role.MANAGER)
    fill(northmill, signed_by=ida)


def rows(user: User) -> dict[str, Any]:
    return {row.name: row for row in look(user, PAGE).context["customers"]}


def test_it_counts_each_customer(plants: None, ana: User) -> None:
    found = rows(ana)

    northmill, eastholm = found["Northmill Dairy"], found["Eastholm Brewing"]
    assert (northmill.plants, northmill.reachable) == ("1 plant", 1)
    assert northmill.units == pytest.approx(10.0, abs=4.1)
    assert northmill.authorised.text
    assert (eastholm.plants, eastholm.units, eastholm.reachable) == (
        "0 plants",
        None,
        None,
    )


def test_a_safety_system_that_is_reached_is_told_before_the_plants(
    plants: None, northmill: Workspace, ana: User
) -> None:
    with workspace_scope(northmill.id):
        kept = PathRevision.objects.get()
        kept.pk, kept.number = uuid7(), kept.number + 1
        kept.summary = {"safety": {str(uuid7()): True, str(uuid7()): False}}
        kept.save(force_insert=True)

    assert rows(ana)["Northmill Dairy"].plants == "1 safety system reached, 1 plant"


def test_the_most_needy_stands_on_top(plants: None, ana: User) -> None:
    assert list(rows(ana)) == ["Northmill Dairy", "Eastholm Brewing"]


def test_it_shows_no_customer_of_which_the_reader_is_no_member(
    plants: None, northgate: Provider, ana: User
) -> None:
    secret = factories.make_workspace(northgate, "Westmoor Metals")
    fill(secret, signed_by=None)

    page = text(look(ana, PAGE))

    assert "Westmoor" not in page
    assert rows(ana)["Northmill Dairy"].reachable == 1


def test_an_owner_elsewhere_is_no_customer_of_his(
    plants: None, northgate: Provider, ana: User
) -> None:
    factories.make_member(
        factories.make_workspace(northgate, "Westmoor Metals"), ana, role=Role.AUDITOR
    )

    assert "Westmoor" not in text(look(ana, PAGE))


def test_it_says_since_when_a_side_is_waited_for(
    plants: None, northmill: Workspace, ana: User, ida: User
) -> None:
    with workspace_scope(northmill.id):
        proposal = decisions.propose("SL-1", by=member(ana), content=content())
        answer(proposal, ida)
        two_days_ago = timezone.now() - dt.timedelta(days=2, hours=1)
        an_hour_ago = timezone.now() - dt.timedelta(hours=1)
        Decision.objects.update(proposed_at=two_days_ago, wanted_by=an_hour_ago)

    row = rows(ana)["Northmill Dairy"]

    assert (row.it_waits.text, row.ot_waits.text) == ("", "1 · 2 d")
    assert row.ot_waits.band
    assert "1 decision overdue at OT, oldest 2 d." in text(look(ana, PAGE))


def test_a_failed_run_is_work_for_us(
    plants: None, northmill: Workspace, ana: User
) -> None:
    with workspace_scope(northmill.id):
        permission = Authorisation.objects.get()
        factories.make_run(permission, state=RunState.FAILED)

    page = text(look(ana, PAGE))

    assert "run 2 failed." in page
    assert "/w/northmill/runs/2/" in page


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "ended"), (3, "2 days"), (None, "not signed")]
)
def test_an_authorisation_that_ends_is_work_for_us(
    days: int | None, words: str, plants: None, northmill: Workspace, ana: User
) -> None:
    with workspace_scope(northmill.id):
        permission = Authorisation.objects.get()
        if days is None:
            permission.signed_at = permission.signed_by = None
        else:
            permission.valid_from = timezone.now() - dt.timedelta(days=9)
            permission.valid_until = timezone.now() + dt.timedelta(days=days)
        permission.save()

    cell = rows(ana)["Northmill Dairy"].authorised

    assert words in cell.text
    assert cell.band


def test_it_draws_exposure_from_two_revisions_on(
    plants: None, northmill: Workspace, ana: User
) -> None:
    first = rows(ana)["Northmill Dairy"]
    with workspace_scope(northmill.id):
        row = PathRevision.objects.get()
        Run.objects.update(finished_at=row.created_at)
        row.pk, row.number, row.exposure_units = uuid7(), 2, 3.5
        row.save(force_insert=True)

    second = look(ana, PAGE)

    assert first.spark is None
    assert second.context["customers"][0].spark is not None
    assert second.context["exposure"].chart is not None
    assert second.context["exposure"].now == 3.5


def test_it_asks_one_question_per_fact(
    plants: None, ana: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = visitor(ana)
    browser.get(PAGE)  # the session knows from now on when it was seen

    with django_assert_max_num_queries(17):  # 8 facts; sign-in, memberships, scope
        assert browser.get(PAGE).status_code == 200


def test_it_says_so_when_there_is_no_customer(db: None) -> None:
    nobody = factories.make_user("new@northgate.example", "New Person")

    assert "You are not a member of any customer" in text(look(nobody, PAGE))


def add_site(workspace: Workspace, name: str) -> None:
    """Give a customer a site with a line that nobody ever counted."""
    with workspace_scope(workspace.id):
        factories.make_line(factories.make_site(name), "Crane")


def test_sites_of_all_customers_stand_worst_first_and_the_unknown_are_not_0(
    plants: None, northmill: Workspace, eastholm: Workspace, ana: User
) -> None:
    add_site(northmill, "Ridgemoor")  # after the count
    add_site(eastholm, "Harbour")  # where nothing was ever counted

    page = look(ana, "/customers/sites/")

    first, *others = page.context["sites"]
    assert (first.name, first.customer, first.lines, first.reached) == (
        "Thornby plant",
        "Northmill Dairy",
        1,
        1,
    )
    assert (first.worst, first.change) == ("Pasteuriser 2", "SL-1")
    assert [(row.name, row.units) for row in others] == [
        ("Harbour", None),
        ("Ridgemoor", None),
    ]
    words = text(page)
    assert "The paths were never computed." in words
    assert "Not counted by site yet." in words
    assert "2 sites of 3 have no number, which is not 0." in words
    assert "Eastholm Brewing" in words
    assert "never computed" in text(look(ana, PAGE))


def test_figures_that_nobody_confirmed_say_since_when(
    plants: None, northmill: Workspace, ana: User
) -> None:
    fresh = text(look(ana, PAGE))
    with workspace_scope(northmill.id):
        SiteExposure.objects.update(checked_at=timezone.now() - dt.timedelta(days=3))

    old = text(look(ana, PAGE))

    assert "not confirmed since" not in fresh
    assert "not confirmed since" in old


def test_a_customer_that_ended_our_access_is_in_no_sum_and_shows_no_site(
    plants: None, northmill: Workspace, ana: User
) -> None:
    assert "Thornby plant" in text(look(ana, "/customers/sites/"))
    ended = timezone.now() - dt.timedelta(minutes=1)
    Membership.objects.filter(workspace=northmill, user=ana).update(expires_at=ended)

    page = look(ana, "/customers/sites/")

    assert page.context["sites"] == []
    assert "Northmill" not in text(page)


def test_a_roll_up_of_counts_gets_no_name_out_of_the_database(
    plants: None, northmill: Workspace
) -> None:
    with rollup_scope([northmill.id]):
        (named,) = sites_by_workspace(names=True)[northmill.id]
        (bare,) = sites_by_workspace(names=False)[northmill.id]

    assert (named.name, bare.name) == ("Thornby plant", "")
    assert named.count is not None
    assert bare.count is not None
    assert (bare.count.worst_line, bare.count.change_label) == ("", "")
    assert named.count.worst_line
    assert bare.count.units == named.count.units
