"""Signing decisions by people who came through their company (G4)."""

import time

from django.test import Client

from tenants.models import IdentityProvider, User, Workspace
from tests import factories
from tests.sign_in.company import come, linked
from tests.sign_in.conftest import code_of, with_app
from tests.sign_in.openid_partner import OpenIdPartner
from tests.workflows.test_fresh_sign_in import fields_of, path_of
from workflows.models import Decision, Signature


def came_an_hour_ago(
    partner: OpenIdPartner, company: IdentityProvider, person: User
) -> Client:
    """Return a browser that came through the company, which had asked long before."""
    linked(company, person, "p-1")
    browser = Client()
    come(browser, partner, company, sub="p-1", auth_time=int(time.time()) - 3600)
    return browser


def test_the_company_is_asked_once_more_and_named(
    company: IdentityProvider,
    partner: OpenIdPartner,
    proposal: Decision,
    ida: User,
) -> None:
    browser = came_an_hour_ago(partner, company, ida)
    asked = browser.post(path_of(proposal), fields_of(proposal))
    back = "/w/northmill/exposures/SL-1/"
    assert asked["Location"].startswith("/sso/northmill/?next=%2Fw%2Fnorthmill%2F")
    assert not Signature.objects.exists()

    come(browser, partner, company, sub="p-1", again=True, onward=back)
    signed = browser.post(path_of(proposal), fields_of(proposal))

    assert signed.status_code == 302
    factors = f'"factors":["oidc:{partner.url}"]'
    assert factors.encode() in bytes(Signature.objects.get().payload)


def test_a_factor_of_ones_own_is_not_replaced_by_the_company(
    company: IdentityProvider,
    partner: OpenIdPartner,
    proposal: Decision,
    ida: User,
) -> None:
    """Whoever runs the company's sign-in cannot sign for people with an own factor."""
    with_app(ida)
    linked(company, ida, "p-1")
    browser = Client()
    come(browser, partner, company, sub="p-1", amr=["mfa"])

    asked = browser.post(path_of(proposal), fields_of(proposal))
    assert asked["Location"].startswith("/accounts/confirm/code/?next=")
    assert not Signature.objects.exists()
    browser.post(asked["Location"], {"code": code_of(ida)})
    browser.post(path_of(proposal), fields_of(proposal))

    assert b'"totp"' in bytes(Signature.objects.get().payload)


def test_another_company_confirms_nothing_here(
    proposal: Decision, ida: User, eastholm: Workspace
) -> None:
    """A sign-in at Eastholm, whatever it is worth there, signs nothing at Northmill."""
    browser = factories.signed_in(Client(), ida)
    session = browser.session
    session["account_authentication_methods"] = [
        {
            "method": "sign_on",
            "type": "oidc:https://sign-in.eastholm.example",
            "workspace": str(eastholm.pk),
            "strong": True,
            "at": time.time(),
        }
    ]
    session.save()

    asked = browser.post(path_of(proposal), fields_of(proposal))

    assert asked["Location"].startswith("/accounts/confirm/?next=")
    assert not Signature.objects.exists()
