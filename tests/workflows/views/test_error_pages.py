"""What people read when a page is not for them."""

import pytest
from django.test import Client

from tenants.models import User
from tests import factories
from tests.workflows.views.conftest import PLACE, look, text
from workflows.models import Decision, DecisionState


def test_what_does_not_exist_and_what_is_not_yours_read_the_same(
    ida: User, mallory: User
) -> None:
    nowhere = look(ida, "/w/nowhere/")
    strange = look(mallory, PLACE)

    assert nowhere.status_code == strange.status_code == 404
    assert nowhere.content == strange.content
    assert "There is nothing at this address for you" in text(strange)


def test_a_refusal_names_the_missing_right(ida: User) -> None:
    response = look(ida, "/customers/")

    assert response.status_code == 403
    assert "Only people of a provider look across customers." in text(response)


def test_a_request_for_another_host_is_not_understood(client: Client) -> None:
    response = client.get("/accounts/login/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "This request could not be understood" in text(response)


def test_our_own_fault_says_so_and_keeps_nothing(
    proposal: Decision, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        Decision.objects.update(state=DecisionState.APPROVED)
        raise ZeroDivisionError

    monkeypatch.setattr("workflows.services.claims.request_retest", fail)
    browser = Client(raise_request_exception=False)
    factories.signed_in(browser, otto)

    response = browser.post(f"{PLACE}exposures/SL-1/retest/")

    assert response.status_code == 500
    assert "Sightline failed to answer this" in text(response)
    assert Decision.objects.get().state == DecisionState.PROPOSED
