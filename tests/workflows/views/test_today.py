"""What needs the reader's decision today."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from common.ids import uuid7
from exposure.models import Finding, Run, Zone
from exposure.services import rebuild
from tenants.models import User
from tests import factories
from tests.workflows.conftest import answer, content, member
from tests.workflows.views.conftest import PLACE, case_of, look, text, visitor
from workflows.models import Case, Decision, DecisionState, Event
from workflows.services import decisions
from workflows.views.progress import Point, observed


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


def test_many_that_were_routed_are_told_in_one_line(case: Case, ida: User) -> None:
    first = Event.objects.get(type="finding.routed")
    for number in range(2, 7):
        first.pk, first.object_ref = uuid7(), f"SL-{number}"
        first.save(force_insert=True)

    told = look(ida, PLACE).context["events"]

    assert [row.ref for row in told] == ["6 exposures"]
    assert told[0].url == "/w/northmill/exposures/"
    assert told[0].text.endswith("SL-1, SL-2, SL-3, SL-4 and 2 more.")


def test_what_happened_to_one_exposure_in_a_row_is_one_line(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)
    answer(proposal, otto)

    told = look(ida, PLACE).context["events"]

    assert told[0].ref == "SL-1"
    assert told[0].joint == ": "
    assert "earlier event" in told[0].text
    assert len(told) == 2


def test_an_owner_with_nothing_to_answer_hears_what_has_no_proposal(
    seen: Finding, ida: User
) -> None:
    page = look(ida, PLACE)

    assert page.context["claim"] == "No exposure needs you"
    assert "2 exposures have no proposal yet." in page.context["lead"]
    assert 'href="/w/northmill/exposures/?view=open"' in text(page)


def test_one_answer_of_the_path_engine_is_a_figure_and_no_curve(
    seen: Finding, ida: User
) -> None:
    exposure = look(ida, PLACE).context["exposure"]

    assert exposure.chart is None
    assert "units now" in text(look(ida, PLACE))


def test_what_was_computed_before_the_first_run_is_not_drawn() -> None:
    start = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    hours = [start + dt.timedelta(hours=hour) for hour in range(4)]
    points = [Point(at, float(number)) for number, at in enumerate(hours)]

    assert observed(points, hours[2]) == points[2:]
    assert observed(points, None) == points[-1:]
    assert observed([], None) == []


def test_htmx_gets_the_cards_alone(proposal: Decision, ida: User) -> None:
    piece = text(look(ida, PLACE, htmx=True))

    assert piece.startswith('<div class="stack" id="asks"')
    assert "<!doctype" not in piece


def test_it_needs_few_queries(
    seen: Finding, ana: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = visitor(ana)
    browser.get(PLACE)  # the answer of the path engine is kept from now on

    # Two of them are the test's own savepoint around the page, and one asks whether the
    # visit is known: within a test's transaction the cache never hears of it.
    with django_assert_max_num_queries(18):
        browser.get(PLACE)


def test_who_reads_several_sites_has_them_worst_first(seen: Finding, ana: User) -> None:
    one = look(ana, PLACE)
    factories.make_site("Ridgemoor")

    two = look(ana, PLACE)

    assert one.context["sites"] == []
    assert [(row.name, row.units is None) for row in two.context["sites"]] == [
        (seen.asset.site.name, False),
        ("Ridgemoor", True),
    ]
    assert "1 site of 2 has no number, which is not 0." in text(two)


def test_a_safety_system_that_is_reached_is_named_first(
    seen: Finding, otto: User
) -> None:
    cell = Zone.objects.get(name="Line 2 cell")
    sis = factories.make_asset(cell, "SIS-P2", kind="sis", sends_packets=False)
    factories.make_service(sis, Run.objects.get(), port=102, address="127.77.2.20")
    before = look(otto, PLACE).context["lead"]
    rebuild.rebuild_paths()

    after = look(otto, PLACE).context["lead"]

    told = "SIS-P2, a safety system, can be reached from the internet. "
    assert "safety system" not in before
    assert after.startswith(told)
