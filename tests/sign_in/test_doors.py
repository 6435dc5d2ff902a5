"""The addresses of signing in: which there are, and that looking changes nothing."""

from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tenants.models import User
from tests import factories
from tests.isolation.test_every_request import ELSEWHERE
from tests.isolation.walking import Address, every_address
from tests.sign_in.conftest import code_of, confirmed, inside, with_app

DOORS = [each for each in every_address() if each.route.startswith("accounts/")]
ROWS = {"<slug:uidb36>": "x", "<slug:key>": "y", "<int:pk>": 1}
CLOSED = [
    "account_signup",
    "account_email",
    "account_set_password",
    "account_confirm_email",
    "account_request_login_code",
    "mfa_signup_webauthn",
    "mfa_trust",
]
UNREACHABLE = [
    "/accounts/signup/",
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/confirm-email/x/",
    "/accounts/login/code/",
    "/accounts/signup/passkey/",
    "/accounts/2fa/",
    "/_allauth/browser/v1/auth/session",
]


def stored(user: User) -> tuple[object, ...]:
    """Return what an account consists of."""
    user.refresh_from_db()
    factors = Authenticator.objects.filter(user=user).values_list("pk", "type")
    sessions = UserSession.objects.filter(user=user).values_list("pk")
    return user.password, sorted(factors), sorted(sessions)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_looking_changes_nothing(door: Address, otto: User) -> None:
    """P3: state change by GET."""
    with_app(otto)
    browser = confirmed(otto)
    browser.get("/accounts/factors/")
    before = stored(otto)

    for method in (browser.get, browser.head):
        assert method(door.at("", ROWS)).status_code < 500
    assert stored(otto) == before
    assert inside(browser)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_form_needs_its_token(door: Address, otto: User) -> None:
    with_app(otto)
    browser = Client(enforce_csrf_checks=True)
    factories.signed_in(browser, otto)
    before = stored(otto)

    assert browser.post(door.at("", ROWS)).status_code == 403
    assert stored(otto) == before


@pytest.mark.parametrize("name", CLOSED)
def test_the_rest_of_the_library_has_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", UNREACHABLE)
def test_an_address_of_the_library_that_we_do_not_use_is_not_found(
    path: str, otto: User
) -> None:
    assert confirmed(otto).get(path).status_code == 404


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_confirming_with_a_code_leads_nowhere_else(goal: str, otto: User) -> None:
    """Row 23: open redirect."""
    with_app(otto)
    browser = factories.signed_in(Client(), otto)
    path = f"/accounts/confirm/code/?next={quote(goal)}"

    answer = browser.post(path, {"code": code_of(otto), "next": goal})

    onward = answer.headers.get("Location", "/")
    assert answer.status_code == 302
    assert onward.startswith("/")
    assert not onward.startswith(("//", "/\\", "/\t"))


def test_the_text_of_a_page_does_not_come_from_its_address(otto: User) -> None:
    browser = confirmed(otto)

    page = browser.get("/accounts/factors/?required=Call+0800-EVIL").content.decode()

    assert "0800-EVIL" not in page


def test_a_session_in_the_address_opens_nothing(otto: User) -> None:
    """Row 38: token in query."""
    key = confirmed(otto).session.session_key
    name = settings.SESSION_COOKIE_NAME

    for query in (f"{name}={key}", f"sessionid={key}", f"session_key={key}"):
        assert Client().get(f"/w/northmill/?{query}").status_code == 302


def test_a_closed_account_loses_its_sessions(otto: User) -> None:
    """Row 38: session kept after disable."""
    browser = confirmed(otto)
    assert inside(browser)

    User.objects.filter(pk=otto.pk).update(is_active=False)

    assert not inside(browser)
    assert browser.get("/accounts/factors/").status_code == 302
