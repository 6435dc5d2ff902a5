"""Otto in front of the sign-in page, and the codes that his app would show."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tenants.models import IdentityKind, IdentityProvider, Role, User, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import providers
from tenants.services.sign_on.setup import Setup
from tests import factories
from tests.sign_in import openid_partner
from tests.sign_in.company import begin, come, linked
from tests.sign_in.openid_partner import OpenIdPartner
from tests.sign_in.saml_partner import ENTITY, SSO_URL, Question, SamlPartner

LOGIN = "/accounts/login/"
NEW = "quince gable turnip 41 harbour"


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> Iterator[None]:
    """Limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def sign_in(browser: Client, user: User, password: str = factories.PASSWORD) -> Any:
    """Send the form."""
    return browser.post(LOGIN, {"login": user.email, "password": password})


def code_of(user: User, *, steps: int = 0) -> str:
    """Return what the app shows now, or some half minutes from now."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    secret = get_adapter().decrypt(row.data["secret"])
    return code_for(secret, steps=steps)


def code_for(secret: str, *, steps: int = 0) -> str:
    """Return the code of a key."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def with_app(user: User) -> Authenticator:
    """Let a person have an authenticator app."""
    made: Authenticator = TOTP.activate(
        user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    ).instance
    return made


def shown(page: Any) -> str:
    """Return the text of a page, in one line."""
    return re.sub(r"\s+", " ", page.content.decode())


def confirmed(user: User) -> Client:
    """Return a browser whose person has just confirmed who they are."""
    browser = factories.signed_in(Client(), user)
    session = browser.session
    session["account_authentication_methods"][0]["reauthenticated"] = True
    session.save()
    return browser


def inside(browser: Client) -> bool:
    """Whether the browser gets into the workspace."""
    return browser.get("/w/northmill/").status_code == 200


@pytest.fixture
def partner() -> Iterator[OpenIdPartner]:
    """The OpenID provider that Northmill runs."""
    with openid_partner.running() as one:
        yield one


@pytest.fixture
def company(
    partner: OpenIdPartner, northmill: Workspace, ida: User
) -> IdentityProvider:
    """Northmill's sign-in, set up by Ida, who administers Northmill."""
    ida.memberships.update(is_admin=True)
    return set_up(northmill, ida, partner)


def set_up(
    workspace: Workspace, by: User, partner: OpenIdPartner, **values: Any
) -> IdentityProvider:
    """Set up an OpenID provider at a workspace."""
    setup = Setup(
        name=f"{workspace.name} sign-in",
        issuer=partner.url,
        client_id=openid_partner.CLIENT,
        secret=openid_partner.SECRET,
        **values,
    )
    member = by.memberships.select_related("workspace").get(workspace=workspace)
    with workspace_scope(workspace.pk):
        return providers.add(IdentityKind.OIDC, setup, by=member)


@pytest.fixture(scope="session")
def idp() -> SamlPartner:
    """Northmill's SAML provider; its key is made once."""
    return SamlPartner()


@pytest.fixture
def adfs(idp: SamlPartner, northmill: Workspace, ida: User) -> IdentityProvider:
    """It, as Ida set it up."""
    ida.memberships.update(is_admin=True)
    member = ida.memberships.select_related("workspace").get()
    setup = Setup(
        name="ADFS", issuer=ENTITY, sso_url=SSO_URL, certificates=idp.certificate
    )
    with workspace_scope(northmill.pk):
        return providers.add(IdentityKind.SAML, setup, by=member)


@pytest.fixture
def asked(
    adfs: IdentityProvider, idp: SamlPartner, otto: User
) -> tuple[Client, Question]:
    """A browser that was led to the provider, and what it asks there for Otto."""
    linked(adfs, otto)
    browser = Client()
    return browser, idp.read(begin(browser, adfs))


@pytest.fixture
def otto_linked(company: IdentityProvider, otto: User) -> User:
    """Otto, who signs in through Northmill's provider."""
    linked(company, otto)
    return otto


@pytest.fixture
def both(otto: User, eastholm: Workspace) -> User:
    """Otto, who owns at Eastholm as well and administers it."""
    factories.make_member(eastholm, otto, role=Role.OWNER, side="it", is_admin=True)
    return otto


@pytest.fixture
def through(both: User, company: IdentityProvider, partner: OpenIdPartner) -> Client:
    """Otto's browser, which came through Northmill's provider."""
    linked(company, both)
    browser = Client()
    come(browser, partner, company)
    assert inside(browser)
    return browser
