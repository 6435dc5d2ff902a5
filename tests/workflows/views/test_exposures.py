"""The list of exposures."""

from collections.abc import Callable
from typing import Any

import pytest

from exposure.models import Finding, FindingState, Service
from tenants.models import User
from tests import factories
from tests.workflows.conftest import answer, learn, member
from tests.workflows.views.conftest import PLACE, look, text, visitor
from workflows.models import Case, Decision
from workflows.services import claims, routing

LIST = f"{PLACE}exposures/"


def refs(user: User, **query: Any) -> list[str]:
    return [row.ref for row in look(user, LIST, **query).context["page"]]


def counts(user: User) -> dict[str, int]:
    return {view.label: view.count for view in look(user, LIST).context["views"]}


@pytest.fixture
def many(case: Case) -> None:
    """Sixty more open exposures of the same device."""
    service = Service.objects.get()
    for number in range(60):
        factories.make_finding(service, check_id=f"check-{number}")
    for row in Finding.objects.filter(case=None):
        learn(row)
    routing.route_open_findings()


def test_it_lists_what_is_open(seen: Finding, ida: User) -> None:
    page = look(ida, LIST)

    first, second = page.context["page"]
    assert (first.ref, first.steps, first.where) == (
        "SL-2",
        1,
        "L2 · Supervisory network",
    )
    assert (second.ref, second.steps, second.where) == ("SL-1", 2, "L1 · Pasteuriser 2")
    assert (second.grade, second.owner) == ("E4", "Otto Brandt")


def test_it_says_when_no_way_is_known(case: Case, ida: User) -> None:
    assert "no path" in text(look(ida, LIST))


def test_a_view_holds_what_waits_for_one_side(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)

    assert refs(otto, view="needs-ot") == ["SL-1"]
    assert refs(otto, view="needs-it") == []
    assert counts(otto) == {
        "Open": 1,
        "Needs IT": 0,
        "Needs OT": 1,
        "Verifying": 0,
        "Closed": 0,
    }
    assert look(otto, LIST).context["claim"] == "1 open exposure, 1 answer waited for"


def test_a_view_holds_what_is_re_tested(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))

    assert refs(otto, view="verifying") == ["SL-1"]


def test_a_view_holds_what_is_closed(case: Case, ida: User) -> None:
    Finding.objects.update(state=FindingState.CLOSED)

    assert refs(ida, view="closed") == ["SL-1"]
    assert refs(ida) == []


def test_what_the_reader_decided_can_be_found_again(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)

    assert refs(ida, view="decided") == ["SL-1"]
    assert refs(otto, view="decided") == []


@pytest.mark.parametrize(
    "words", ["plc-p21", "PROGRAM", "SL-1", "sl-1", "1", " program  plc"]
)
def test_the_filter_finds_name_asset_and_number(
    words: str, case: Case, ida: User
) -> None:
    assert refs(ida, q=words) == ["SL-1"]


@pytest.mark.parametrize("words", ["SL-2", "%", "_", "nothing", "\0x", "9" * 200])
def test_the_filter_finds_nothing_else(words: str, case: Case, ida: User) -> None:
    page = look(ida, LIST, q=words)

    assert list(page.context["page"]) == []
    assert "Clear the filter" in text(page)


def test_a_filter_is_shown_as_text(case: Case, ida: User) -> None:
    page = text(look(ida, LIST, q="<script>x</script>"))

    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("query", [{"view": "x"}, {"page": "x"}, {"page": "-1"}])
def test_a_strange_address_shows_the_open_ones(
    query: dict[str, str], case: Case, ida: User
) -> None:
    assert refs(ida, **query) == ["SL-1"]


def test_htmx_gets_the_table_alone(case: Case, ida: User) -> None:
    piece = text(look(ida, LIST, htmx=True, q="plc"))

    assert piece.startswith('<div id="exposures">')


def test_pages_hold_fifty(many: None, ida: User) -> None:
    first, second = refs(ida), refs(ida, page=2)

    assert (len(first), len(second)) == (50, 11)
    assert not set(first) & set(second)


def test_fifty_rows_need_few_queries(
    many: None, ida: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = visitor(ida)
    browser.get(LIST)  # the session knows from now on when it was seen

    with django_assert_max_num_queries(15):
        assert len(browser.get(LIST).context["page"]) == 50
