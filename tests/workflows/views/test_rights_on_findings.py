"""Who may do what on the page of a finding."""

import uuid

import pytest
from django.test import Client

from tenants.models import Role, User, Workspace
from tests import factories
from tests.workflows.views.conftest import PAGE, PROPOSAL, at, look, said, send, text
from workflows.models import Decision, Signature

ACTS = ["propose", "retest", "answer", "withdraw", "claim"]


def path_of(act: str, decision: Decision) -> str:
    return at(decision, act) if act not in ACTS[:2] else f"{PAGE}{act}/"


@pytest.mark.parametrize("act", ACTS)
def test_an_auditor_may_do_none_of_it(
    act: str, proposal: Decision, auditor: User
) -> None:
    response = send(auditor, path_of(act, proposal), **PROPOSAL, **said(proposal))

    assert response.status_code == 403
    assert "Your role may not" in text(response)


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_none_of_it(
    act: str, proposal: Decision, mallory: User
) -> None:
    path = path_of(act, proposal)

    assert send(mallory, path, **PROPOSAL, **said(proposal)).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_looking_does_nothing(act: str, proposal: Decision, otto: User) -> None:
    assert look(otto, path_of(act, proposal)).status_code == 405


@pytest.mark.parametrize("act", ["answer", "claim", "withdraw"])
def test_a_decision_of_another_finding_is_not_found(
    act: str, proposal: Decision, ana: User, otto: User
) -> None:
    other = factories.make_finding(proposal.case.finding.service, check_id="other")
    user = ana if act == "withdraw" else otto
    wrong_page = at(proposal, act).replace("SL-1", other.ref)
    unknown = f"{PAGE}decisions/{uuid.uuid4()}/{act}/"

    assert send(user, wrong_page, **said(proposal)).status_code == 404
    assert send(user, unknown, **said(proposal)).status_code == 404


def test_the_provider_signs_nothing(proposal: Decision, ana: User) -> None:
    assert send(ana, at(proposal, "answer"), **said(proposal)).status_code == 403


def test_a_form_of_another_site_is_refused(proposal: Decision, otto: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    factories.signed_in(browser, otto)

    response = browser.post(at(proposal, "answer"), said(proposal))

    assert response.status_code == 403
    assert "This form is no longer valid" in text(response)


def test_an_approver_signs_for_functional_safety(
    northmill: Workspace, proposal: Decision
) -> None:
    sonja = factories.make_user("sonja@northmill.example", "Sonja Falk")
    factories.make_member(northmill, sonja, role=Role.APPROVER)
    refused = send(sonja, at(proposal, "answer"), **said(proposal))
    proposal.case.slots = ["it", "ot", "safety"]
    proposal.case.save()

    accepted = send(sonja, at(proposal, "answer"), **said(proposal))

    assert (refused.status_code, accepted.status_code) == (403, 302)
    assert Signature.objects.get().slot == "safety"
