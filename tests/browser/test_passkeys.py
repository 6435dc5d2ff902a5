"""Passkeys in a real browser, with a key that the browser itself pretends to have."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.cast import SIGN_IN
from tests.flows.running import Product

MALLORY = "mallory@eastholm.example"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ACCOUNT = "/accounts/factors/"


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


def confirm(page: Page, password: str) -> None:
    """Say once more who it is, if asked."""
    if "/confirm/" in page.url:
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Confirm").click()


def test_a_passkey_is_added_and_then_signs_in_alone(  # noqa: PLR0915 - one story
    new_context: Callable[..., BrowserContext], product: Product
) -> None:
    password = product.password(MALLORY)
    page, complaints = with_key(new_context().new_page()), list[str]()
    page.on("console", lambda told: complaints.append(told.text))
    page.goto(SIGN_IN)
    page.get_by_label("Email").fill(MALLORY)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()

    page.goto("/accounts/passkeys/add/")
    confirm(page, password)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/accounts/passkeys/")
    expect(page.get_by_text("Blue key")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()
    page.goto(ACCOUNT)
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()

    sign_out(page)
    page.get_by_label("Email").fill(MALLORY)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()

    page.goto("/accounts/passkeys/")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_role("link", name="a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert not [each for each in complaints if "Content Security Policy" in each]
