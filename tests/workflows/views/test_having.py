"""Which customers have X: counts for the reader's customers of now, nothing more."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import Finding, FindingState, Occurrence, Service
from exposure.services import figures
from exposure.tasks import refresh_figures
from tenants.models import Membership, Provider, Role, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.workflows.conftest import learn
from tests.workflows.views.conftest import look, text, visitor
from tests.workflows.views.test_customers import fill
from workflows.models import Case
from workflows.services import routing

PAGE = "/customers/having/"


def has(workspace: Workspace, product: str) -> None:
    """Let a customer have one controller of this product, with one open exposure."""
    fill(workspace, signed_by=None)
    with workspace_scope(workspace.id):
        Service.objects.update(product=product)
        figures.refresh()


@pytest.fixture
def both(northmill: Workspace, eastholm: Workspace, ana: User) -> None:
    """Ana looks after Northmill and Eastholm; both have a controller of Siemens."""
    factories.make_member(eastholm, ana, role=Role.ANALYST)
    has(northmill, "Siemens S7-300")
    has(eastholm, "Siemens S7-1500")


def names(user: User, q: str) -> list[str]:
    return [row.name for row in look(user, PAGE, q=q).context["rows"]]


@pytest.mark.parametrize(
    "q", ["siemens", "SIEMENS s7", "s7", "102", "s7-open", "anyone can PROGRAM"]
)
def test_it_finds_by_product_protocol_port_check_and_title(
    q: str, both: None, ana: User
) -> None:
    assert sorted(names(ana, q)) == ["Eastholm Brewing", "Northmill Dairy"]


def test_it_tells_which_has_this_one(both: None, ana: User) -> None:
    page = look(ana, PAGE, q="s7-300")

    [row] = page.context["rows"]
    assert (row.name, row.services, row.exposures) == ("Northmill Dairy", 1, 1)
    assert (row.grade, row.band) == ("E4", "out_of_cycle")
    assert timezone.now() - row.last_seen < dt.timedelta(minutes=5)
    assert page.context["claim"] == "1 of 2 customers has it"


def test_the_link_opens_the_same_search(both: None, ana: User) -> None:
    [row] = look(ana, PAGE, q="S7-300").context["rows"]

    found = visitor(ana).get(row.url)

    assert row.url == "/w/northmill/exposures/?q=S7-300"
    assert [each.ref for each in found.context["page"]] == ["SL-1"]


def test_it_names_no_device_and_no_address(both: None, ana: User) -> None:
    page = text(look(ana, PAGE, q="siemens"))

    assert "PLC-P21" not in page
    assert "127.77" not in page
    assert names(ana, "PLC-P21") == []


def test_a_customer_without_access_is_not_even_counted(
    both: None, northgate: Provider, ana: User
) -> None:
    has(factories.make_workspace(northgate, "Westmoor Metals"), "Siemens LOGO")

    page = look(ana, PAGE, q="siemens")

    assert page.context["claim"] == "2 of 2 customers have it"
    assert "Westmoor" not in text(page)
    assert names(ana, "LOGO") == []


def test_a_customer_whose_access_has_ended_is_gone(
    both: None, eastholm: Workspace, ana: User
) -> None:
    Membership.objects.filter(user=ana, workspace=eastholm).update(
        expires_at=timezone.now() - dt.timedelta(seconds=1)
    )

    page = look(ana, PAGE, q="siemens")

    assert page.context["claim"] == "1 of 1 customer has it"
    assert "Eastholm" not in text(page)


def test_an_auditor_elsewhere_looks_across_nothing(
    both: None, northgate: Provider, ana: User
) -> None:
    westmoor = factories.make_workspace(northgate, "Westmoor Metals")
    has(westmoor, "Siemens LOGO")
    factories.make_member(westmoor, ana, role=Role.AUDITOR)

    assert names(ana, "LOGO") == []


def test_customers_people_do_not_get_in(both: None, ida: User, mallory: User) -> None:
    assert look(ida, PAGE, q="siemens").status_code == 403
    assert look(mallory, PAGE, q="siemens").status_code == 403


def test_a_stranger_signs_in_first(db: None, client: Any) -> None:
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_what_is_closed_counts_as_a_service_only(
    both: None, northmill: Workspace, ana: User
) -> None:
    with workspace_scope(northmill.id):
        Finding.objects.update(state=FindingState.CLOSED)
        figures.refresh()

    [row] = look(ana, PAGE, q="s7-300").context["rows"]

    assert (row.services, row.exposures, row.grade, row.band) == (1, 0, "", "")


@pytest.mark.parametrize(
    "q",
    ["%", "_", "\\", "\0", "%s", "' OR 1=1 --", "x" * 10_000, "\uff19", "1" * 99, "{}"],
)
def test_hostile_text_finds_nothing_and_breaks_nothing(
    q: str, both: None, ana: User
) -> None:
    page = look(ana, PAGE, q=q)

    assert page.status_code == 200
    assert page.context["rows"] == []


def test_text_is_shown_as_text(both: None, ana: User) -> None:
    page = text(look(ana, PAGE, q="<script>x</script>"))

    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_it_asks_one_question_for_all_customers(
    both: None, ana: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = visitor(ana)
    browser.get(PAGE)  # the session knows from now on when it was seen

    with django_assert_max_num_queries(11):  # sign-in, memberships, scope, the question
        browser.get(PAGE, {"q": "siemens"})


def test_how_soon_to_act_is_known_once_a_finding_is_routed(
    finding: Finding, ana: User, ida: User, otto: User, settings: Any
) -> None:
    figures.refresh()
    weakness = Occurrence.objects.exclude(check_id="")
    assert weakness.get().urgency == 0
    learn(finding)
    routing.route_open_findings()

    assert "exposure.refresh_figures" in settings.JOB_FLOW["workflows.follow_evidence"]
    refresh_figures()

    assert weakness.get().urgency == figures.urgency_of(Case.objects.get().band) > 0
