"""Nobody signs a decision with a session that somebody left open (G4)."""

import time

import pytest
from django.test import Client

from common.errors import NotAllowed
from tenants.models import User
from tenants.services.fresh import Authenticated
from tests import factories
from tests.sign_in.conftest import with_app
from tests.workflows.conftest import answer
from workflows.models import Decision, Signature


def path_of(decision: Decision) -> str:
    return f"/w/northmill/exposures/SL-1/decisions/{decision.pk}/answer/"


def fields_of(decision: Decision) -> dict[str, str]:
    return {
        "answer": "sign",
        "comment": "",
        "evidence_hash": decision.evidence_hash,
        "decision_hash": decision.decision_hash,
    }


def browser_of(user: User, *, age: float = 0, **record: object) -> Client:
    """Return a browser whose person showed a factor some seconds ago."""
    browser = factories.signed_in(Client(), user)
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - age, **record}
    ]
    session.save()
    return browser


def test_a_sign_in_of_five_minutes_ago_is_asked_again(
    proposal: Decision, ida: User
) -> None:
    browser = browser_of(ida, age=301)

    asked = browser.post(path_of(proposal), fields_of(proposal))

    assert asked["Location"] == (
        "/accounts/confirm/?next=%2Fw%2Fnorthmill%2Fexposures%2FSL-1%2F"
    )
    assert not Signature.objects.exists()
    browser.post(asked["Location"], {"password": factories.PASSWORD})
    assert browser.post(path_of(proposal), fields_of(proposal)).status_code == 302
    assert Signature.objects.get().person == ida


def test_htmx_is_sent_to_the_page_as_well(proposal: Decision, ida: User) -> None:
    asked = browser_of(ida, age=301).post(
        path_of(proposal), fields_of(proposal), headers={"HX-Request": "true"}
    )

    assert asked["HX-Redirect"].startswith("/accounts/confirm/?next=")
    assert not Signature.objects.exists()


def test_who_has_a_second_factor_must_have_shown_it(
    proposal: Decision, ida: User
) -> None:
    with_app(ida)

    asked = browser_of(ida).post(path_of(proposal), fields_of(proposal))
    assert asked["Location"].startswith("/accounts/confirm/code/?next=")
    assert not Signature.objects.exists()

    signed = browser_of(ida, method="mfa", type="totp").post(
        path_of(proposal), fields_of(proposal)
    )
    assert signed.status_code == 302
    payload = bytes(Signature.objects.get().payload)
    assert b'"factors":["totp"]' in payload
    assert b'"ip":"127.0.0.1"' in payload


@pytest.mark.parametrize(
    "shown",
    [
        Authenticated((), needs_second=False),
        Authenticated(("password",), needs_second=True),
    ],
)
def test_no_other_way_leads_around_it(
    proposal: Decision, ida: User, shown: Authenticated
) -> None:
    with pytest.raises(NotAllowed, match="Confirm that it is you"):
        answer(proposal, ida, shown=shown)
