"""Answers of an OpenID provider that must not be believed; row 37 of the threats."""

import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.models import IdentityProvider, User, Workspace
from tests.isolation.test_every_request import ELSEWHERE, EVIL
from tests.sign_in import openid_partner
from tests.sign_in.company import base, begin, come, refused, set_up, written
from tests.sign_in.conftest import inside
from tests.sign_in.openid_partner import Claims, OpenIdPartner


@pytest.mark.parametrize("what", ["state", "code", "iss", "error"])
def test_an_answer_that_was_bent_on_its_way_is_refused(
    what: str, company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    browser = Client()
    query = partner.lets_in(begin(browser, company), sub="otto-1")
    bent = {
        "state": query.replace("state=", "state=x"),
        "code": query.replace("code=", "code=x"),
        "iss": f"{query}&iss=https://issuer.example",
        "error": f"{query}&error=access_denied",
    }[what]

    answer = browser.get(f"{base(company)}callback/?{bent}")

    assert answer.status_code == 403
    assert not inside(browser)


def test_an_answer_works_once_and_in_its_own_browser(
    company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    """Row 37: replay; and nobody is signed in as an attacker by a link."""
    browser, victim = Client(), Client()
    query = partner.lets_in(begin(browser, company), sub="otto-1")
    path = f"{base(company)}callback/?{query}"

    assert victim.get(path).status_code == 403
    assert browser.get(path).status_code == 302
    assert browser.get(path).status_code == 403
    assert not inside(victim)


def test_an_answer_that_comes_too_late_is_refused(
    company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    browser = Client()
    query = partner.lets_in(begin(browser, company), sub="otto-1")
    session = browser.session
    for row in session["sign_on_asked"].values():
        row["at"] = time.time() - 601
    session.save()

    assert browser.get(f"{base(company)}callback/?{query}").status_code == 403


def test_the_answer_of_one_provider_is_none_at_the_callback_of_another(
    company: IdentityProvider,
    partner: OpenIdPartner,
    northmill: Workspace,
    ida: User,
    otto_linked: User,
) -> None:
    """Row 37: OIDC mix-up."""
    with openid_partner.running() as evil:
        other = set_up(northmill, ida, evil)
        browser = Client()
        query = partner.lets_in(begin(browser, company), sub="otto-1")

        answer = browser.get(f"{base(other)}callback/?{query}")

    assert answer.status_code == 403
    assert "/token" not in evil.calls
    assert not inside(browser)


def test_a_provider_that_promises_to_name_itself_must(
    company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    """RFC 9207."""
    partner.more = {"authorization_response_iss_parameter_supported": True}
    browser = Client()

    assert come(browser, partner, company).status_code == 403
    query = partner.lets_in(begin(browser, company), sub="otto-1")
    named = f"{query}&iss={quote(partner.url, safe='')}"
    assert browser.get(f"{base(company)}callback/?{named}").status_code == 302


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://issuer.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "data:text/html,x"},
        {"authorization_endpoint": 7},
        {"token_endpoint": None},
    ],
)
def test_a_description_that_lies_leads_nowhere(
    more: Claims, company: IdentityProvider, partner: OpenIdPartner
) -> None:
    partner.more = more

    answer = Client().post(f"{base(company)}start/")

    assert answer.status_code == 403
    assert "does not answer" in answer.content.decode()


@pytest.mark.parametrize("where", ["token_endpoint", "jwks_uri"])
def test_no_call_reaches_our_own_network(
    where: str,
    company: IdentityProvider,
    partner: OpenIdPartner,
    northmill: Workspace,
    otto_linked: User,
) -> None:
    """O2: SSRF through the addresses of an integration."""
    partner.more = {where: "http://169.254.169.254/latest/meta-data/"}
    browser = Client()

    refused(browser, come(browser, partner, company))
    assert written(northmill)[-1] == "sign_on.refused"


def test_a_provider_on_a_private_network_needs_the_instance_to_allow_it(
    company: IdentityProvider, partner: OpenIdPartner, settings: Settings
) -> None:
    settings.SIGN_ON_ALLOWED_PRIVATE_RANGES = ()

    assert Client().post(f"{base(company)}start/").status_code == 403
    assert partner.calls == []


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_nobody_is_led_elsewhere(
    goal: str, company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    """Row 23: open redirect."""
    browser = Client()

    assert (
        EVIL not in browser.get(f"/sso/northmill/?next={quote(goal)}").content.decode()
    )
    answer = come(browser, partner, company, onward=goal)

    assert answer["Location"] == "/w/northmill/"


@pytest.mark.parametrize(
    "goal", ["/w/eastholm/", "/p/northgate/", "/accounts/factors/"]
)
def test_the_way_on_stays_inside_the_workspace(
    goal: str, company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    assert come(Client(), partner, company, onward=goal)["Location"] == "/w/northmill/"


def test_a_forged_host_reaches_no_address(
    company: IdentityProvider, settings: Settings
) -> None:
    """Row 21: Host header poisoning."""
    told = {"x-forwarded-host": EVIL, "forwarded": f"host={EVIL}"}
    browser = Client(headers=told)

    asked = begin(browser, company)

    back = parse_qs(urlsplit(asked).query)["redirect_uri"][0]
    assert back == f"{settings.SITE_URL}{base(company)}callback/"
    assert (
        Client().post(f"{base(company)}start/", headers={"host": EVIL}).status_code
        == 400
    )
