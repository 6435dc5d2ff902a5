"""Signing in through the company, with a real OpenID provider at the other end."""

import datetime as dt
import hashlib
import time

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import Identity, IdentityProvider, Invitation, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.sign_in.company import (
    begin,
    come,
    linked,
    signs_in_with_password,
    written,
)
from tests.sign_in.conftest import code_of, inside, shown, with_app
from tests.sign_in.openid_partner import OpenIdPartner

OTTO = {"email": "otto@northmill.example", "email_verified": True}


def test_who_is_linked_signs_in(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, otto: User
) -> None:
    linked(company, otto)
    browser = Client()

    answer = come(browser, partner, company, onward="/w/northmill/runs/")

    assert answer["Location"] == "/w/northmill/runs/"
    assert inside(browser)
    assert partner.calls.count("/token") == 1
    assert written(northmill)[-1] == "sign_on.entered"


def test_the_first_time_asks_for_a_factor_of_ones_own(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, otto: User
) -> None:
    browser = Client()

    answer = come(browser, partner, company, onward="/w/northmill/runs/", **OTTO)

    assert answer["Location"] == "/sso/northmill/link/"
    assert not inside(browser)
    assert browser.get("/sso/northmill/link/")["Location"].startswith(
        "/accounts/login/"
    )
    signs_in_with_password(browser, otto, "/sso/northmill/link/")
    assert "Is this you?" in shown(browser.get("/sso/northmill/link/"))
    with workspace_scope(northmill.pk):
        assert not Identity.objects.exists()
    assert browser.post("/sso/northmill/link/")["Location"] == "/w/northmill/runs/"

    other = Client()
    assert come(other, partner, company)["Location"] == "/w/northmill/"
    assert inside(other)
    assert "sign_on.linked" in written(northmill)


def test_a_person_with_a_second_factor_shows_it_to_be_linked(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, otto: User
) -> None:
    with_app(otto)
    browser = Client()
    come(browser, partner, company, **OTTO)

    answer = signs_in_with_password(browser, otto, "/sso/northmill/link/")
    assert answer["Location"] == "/accounts/second-factor/"
    assert browser.post("/sso/northmill/link/").status_code == 302
    browser.post("/accounts/second-factor/", {"code": code_of(otto)})
    browser.post("/sso/northmill/link/")

    with workspace_scope(northmill.pk):
        assert Identity.objects.get().user == otto


def test_an_invited_person_needs_no_password(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, ida: User
) -> None:
    path = invited(northmill, ida, "nora@northmill.example")
    browser = Client()
    assert "Go on with Northmill Dairy sign-in" in shown(browser.get(path))
    mail = {"email": "nora@northmill.example", "email_verified": True, "name": "Nora"}

    answer = come(browser, partner, company, sub="nora", onward=path, **mail)
    assert answer["Location"] == path
    assert 'value="Nora"' in shown(browser.get(path))
    browser.post(path, {"through": "1", "name": "Nora Vik"})

    assert inside(browser)
    assert not User.objects.get(email="nora@northmill.example").has_usable_password()
    again = Client()
    come(again, partner, company, sub="nora")
    assert inside(again)


def test_nobody_gets_the_place_of_another_address(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, ida: User
) -> None:
    path = invited(northmill, ida, "nora@northmill.example")
    browser = Client()
    mail = {"email": "eve@northmill.example", "email_verified": True}
    come(browser, partner, company, sub="eve", onward=path, **mail)

    assert "Accept, and sign in through" not in shown(browser.get(path))
    refused = browser.post(path, {"through": "1", "name": "Eve"})

    assert refused.status_code == 422

    assert not User.objects.filter(email__contains="nora").exists()
    assert not inside(browser)


def invited(northmill: Workspace, ida: User, email: str) -> str:
    """Invite somebody; return the path of the link in the mail."""
    with workspace_scope(northmill.pk):
        Invitation.objects.create(
            email=email,
            role="portal",
            token_hash=hashlib.sha256(b"the-token").hexdigest(),
            invited_by=ida,
            vouched_by=ida,
            expires_at=timezone.now() + dt.timedelta(days=7),
        )
    return "/join/northmill/the-token/"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "otto@northmill.example", "email_verified": False},
        {"email": "otto@northmill.example"},
        {"email": "otto@northmill.example", "email_verified": "true"},
        {"email": "ot\u0442o@northmill.example", "email_verified": True},
        {"email": "otto@northmill.example\x00", "email_verified": True},
        {"email": ["otto@northmill.example"], "email_verified": True},
        {"email_verified": True},
    ],
)
def test_an_address_that_is_not_verified_leads_to_nobody(
    claims: dict[str, object],
    company: IdentityProvider,
    partner: OpenIdPartner,
    otto: User,
) -> None:
    """Row 37: unverified e-mail."""
    browser = Client()

    answer = come(browser, partner, company, **claims)

    assert answer.status_code == 403
    assert "did not say that your mail address is yours" in shown(answer)
    assert "sign_on_waiting" not in browser.session


def test_a_stranger_of_the_company_has_no_place(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace
) -> None:
    browser = Client()

    answer = come(
        browser, partner, company, sub="x", email="x@y.example", email_verified=True
    )

    assert answer.status_code == 403
    assert "you have no place here" in shown(answer)
    assert written(northmill)[-1] == "sign_on.refused"


def test_signing_a_decision_takes_the_company_once_more(
    company: IdentityProvider, partner: OpenIdPartner, otto: User
) -> None:
    """Whoever came through the company confirms there, and the record says so."""
    linked(company, otto)
    browser = Client()
    come(browser, partner, company, auth_time=int(time.time()) - 3600)
    assert "Confirm that it is you" in shown(browser.get("/sso/northmill/"))
    asked = begin(browser, company, again=True)
    assert "prompt=login" in asked
    assert "max_age=0" in asked

    answer = come(browser, partner, company, again=True)

    assert answer.status_code == 302
    last = browser.session["account_authentication_methods"][-1]
    assert last["type"] == f"oidc:{partner.url}"
    assert time.time() - last["at"] < 60


@pytest.mark.parametrize("said", [3600, None])
def test_a_provider_that_did_not_ask_again_confirms_nothing(
    said: int | None, company: IdentityProvider, partner: OpenIdPartner, otto: User
) -> None:
    linked(company, otto)
    browser = Client()
    old = {"auth_time": int(time.time()) - said if said else None}
    come(browser, partner, company, **old)
    before = len(browser.session["account_authentication_methods"])

    answer = come(browser, partner, company, again=True, **old)

    assert answer.status_code == 403
    assert len(browser.session["account_authentication_methods"]) == before


def test_nobody_confirms_for_somebody_else(
    company: IdentityProvider, partner: OpenIdPartner, otto: User, ida: User
) -> None:
    linked(company, otto)
    linked(company, ida, "ida-1")
    browser = Client()
    come(browser, partner, company)

    answer = come(browser, partner, company, sub="ida-1", again=True)

    assert answer.status_code == 403
    assert browser.session["_auth_user_id"] == str(otto.pk)


def test_limits_hold_here_as_well(company: IdentityProvider) -> None:
    """Row 36: spray."""
    browser = Client()
    path = f"/sso/northmill/{company.pk}/acs/"

    codes = [browser.post(path).status_code for _ in range(31)]

    assert codes[:30] == [403] * 30
    assert codes[30] == 429


def test_the_password_works_as_before(company: IdentityProvider, otto: User) -> None:
    browser = factories.signed_in(Client(), otto)

    assert inside(browser)
