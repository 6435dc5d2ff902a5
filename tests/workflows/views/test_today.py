"""What needs the reader's decision today."""

from collections.abc import Callable
from typing import Any

from exposure.models import Finding
from tenants.models import User
from tests.workflows.conftest import answer, content, member
from tests.workflows.views.conftest import PLACE, case_of, look, text, visitor
from workflows.models import Case, Decision, DecisionState
from workflows.services import decisions


def asks(user: User) -> list[Any]:
    return list(look(user, PLACE).context["asks"])


def test_an_owner_sees_what_waits_for_the_own_side(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, ida)

    page = look(otto, PLACE)

    assert [ask.ref for ask in page.context["asks"]] == ["SL-1"]
    assert page.context["claim"] == "1 decision needs you"
    assert "Set a password on PLC-P21" in text(page).replace(
        '<span class="nowrap">PLC-P21</span>', "PLC-P21"
    )
    assert asks(ida) == []
    assert look(ida, PLACE).context["claim"] == "No exposure needs you"


def test_a_card_shows_both_sides(proposal: Decision, ida: User, otto: User) -> None:
    answer(proposal, ida)

    assert asks(otto)[0].pair == {"it": "signed", "ot": "waiting"}


def test_it_says_why_a_new_signature_is_needed(
    case: Case, ana: User, ida: User, otto: User
) -> None:
    first = decisions.propose("SL-1", by=member(ana), content=content())
    answer(first, otto)
    answer(first, ida, "changes")
    decisions.propose("SL-1", by=member(ana), content=content(undo="Another way."))

    card = asks(otto)[0]

    assert card.pair == {"it": "waiting", "ot": "stale"}
    assert card.note.startswith("You signed version 1. Version 2 says")


def test_the_provider_sees_what_has_no_proposal(case: Case, ana: User) -> None:
    page = look(ana, PLACE)

    assert page.context["claim"] == "1 exposure needs a proposal"
    assert "You are asked to propose a treatment" in text(page)


def test_a_proposed_one_needs_no_proposal(proposal: Decision, ana: User) -> None:
    assert asks(ana) == []


def test_the_owner_who_leads_carries_out_what_was_agreed(
    agreed: Decision, ida: User, otto: User
) -> None:
    assert agreed.state == DecisionState.APPROVED

    assert [ask.asked for ask in asks(otto)] == ["You agreed to do"]
    assert asks(ida) == []


def test_an_auditor_is_asked_nothing(proposal: Decision, auditor: User) -> None:
    page = look(auditor, PLACE)

    assert page.context["asks"] == []
    assert page.status_code == 200


def test_the_most_exposed_comes_first_among_proposals(seen: Finding, ana: User) -> None:
    page = look(ana, PLACE)

    assert [ask.ref for ask in page.context["asks"]] == ["SL-2", "SL-1"]
    assert "units" in page.context["asks"][0].facts[0][1]


def test_it_shows_whether_the_internet_reaches_the_lines(
    seen: Finding, ida: User
) -> None:
    row = look(ida, PLACE).context["lines"][0]

    assert (row.name, row.assets, row.steps) == ("Pasteuriser 2", ("PLC-P21",), 2)
    assert row.band == case_of(2).band


def test_it_tells_what_happened_newest_first(proposal: Decision, ida: User) -> None:
    newest = look(ida, PLACE).context["events"][0]

    assert newest.ref == "SL-1"
    assert newest.url == "/w/northmill/exposures/SL-1/"
    assert newest.text.startswith("Ana Torres proposed version 1")


def test_htmx_gets_the_cards_alone(proposal: Decision, ida: User) -> None:
    piece = text(look(ida, PLACE, htmx=True))

    assert piece.startswith('<div class="stack" id="asks"')
    assert "<!doctype" not in piece


def test_it_needs_few_queries(
    seen: Finding, ana: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = visitor(ana)
    browser.get(PLACE)  # the answer of the path engine is kept from now on

    with django_assert_max_num_queries(20):
        browser.get(PLACE)
