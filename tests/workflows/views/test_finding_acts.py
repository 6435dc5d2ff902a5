"""What members do on the page of a finding, with htmx and without."""

from typing import Any

import pytest

from exposure.models import Finding, FindingState
from tenants.models import User
from tests.workflows.conftest import answer, learn, member
from tests.workflows.views.conftest import PAGE, PROPOSAL, at, look, said, send, text
from workflows.models import Case, Decision, DecisionState, Signature
from workflows.services import decisions


def test_a_proposal_is_sent_for_sign_off(case: Case, ana: User) -> None:
    response = send(ana, f"{PAGE}propose/", **PROPOSAL)

    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    row = Decision.objects.get()
    assert (row.version, row.downtime_minutes, row.proposer) == (1, 20, ana)


def test_htmx_gets_the_panel_and_the_timeline(case: Case, ana: User) -> None:
    response = send(ana, f"{PAGE}propose/", htmx=True, **PROPOSAL)

    assert response.status_code == 200
    piece = text(response)
    assert piece.startswith('<section class="panel" id="signoff"')
    assert 'id="timeline" aria-labelledby="history" hx-swap-oob="true"' in piece
    assert "Waiting for IT and OT" in piece
    assert "<!doctype" not in piece


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"undo": ""}, "This field is required."),
        ({"undo": "x" * 301}, "at most 300 characters"),
        ({"action": "a\0b"}, "Null characters are not allowed."),
        ({"downtime_minutes": "-1"}, "greater than or equal to 0"),
        ({"kind": "ignore"}, "is not one of the available choices"),
        ({"kind": "schedule"}, "Say when the window begins."),
        ({"kind": "accept"}, "This must have an end."),
        ({"kind": "accept", "expires_at": "9999-12-31T00:00"}, "The end lies between"),
        ({"window_start": "2020-01-01T00:00"}, "The window has begun already."),
        ({"window_start": "soon"}, "Enter a valid date/time."),
    ],
)
def test_a_wrong_proposal_comes_back_with_what_was_typed(
    *, wrong: dict[str, str], words: str, htmx: bool, case: Case, ana: User
) -> None:
    response = send(ana, f"{PAGE}propose/", htmx=htmx, **PROPOSAL | wrong)

    assert response.status_code == 422
    assert words in text(response)
    assert "The controller takes blocks from anybody." in text(response)
    assert ("<!doctype" in text(response)) is not htmx
    assert not Decision.objects.exists()


def test_an_expiry_is_read_in_the_time_zone_of_the_plant(case: Case, ana: User) -> None:
    case.workspace.time_zone = "Europe/Berlin"
    case.workspace.save()
    fields = {**PROPOSAL, "kind": "schedule", "window_start": "2099-01-05T06:00"}

    send(ana, f"{PAGE}propose/", **fields)

    start = Decision.objects.get().window_start
    assert start is not None
    assert start.isoformat() == "2099-01-05T05:00:00+00:00"


def test_a_second_proposal_shows_the_one_there_is(
    proposal: Decision, ana: User
) -> None:
    response = send(ana, f"{PAGE}propose/", htmx=True, **PROPOSAL)

    assert response.status_code == 409
    assert "Version 1 waits for answers." in text(response)
    assert "Waiting for IT and OT" in text(response)


def test_a_proposer_who_is_the_only_owner_is_told_why_not(
    case: Case, ida: User, otto: User
) -> None:
    response = send(otto, f"{PAGE}propose/", **PROPOSAL)

    assert response.status_code == 422
    assert "Nobody but you could answer for OT." in text(response)


def test_an_owner_signs(proposal: Decision, otto: User) -> None:
    response = send(otto, at(proposal, "answer"), **said(proposal))

    assert response.status_code == 302
    assert "Signed. Thank you." in text(look_after(otto, response))
    row = Signature.objects.get()
    assert (row.person, row.slot, row.answer) == (otto, "ot", "sign")


def look_after(user: User, response: Any) -> Any:
    """Follow a redirect with the message that it carries."""
    browser = response.client
    return browser.get(response.headers["Location"])


def test_the_same_click_twice_is_one_signature(proposal: Decision, otto: User) -> None:
    for _ in range(2):
        response = send(otto, at(proposal, "answer"), htmx=True, **said(proposal))
        assert response.status_code == 200

    assert Signature.objects.count() == 1


@pytest.mark.parametrize("word", ["changes", "reject"])
def test_a_no_needs_a_reason(word: str, proposal: Decision, otto: User) -> None:
    response = send(otto, at(proposal, "answer"), htmx=True, **said(proposal, word))

    assert response.status_code == 422
    assert "Say why, so that others can act on it." in text(response)
    assert not Signature.objects.exists()


def test_an_answer_that_is_none_is_refused(proposal: Decision, otto: User) -> None:
    response = send(otto, at(proposal, "answer"), **said(proposal, "maybe"))

    assert response.status_code == 422
    assert "Sign, ask for changes or reject." in text(response)


def test_a_form_without_hashes_is_refused(proposal: Decision, otto: User) -> None:
    response = send(otto, at(proposal, "answer"), answer="sign")

    assert response.status_code == 422
    assert not Signature.objects.exists()


@pytest.mark.parametrize("field", ["evidence_hash", "decision_hash"])
def test_a_stale_form_shows_the_present_state(
    field: str, proposal: Decision, otto: User
) -> None:
    fields = said(proposal, **{field: "0" * 64})

    response = send(otto, at(proposal, "answer"), htmx=True, **fields)

    assert response.status_code == 409
    assert "This changed while you were writing." in text(response)
    assert proposal.decision_hash in text(response)
    assert not Signature.objects.exists()


def test_evidence_that_changed_meanwhile_stops_a_signature(
    proposal: Decision, otto: User
) -> None:
    learn(proposal.case.finding, threat="active")

    response = send(otto, at(proposal, "answer"), **said(proposal))

    assert response.status_code == 409
    assert "The evidence has changed since this version was proposed." in text(response)


def test_the_page_of_a_stale_version_shows_the_newer_one(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, ida, "changes")
    decisions.withdraw(proposal.pk, by=member(ana))
    send(ana, f"{PAGE}propose/", **PROPOSAL)

    response = send(otto, at(proposal, "answer"), htmx=True, **said(proposal))

    assert response.status_code == 409
    assert "Version 2, proposed" in text(response)


def test_a_proposal_is_withdrawn_by_its_proposer(
    proposal: Decision, ana: User, otto: User
) -> None:
    assert look(ana, PAGE).context["withdraw_url"] == at(proposal, "withdraw")
    assert not look(otto, PAGE).context["withdraw_url"]
    assert send(otto, at(proposal, "withdraw")).status_code == 403

    assert send(ana, at(proposal, "withdraw")).status_code == 302

    assert Decision.objects.get().state == DecisionState.WITHDRAWN


def test_a_claim_starts_a_re_test(agreed: Decision, otto: User) -> None:
    response = send(otto, at(agreed, "claim"), htmx=True)

    assert response.status_code == 200
    assert "Under way" in text(response)
    assert Finding.objects.get().state == FindingState.VERIFYING


def test_a_claim_of_what_is_not_agreed_is_refused(
    proposal: Decision, otto: User
) -> None:
    response = send(otto, at(proposal, "claim"), htmx=True)

    assert response.status_code == 409
    assert "cannot become said to be done" in text(response)


def test_a_re_test_is_asked_for(case: Case, ana: User) -> None:
    response = send(ana, f"{PAGE}retest/")

    assert response.status_code == 302
    assert Finding.objects.get().state == FindingState.VERIFYING


def test_a_closed_finding_is_not_tested_again(case: Case, ana: User) -> None:
    Finding.objects.update(state=FindingState.CLOSED)

    assert send(ana, f"{PAGE}retest/", htmx=True).status_code == 409
