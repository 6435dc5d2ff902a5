"""What a session opens that came through a company, and what it never opens."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from tenants.models import (
    IdentityProvider,
    Provider,
    ProviderRole,
    Staff,
    User,
    Workspace,
)
from tests import factories
from tests.isolation.together import together
from tests.isolation.walking import Address, every_address
from tests.sign_in import openid_partner
from tests.sign_in.company import come, linked, set_up
from tests.sign_in.conftest import inside, with_app
from tests.sign_in.openid_partner import OpenIdPartner

NAMES = {
    "<slug:workspace>": "eastholm",
    "<slug:provider>": "northgate",
    "<slug:group>": "food",
    "<uuid:workspace_id>": uuid.uuid4(),
    "<slug:uidb36>": "x",
    "<slug:key>": "y",
    "<int:pk>": 1,
    "<str:token>": "x",
    "<str:ref>": "SL-1",
    "<int:number>": 1,
    "<int:revision>": 1,
}
HERE = {
    "about-our-probes",
    "sso",
    "account_login",
    "account_logout",
    "account_inactive",
    "openapi",
}
OWN_FACTORS = {
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "usersessions_list",
    "usersessions_end",
}
LED_BACK = {"home", "customers", "switch"}
PLAIN = [each for each in every_address() if not each.route.startswith("sso/<")]


def path_of(address: Address, workspace: str) -> str:
    path = "/" + address.route
    for name, value in {**NAMES, "<slug:workspace>": workspace}.items():
        path = path.replace(name, str(value))
    return re.sub(r"<uuid:[^>]+>", str(uuid.uuid4()), path)


def without_token(page: Any) -> bytes:
    """Return a page without what is random in each of its forms."""
    return re.sub(rb'value="[^"]+"', b"", page.content)


@together(PLAIN)
def test_it_opens_its_workspace_and_nothing_else(
    address: Address, through: Client
) -> None:
    """Row 37: the provider of one customer opens nothing of another one."""
    browser = Client()  # one of its own: some addresses end the session
    browser.cookies.load(through.cookies.output(header=""))
    there = [
        getattr(browser, each)(path_of(address, "eastholm")) for each in ("get", "post")
    ]
    nowhere = browser.get(path_of(address, "nowhere"))

    if address.name in HERE | OWN_FACTORS:
        return
    for each in there:
        if address.route.startswith("api/"):  # a session is no key
            assert each.status_code in {401, 405}
            continue
        if address.route.startswith("brand/"):  # the looks of a page are public
            assert each.status_code in {404, 405}
            continue
        if address.name in LED_BACK:
            assert each["Location"] == "/w/northmill/"
            continue
        assert each.status_code == 403
        assert b"This session does not lead there" in each.content
    if address.route.startswith("w/<slug:workspace>"):
        assert without_token(nowhere) == without_token(there[0])


def test_its_menu_names_no_other_place(through: Client) -> None:
    page = through.get("/w/northmill/people/").content.decode()

    assert "Eastholm" not in page


def test_an_address_of_somebody_elsewhere_leads_nowhere(
    company: IdentityProvider, partner: OpenIdPartner, mallory: User
) -> None:
    """Row 37: e-mail takeover across identity providers."""
    browser = Client()
    mail = {"email": mallory.email, "email_verified": True}

    answer = come(browser, partner, company, sub="evil", **mail)

    assert answer.status_code == 403
    assert "_auth_user_id" not in browser.session
    assert browser.get("/sso/northmill/link/").status_code == 403


def test_two_providers_may_call_different_people_the_same(
    company: IdentityProvider,
    partner: OpenIdPartner,
    eastholm: Workspace,
    otto: User,
    mallory: User,
) -> None:
    """A subject is somebody at its own provider only."""
    mallory.memberships.update(is_admin=True)
    linked(company, otto, "1")
    with openid_partner.running() as theirs:
        row = set_up(eastholm, mallory, theirs)
        linked(row, mallory, "1")
        browser = Client()
        come(browser, theirs, row, sub="1", workspace="eastholm")

    assert browser.session["_auth_user_id"] == str(mallory.pk)
    assert not inside(browser)


def test_the_same_provider_at_two_customers_is_two(
    company: IdentityProvider, partner: OpenIdPartner, eastholm: Workspace, both: User
) -> None:
    """A group with one sign-in: Otto is linked at Northmill, and not at Eastholm."""
    row = set_up(eastholm, both, partner)
    linked(company, both)
    browser = Client()

    answer = come(browser, partner, row, workspace="eastholm")

    assert answer.status_code == 403
    assert browser.get("/w/eastholm/").status_code == 302


def test_a_provider_of_another_workspace_is_not_at_this_address(
    company: IdentityProvider, eastholm: Workspace
) -> None:
    for end in ("start/", "acs/"):
        assert Client().post(f"/sso/eastholm/{company.pk}/{end}").status_code == 404
    for end in ("callback/", "finish/", "metadata/"):
        assert Client().get(f"/sso/eastholm/{company.pk}/{end}").status_code == 404


@pytest.mark.parametrize("role", ProviderRole)
def test_nobody_of_the_provider_is_linked(
    role: ProviderRole,
    company: IdentityProvider,
    partner: OpenIdPartner,
    northgate: Provider,
    otto: User,
) -> None:
    """Row 37: a customer's provider never speaks for people of the security provider."""
    Staff.objects.create(user=otto, provider=northgate, role=role)
    browser = Client()

    answer = come(browser, partner, company, email=otto.email, email_verified=True)

    assert answer.status_code == 403
    assert "_auth_user_id" not in browser.session
    linked(company, otto)
    assert come(Client(), partner, company).status_code == 403


def test_the_analyst_of_the_workspace_is_not_linked_either(
    company: IdentityProvider, partner: OpenIdPartner, ana: User
) -> None:
    browser = Client()

    answer = come(
        browser, partner, company, sub="ana", email=ana.email, email_verified=True
    )

    assert answer.status_code == 403
    assert browser.get("/w/northmill/").status_code == 302


def test_who_signed_in_here_keeps_what_they_had(
    company: IdentityProvider, partner: OpenIdPartner, both: User
) -> None:
    linked(company, both)
    browser = factories.signed_in(Client(), both)

    come(browser, partner, company)

    assert inside(browser)
    assert browser.get("/w/eastholm/").status_code == 200
    assert browser.get("/accounts/factors/").status_code == 200


def test_another_person_takes_the_browser_over_whole(
    company: IdentityProvider, partner: OpenIdPartner, otto: User, ida: User
) -> None:
    linked(company, otto)
    browser = factories.signed_in(Client(), ida)
    before = browser.session.session_key

    come(browser, partner, company)

    assert browser.session["_auth_user_id"] == str(otto.pk)
    assert browser.session.session_key != before
    methods = browser.session["account_authentication_methods"]
    assert [each["method"] for each in methods] == ["sign_on"]
    assert browser.get("/accounts/factors/").status_code == 403


def test_signing_in_through_the_company_gives_a_new_session(
    company: IdentityProvider, partner: OpenIdPartner, otto: User
) -> None:
    """Row 38: fixation."""
    linked(company, otto)
    browser = Client()
    browser.get("/sso/northmill/")
    session = browser.session
    session["planted"] = "x"
    session.save()
    browser.cookies["sightline_session"] = planted = str(session.session_key)

    come(browser, partner, company)

    assert browser.session.session_key != planted


def test_an_invitation_elsewhere_is_not_taken_with_it(
    through: Client, eastholm: Workspace
) -> None:
    answer = through.post("/join/eastholm/any-token/")

    assert answer.status_code == 403


def test_it_confirms_with_a_factor_of_ones_own(through: Client, both: User) -> None:
    with_app(both)

    assert through.get("/accounts/confirm/code/").status_code == 200


def test_an_unknown_name_looks_like_one_without_a_provider(
    company: IdentityProvider, eastholm: Workspace
) -> None:
    unset, unknown = Client().get("/sso/eastholm/"), Client().get("/sso/nowhere/")

    assert unset.status_code == unknown.status_code == 404
    assert unset.content == unknown.content


@pytest.mark.parametrize("typed", ["northmill", "Nowhere", " northmill "])
def test_every_short_name_leads_to_a_door(typed: str, db: None) -> None:
    answer = Client().get("/sso/", {"workspace": typed})

    assert answer["Location"] == f"/sso/{typed.strip().lower()}/"


@pytest.mark.parametrize("typed", ["", "a/b", "..", "\x00", "x" * 51, "ünder", "//e.x"])
def test_what_is_no_name_is_asked_for_again(typed: str, db: None) -> None:
    assert Client().get("/sso/", {"workspace": typed}).status_code == 200


def test_looking_at_a_door_changes_nothing(
    company: IdentityProvider, northmill: Workspace
) -> None:
    """P3: beginning takes a POST with a token; a link in a mail signs nobody in."""
    browser = Client(enforce_csrf_checks=True)

    assert browser.get(f"/sso/northmill/{company.pk}/start/").status_code == 405
    assert browser.post(f"/sso/northmill/{company.pk}/start/").status_code == 403
    assert browser.post("/sso/northmill/link/").status_code == 403
