"""The page on which an administrator of the customer sets the company's sign-in up."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tenants.models import IdentityProvider, User, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import providers
from tests import factories
from tests.sign_in.company import come, linked, written
from tests.sign_in.conftest import code_of, inside, shown, with_app
from tests.sign_in.openid_partner import SECRET, OpenIdPartner
from tests.sign_in.saml_partner import ENTITY, SSO_URL, SamlPartner

PAGE = "/w/northmill/sign-in/"
OPENID = {
    "name": "Entra",
    "issuer": "https://login.example/tenant",
    "client_id": "abc",
    "secret": SECRET,
    "second_factor": "never",
}


@pytest.fixture
def boss(northmill: Workspace, ida: User) -> Client:
    """Ida, who administers Northmill."""
    ida.memberships.update(is_admin=True)
    return factories.signed_in(Client(), ida)


def only_row(northmill: Workspace) -> IdentityProvider:
    with workspace_scope(northmill.pk):
        return IdentityProvider.objects.get()


def test_an_administrator_sets_openid_up(boss: Client, northmill: Workspace) -> None:
    boss.post(f"{PAGE}openid/", OPENID)

    row = only_row(northmill)
    assert SECRET.encode() not in bytes(row.sealed_secret)
    with workspace_scope(northmill.pk):
        assert providers.secret_of(row) == SECRET
    assert f"/sso/northmill/{row.pk}/callback/" in shown(boss.get(PAGE))
    assert written(northmill)[-1] == "sign_on.added"


def test_an_administrator_sets_saml_up(
    boss: Client, northmill: Workspace, idp: SamlPartner
) -> None:
    boss.post(
        f"{PAGE}saml/",
        {
            "name": "ADFS",
            "issuer": ENTITY,
            "sso_url": SSO_URL,
            "certificates": idp.certificate,
            "second_factor": "claimed",
        },
    )

    assert only_row(northmill).second_factor == "claimed"


def test_no_page_and_no_ledger_shows_the_secret(
    boss: Client, northmill: Workspace
) -> None:
    """P5: secrets in answers."""
    boss.post(f"{PAGE}openid/", OPENID)
    again = boss.post(f"{PAGE}openid/", {**OPENID, "issuer": "nonsense"})
    row = only_row(northmill)
    boss.post(f"{PAGE}{row.pk}/change/", {"name": "Entra", "second_factor": "never"})

    for page in (again, boss.get(PAGE), boss.get("/w/northmill/ledger/")):
        assert SECRET not in page.content.decode()
    with workspace_scope(northmill.pk):
        assert providers.secret_of(only_row(northmill)) == SECRET
        assert SECRET not in repr(providers.shown(row))


@pytest.mark.parametrize("who", ["otto", "ana"])
def test_nobody_else_sets_it_up(
    who: str, northmill: Workspace, otto: User, ana: User, boss: Client
) -> None:
    """The security provider does not decide who is who at its customer."""
    browser = factories.signed_in(Client(), {"otto": otto, "ana": ana}[who])

    assert browser.post(f"{PAGE}openid/", OPENID).status_code == 403
    assert "Set up OpenID" not in shown(browser.get(PAGE))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "http://login.example"),
        ("issuer", "https://127.0.0.1/"),
        ("issuer", "https://169.254.169.254/"),
        ("issuer", "https://user:pw@login.example"),
        ("issuer", "https://login.example/?tenant=1"),
        ("issuer", "https://" + "x" * 600),
        ("issuer", "https://l\u043egin.example"),
        ("client_id", "a b"),
        ("secret", "a\u202eb"),
        ("secret", ""),
        ("name", ""),
        ("name", "Entra\u202e"),
        ("name", "x" * 10_000),
        ("name", "\x00"),
        ("issuer", "https://login.example/\x00"),
        ("second_factor", "sometimes"),
    ],
)
def test_nonsense_is_refused_in_words(
    field: str, value: str, boss: Client, northmill: Workspace, settings: Any
) -> None:
    settings.SIGN_ON_ALLOWED_PRIVATE_RANGES = ()

    answer = boss.post(f"{PAGE}openid/", {**OPENID, field: value})

    assert answer.status_code == 422
    with workspace_scope(northmill.pk):
        assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "x" * 30_000,
    ],
)
def test_what_is_no_certificate_is_refused(text: str, boss: Client) -> None:
    fields = {"name": "A", "issuer": ENTITY, "sso_url": SSO_URL, "certificates": text}

    answer = boss.post(f"{PAGE}saml/", {**fields, "second_factor": "never"})

    assert answer.status_code == 422


def test_the_same_provider_is_set_up_once(boss: Client, northmill: Workspace) -> None:
    boss.post(f"{PAGE}openid/", OPENID)

    again = boss.post(f"{PAGE}openid/", OPENID)

    assert again.status_code == 422
    assert "set up already" in shown(again)


def test_a_change_does_not_move_what_people_are_linked_to(
    boss: Client, company: IdentityProvider, northmill: Workspace
) -> None:
    """P1: mass assignment of issuer and client."""
    boss.post(
        f"{PAGE}{company.pk}/change/",
        {
            "name": "Other",
            "issuer": "https://evil.example",
            "client_id": "evil",
            "second_factor": "always",
        },
    )

    row = only_row(northmill)
    assert (row.name, row.second_factor) == ("Other", "always")
    assert (row.issuer, row.client_id) == (company.issuer, company.client_id)


def test_it_is_required_only_once_it_worked(
    boss: Client, company: IdentityProvider, partner: OpenIdPartner, ida: User
) -> None:
    """Nobody is locked out by a provider that was never tried."""
    linked(company, ida, "ida-1")
    boss.post(f"{PAGE}require/", {"required": "1"})
    company.workspace.refresh_from_db()
    assert not company.workspace.sign_on_required

    come(boss, partner, company, sub="ida-1")
    boss.post(f"{PAGE}require/", {"required": "1"})

    company.workspace.refresh_from_db()
    assert company.workspace.sign_on_required


@pytest.fixture
def required(company: IdentityProvider) -> IdentityProvider:
    """Northmill, which asks everybody for it."""
    Workspace.objects.filter(pk=company.workspace_id).update(sign_on_required=True)
    return company


def test_a_password_is_not_enough_where_it_is_required(
    required: IdentityProvider, partner: OpenIdPartner, otto: User
) -> None:
    linked(required, otto)
    browser = factories.signed_in(Client(), otto)

    answer = browser.get("/w/northmill/runs/")
    assert answer["Location"] == "/sso/northmill/?next=%2Fw%2Fnorthmill%2Fruns%2F"
    htmx = browser.post("/w/northmill/ledger/verify/", headers={"HX-Request": "true"})
    assert htmx["HX-Redirect"] == "/sso/northmill/"
    come(browser, partner, required)

    assert inside(browser)


def test_the_security_provider_comes_in_as_before(
    required: IdentityProvider, ana: User
) -> None:
    assert inside(factories.signed_in(Client(), ana))


def test_an_administrator_with_a_second_factor_gets_in_when_it_broke_down(
    required: IdentityProvider, ida: User
) -> None:
    browser = factories.signed_in(Client(), ida)
    assert not inside(browser)
    with_app(ida)
    browser.post("/accounts/confirm/code/", {"code": code_of(ida)})

    assert inside(browser)


def test_with_the_last_provider_the_rule_goes(
    required: IdentityProvider, partner: OpenIdPartner, ida: User, otto: User
) -> None:
    with_app(ida)
    boss = factories.signed_in(Client(), ida)
    boss.post("/accounts/confirm/code/", {"code": code_of(ida)})

    boss.post(f"{PAGE}{required.pk}/remove/")

    assert inside(factories.signed_in(Client(), otto))


@pytest.mark.parametrize(
    ("setting", "claims", "enough"),
    [
        ("never", {"amr": ["pwd", "mfa"]}, False),
        ("claimed", {"amr": ["pwd"]}, False),
        ("claimed", {"amr": "mfa"}, False),
        ("claimed", {"amr": ["pwd", "mfa"]}, True),
        ("claimed", {"acr": "https://refeds.org/profile/mfa"}, True),
        ("always", {}, True),
    ],
)
def test_it_counts_as_a_second_factor_as_the_administrator_says(
    setting: str,
    claims: dict[str, object],
    enough: object,
    company: IdentityProvider,
    partner: OpenIdPartner,
    otto: User,
) -> None:
    linked(company, otto)
    Workspace.objects.filter(pk=company.workspace_id).update(
        second_factor_roles=["owner"]
    )
    with workspace_scope(company.workspace_id):
        IdentityProvider.objects.update(second_factor=setting)
    browser = Client()

    come(browser, partner, company, **claims)

    assert inside(browser) is enough


def test_one_company_does_not_vouch_at_another(
    company: IdentityProvider, partner: OpenIdPartner, both: User
) -> None:
    """A second factor of Northmill's provider is none at Eastholm."""
    Workspace.objects.filter(slug="eastholm").update(second_factor_roles=["owner"])
    with workspace_scope(company.workspace_id):
        IdentityProvider.objects.update(second_factor="always")
    linked(company, both)
    browser = factories.signed_in(Client(), both)

    come(browser, partner, company)

    assert browser.get("/w/eastholm/").status_code == 302


def test_a_new_data_key_seals_the_secret_anew(
    company: IdentityProvider, northmill: Workspace
) -> None:
    before = bytes(only_row(northmill).sealed_secret)

    call_command("rotate_data_keys", workspace="northmill", stdout=io.StringIO())

    row = only_row(northmill)
    assert bytes(row.sealed_secret) != before
    with workspace_scope(northmill.pk):
        assert providers.secret_of(row) == SECRET
