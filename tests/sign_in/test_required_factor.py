"""Roles that need a second factor get in with one only; closed portals let nobody in."""

import time

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.models import User, Workspace
from tests import factories
from tests.sign_in.conftest import with_app
from tests.sign_in.test_passkeys import add_key

PAGE = "/w/northmill/"


@pytest.fixture
def strict(northmill: Workspace, otto: User, ida: User) -> Workspace:
    """Owners need a second factor at Northmill."""
    northmill.second_factor_roles = ["owner"]
    northmill.save()
    return northmill


def test_who_has_none_is_led_to_setting_one_up(strict: Workspace, otto: User) -> None:
    browser = factories.signed_in(Client(), otto)

    for answer in (browser.get(PAGE), browser.post("/w/northmill/ledger/verify/")):
        assert answer["Location"] == "/accounts/factors/?required=1"
    page = browser.get("/accounts/factors/?required=1").content.decode()
    assert "asks for a second step" in page


def test_who_has_one_shows_it(strict: Workspace, otto: User) -> None:
    with_app(otto)
    browser = factories.signed_in(Client(), otto)
    assert browser.get(PAGE)["Location"].startswith("/accounts/confirm/code/")

    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": time.time()}
    ]
    session.save()

    assert browser.get(PAGE).status_code == 200


def test_who_has_passkeys_only_is_asked_for_one(
    strict: Workspace, otto: User, settings: Settings
) -> None:
    settings.PASSKEYS = True  # the tests themselves run at a bare address
    add_key(otto)

    answer = factories.signed_in(Client(), otto).get(PAGE)

    assert answer["Location"].startswith("/accounts/passkeys/confirm/?next=")


def test_other_roles_and_other_workspaces_are_not_asked(
    strict: Workspace, ana: User, mallory: User
) -> None:
    assert factories.signed_in(Client(), ana).get(PAGE).status_code == 200
    assert factories.signed_in(Client(), mallory).get("/w/eastholm/").status_code == 200


def test_an_administrator_says_who_needs_one(
    northmill: Workspace, ida: User, ana: User
) -> None:
    path, fields = "/w/northmill/people/second-factor/", {"roles": ["analyst"]}
    assert factories.signed_in(Client(), ida).post(path, fields).status_code == 403
    ida.memberships.update(is_admin=True)

    factories.signed_in(Client(), ida).post(path, {"roles": ["root"]})
    factories.signed_in(Client(), ida).post(path, fields)

    northmill.refresh_from_db()
    assert northmill.second_factor_roles == ["analyst"]
    assert factories.signed_in(Client(), ana).get(PAGE).status_code == 302


def test_the_portal_is_closed_read_or_open(
    northmill: Workspace, ana: User, otto: User
) -> None:
    path = f"/p/northgate/portal/{northmill.pk}/"
    provider = factories.signed_in(Client(), ana)
    customer = factories.signed_in(Client(), otto)

    provider.post(path, {"portal": "off"})
    assert customer.get(PAGE).status_code == 403
    provider.post(path, {"portal": "read"})
    assert customer.get(PAGE).status_code == 200
    assert customer.post("/w/northmill/people/invite/").status_code == 403
    provider.post(path, {"portal": "nonsense"})
    northmill.refresh_from_db()
    assert northmill.portal == "read"
