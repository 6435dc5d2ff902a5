"""Northmill's identity providers, for all tests that come through one."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tenants.models import IdentityKind, IdentityProvider, Role, User, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import providers
from tenants.services.sign_on.setup import Setup
from tests import factories
from tests.sign_in import openid_partner
from tests.sign_in.company import begin, come, linked, set_up
from tests.sign_in.openid_partner import OpenIdPartner
from tests.sign_in.saml_partner import ENTITY, SSO_URL, Question, SamlPartner


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
    assert browser.get("/w/northmill/").status_code == 200
    return browser
