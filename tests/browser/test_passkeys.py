"""Passkeys in a real browser, with a key that the browser itself pretends to have."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.cast import SIGN_IN
from tests.flows.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.flow]

MALLORY = "mallory@eastholm.example"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_key(page: Page) -> Page:
    """Give the browser a key that always agrees."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return page


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"**{SIGN_IN}")


def sign_in(page: Page, password: str) -> None:
    page.goto(SIGN_IN)
    page.get_by_label("Email").fill(MALLORY)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_key(page: Page, password: str) -> None:
    """Add a passkey by the pages; that asks for the password once more."""
    page.goto("/accounts/passkeys/add/")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Blue key")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def remove_key(page: Page) -> None:
    """Remove it, after confirming with the very key."""
    page.goto("/accounts/passkeys/")
    expect(page.get_by_text("Blue key")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("link", name="a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_a_passkey_is_added_and_then_signs_in_alone(
    new_context: Callable[..., BrowserContext], product: Product
) -> None:
    password = product.password(MALLORY)
    page, complaints = with_key(new_context().new_page()), list[str]()
    page.on("console", lambda told: complaints.append(told.text))
    inside = page.get_by_role("button", name="Sign out")
    sign_in(page, password)
    inside.wait_for()
    add_key(page, password)

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    inside.wait_for()

    sign_out(page)
    sign_in(page, password)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    inside.wait_for()

    remove_key(page)
    assert not [each for each in complaints if "Content Security Policy" in each]
