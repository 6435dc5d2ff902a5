"""People who come through their company: what their browsers do."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client

from tenants.models import (
    Identity,
    IdentityKind,
    IdentityProvider,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services.sign_on import providers
from tenants.services.sign_on.setup import Setup
from tests import factories
from tests.sign_in import openid_partner
from tests.sign_in.openid_partner import OpenIdPartner

LINK = re.compile(r'<a class="btn btn-main" href="(http[^"]+)">')


def base(row: IdentityProvider, workspace: str = "northmill") -> str:
    """Return our address for an identity provider."""
    return f"/sso/{workspace}/{row.pk}/"


def begin(
    browser: Client,
    row: IdentityProvider,
    *,
    workspace: str = "northmill",
    onward: str = "",
    again: bool = False,
) -> str:
    """Press the button; return where the browser is led."""
    fields = {"next": onward, **({"again": "1"} if again else {})}
    page = browser.post(f"{base(row, workspace)}start/", fields)
    assert page.status_code == 200, page.content.decode()
    found = LINK.search(page.content.decode())
    assert found is not None
    return unescape(found[1])


def come(
    browser: Client,
    partner: OpenIdPartner,
    row: IdentityProvider,
    *,
    sub: str = "otto-1",
    workspace: str = "northmill",
    onward: str = "",
    again: bool = False,
    **claims: Any,
) -> Any:
    """Go there and back; return what we answer to the callback."""
    asked = begin(browser, row, workspace=workspace, onward=onward, again=again)
    query = partner.lets_in(asked, sub=sub, **claims)
    return browser.get(f"{base(row, workspace)}callback/?{query}")


def linked(row: IdentityProvider, user: User, sub: str = "otto-1") -> Identity:
    """Let somebody be linked already."""
    with workspace_scope(row.workspace_id):
        return Identity.objects.create(
            provider=row, subject=sub, user=user, email=user.email
        )


def signs_in_with_password(browser: Client, user: User, onward: str = "/") -> Any:
    """Send the form of the sign-in page."""
    return browser.post(
        f"/accounts/login/?next={quote(onward)}",
        {"login": user.email, "password": factories.PASSWORD, "next": onward},
    )


def written(workspace: Workspace) -> list[str]:
    """Return what the ledger got in this transaction: actions, the oldest first."""
    with workspace_scope(workspace.pk), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT action FROM tenants_ledgerentry ORDER BY seq")
        return [row[0] for row in cursor.fetchall()]


def send(browser: Client, row: IdentityProvider, response: str, **more: str) -> Any:
    """Post the form of a SAML provider without cookies, then follow with them."""
    aside = Client().post(f"{base(row)}acs/", {"SAMLResponse": response, **more})
    return browser.get(aside["Location"]) if aside.status_code == 302 else aside


def refused(browser: Client, answer: Any) -> None:
    """Check that nobody was signed in, and that the page does not say why."""
    assert answer.status_code == 403
    assert b"That did not work" in answer.content
    assert browser.get("/w/northmill/").status_code == 302


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
