"""The page that both sides trust."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import (
    Asset,
    Evidence,
    EvidenceKind,
    Finding,
    FindingState,
    Run,
    Way,
    Zone,
)
from exposure.services import rebuild
from exposure.services.evidence import evidence_hash
from tenants.models import User
from tests import factories
from tests.workflows.conftest import answer, content, member
from tests.workflows.views.conftest import PAGE, PLACE, look, text, visitor
from workflows.models import Case, Decision
from workflows.services import decisions

PANEL = f"{PLACE}exposures/SL-2/"


def shown(user: User) -> Any:
    return look(user, PAGE).context


def add_item(finding: Finding, **values: Any) -> None:
    """Append an item that is sealed with its true hash."""
    row = Evidence(
        finding=finding,
        revision=1,
        kind=EvidenceKind.SECOND,
        holds=True,
        grade="E4",
        title="A second check agrees",
        vantage_name="Internet",
        at=timezone.now(),
        **values,
    )
    row.sha256 = evidence_hash(row)
    row.save()


@pytest.mark.parametrize(
    "ref",
    ["SL-2", "SL-0", "SL-01", "sl-1", "1", "SL-1x", "SL-99999999999", "SL-\u0661"],
)
def test_a_reference_that_is_none_is_not_found(ref: str, case: Case, ida: User) -> None:
    assert look(ida, f"{PLACE}exposures/{ref}/").status_code == 404


def test_a_stranger_finds_nothing(case: Case, mallory: User) -> None:
    assert look(mallory, PAGE).status_code == 404


def test_it_claims_and_says_how_each_step_is_known(seen: Finding, ida: User) -> None:
    page = shown(ida)

    assert page["claim"] == "Anyone can program PLC-P21, two steps from the internet"
    assert page["lead"] == (
        "Step 1 was validated and step 2 follows from an imported rule. "
        "Who gets there can stop Pasteuriser 2."
    )


def test_the_strip_goes_from_the_internet_to_the_asset(
    seen: Finding, ida: User
) -> None:
    anyone, panel, plc = shown(ida)["strip"]

    assert (anyone.level, anyone.name) == ("Internet", "Anyone")
    assert (panel.level, panel.name) == ("Level 2 · Supervisory network", "HMI-P2")
    assert (panel.detail, panel.proof, panel.how) == (
        "127.77.1.15 : 80",
        "E4",
        "Uses SL-2",
    )
    assert (plc.detail, plc.proof) == ("127.77.2.11 : 102", "imported")
    assert (plc.how, plc.letters) == ("Panels to line 2", "B")


def test_a_step_is_known_no_better_than_the_worst_of_what_it_rests_on(
    seen: Finding, ida: User
) -> None:
    way = Way.objects.get(finding=seen)
    way.hops[1]["weakest"] = {
        "kind": "credential",
        "word": "assumed",
        "label": "panel admin",
    }
    way.save()

    page = shown(ida)

    assert page["lead"].startswith("Step 1 was validated and step 2 is assumed.")
    last = page["strip"][-1]
    assert (last.proof, last.how, last.letters) == ("assumed", "Panel admin", "")


def test_a_way_that_an_older_version_kept_says_the_same(
    seen: Finding, ida: User
) -> None:
    strip = shown(ida)["strip"]
    way = Way.objects.get(finding=seen)
    for hop in way.hops:
        del hop["weakest"]
    way.save()

    assert shown(ida)["strip"] == strip


def test_it_names_what_a_use_would_cost(seen: Finding, ida: User) -> None:
    facts = dict(shown(ida)["facts"])

    assert (
        facts["If used"] == "Pasteuriser 2 can stop, 4\N{NO-BREAK SPACE}200 € an hour"
    )
    assert facts["First seen"].endswith(", run 1")


def test_it_shows_each_item_with_its_exchange(seen: Finding, ida: User) -> None:
    add_item(seen, exchanges=[{"at": 0.01, "direction": "sent", "hex": "3c623e"}])

    _, item, way = shown(ida)["evidence"]

    assert (item.letter, item.proof, item.cost) == (
        "B",
        "E4",
        "1 message sent, reading only",
    )
    assert "3c 62 3e" in item.transcript
    assert "<b>" not in text(look(ida, PAGE)).split("<pre", 1)[1].split("</pre", 1)[0]
    assert (way.letter, way.proof) == ("C", "imported")
    assert way.source == "Firewall export of 12 November"


def test_it_says_when_an_item_is_not_what_was_sealed(case: Case, ida: User) -> None:
    add_item(case.finding)

    first, second = shown(ida)["evidence"]

    assert (first.missing, second.missing) == (True, False)
    assert text(look(ida, PAGE)).count("This item is not what was sealed") == 1


def test_it_tells_the_whole_story_newest_first(agreed: Decision, ida: User) -> None:
    said = [event.text for event in shown(ida)["timeline"]]

    assert said[0] == "Version 1 is approved by all sides."
    assert said[-1].startswith("SL-1 goes to IT and OT")


def test_looking_changes_nothing(proposal: Decision, otto: User) -> None:
    before = (Finding.objects.get().state, Decision.objects.get().state)

    look(otto, PAGE)
    look(otto, PAGE, htmx=True, answer="sign")

    assert (Finding.objects.get().state, Decision.objects.get().state) == before
    assert before[0] == FindingState.OPEN


def test_it_needs_few_queries(
    seen: Finding,
    ana: User,
    ida: User,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    decision = decisions.propose("SL-1", by=member(ana), content=content())
    answer(decision, ida)
    browser = visitor(ana)
    browser.get(PAGE)  # the answer of the path engine is kept from now on

    # Two of them are the test's own savepoint around the page, and one asks whether the
    # visit is known: within a test's transaction the cache never hears of it.
    with django_assert_max_num_queries(21):
        browser.get(PAGE)


def test_it_says_whether_a_safety_system_is_reached_from_it(
    seen: Finding, otto: User
) -> None:
    cell = Zone.objects.get(name="Line 2 cell")
    sis = factories.make_asset(cell, "SIS-P2", kind="sis", sends_packets=False)
    new = dict(shown(otto)["facts"])["Safety system"]
    rebuild.rebuild_paths()
    silent = dict(look(otto, PANEL).context["facts"])["Safety system"]
    factories.make_service(sis, Run.objects.get(), port=102, address="127.77.2.20")
    rebuild.rebuild_paths()
    onward = dict(look(otto, PANEL).context["facts"])["Safety system"]
    from_the_end = dict(shown(otto)["facts"])["Safety system"]
    Asset.objects.filter(name="HMI-P2").update(kind="sis")
    passed = dict(shown(otto)["facts"])["Safety system"]

    assert new == "Not counted yet"
    assert silent == "Not reached from here"
    assert onward == "SIS-P2 is reached from here"
    assert from_the_end == "Not reached from here"
    assert passed == "HMI-P2 is on this path"
