"""Signing in with an OpenID provider that somebody else has written."""

import contextlib
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import SplitResult, urlsplit

import oidc_provider_mock
import pytest
from django.test import Client

from tenants.models import IdentityProvider, User, Workspace
from tests.sign_in.company import base, begin, linked, set_up
from tests.sign_in.conftest import inside
from tests.sign_in.openid_partner import OpenIdPartner

# Their server uses calls of its framework that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def theirs(northmill: Workspace, ida: User) -> Iterator[IdentityProvider]:
    """Northmill's provider is oidc-provider-mock, which stands on Authlib."""
    user = oidc_provider_mock.User(
        sub="otto-9", claims={"email": "otto@northmill.example", "email_verified": True}
    )
    ida.memberships.update(is_admin=True)
    with oidc_provider_mock.run_server_in_thread(user_claims=[user]) as server:
        partner = OpenIdPartner(url=f"http://localhost:{server.server_port}")
        yield set_up(northmill, ida, partner)


def signs_in_there(asked: str) -> SplitResult:
    """Press the button of their page; return where their answer leads."""
    parts = urlsplit(asked)
    there = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(there):
        there.request("POST", f"{parts.path}?{parts.query}", "sub=otto-9", form)
        return urlsplit(there.getresponse().headers["Location"])


def test_it_signs_in(theirs: IdentityProvider, otto: User) -> None:
    linked(theirs, otto, "otto-9")
    browser = Client()

    back = signs_in_there(begin(browser, theirs))
    assert back.path == f"{base(theirs)}callback/"
    browser.get(f"{back.path}?{back.query}")

    assert inside(browser)


def test_it_names_who_came_for_the_first_time(
    theirs: IdentityProvider, otto: User
) -> None:
    browser = Client()

    back = signs_in_there(begin(browser, theirs))
    answer = browser.get(f"{back.path}?{back.query}")

    assert answer["Location"] == "/sso/northmill/link/"
