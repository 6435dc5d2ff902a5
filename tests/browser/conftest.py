"""A real browser in front of the running product."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.browser.cast import ANA, SIGN_IN, finding_of, made_plan
from tests.flows.running import Product, eventually
from tests.flows.visitor import WORKSPACE, Visitor

PACKAGE = "chromium-headless-shell"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 10_000  # ms
FRESH = 200  # seconds
HISTORIAN = "HIST-01 lets anyone connect"
TRANSFORMER = "RTU-UTIL answers"
TREATMENT = {
    "kind": "remediate",
    "action": "Require a password of every client of the broker on HIST-01.",
    "technical_basis": "The broker refuses clients without an account.",
    "safety_effect": "None.",
    "downtime_minutes": "0",
    "lost_meanwhile": "Nothing.",
    "undo": "Allow anonymous clients again, one minute.",
}

OpenAs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: Mapping[str, Any],
) -> dict[str, Any]:
    """Start the Chromium of the system; nothing is downloaded."""
    found = (
        os.environ.get("CHROMIUM") or shutil.which(PACKAGE) or shutil.which("chromium")
    )
    if not found:
        pytest.skip(f"There is no Chromium; install the Debian package {PACKAGE}.")
    return {**browser_type_launch_args, "executable_path": found, "args": [*QUIET]}


@pytest.fixture(scope="session")
def base_url(product: Product) -> str:
    """Return where paths without a host lead."""
    return product.address


@pytest.fixture(scope="session")
def signed_in(browser: Browser, product: Product) -> Callable[[str], StorageState]:
    """Sign a person in once, by the form, and keep what the browser then holds."""
    known: dict[str, StorageState] = {}
    since: dict[str, float] = {}

    def state(email: str) -> StorageState:
        # Signing a decision takes a sign-in of the last five minutes.
        if time.monotonic() - since.get(email, -FRESH) >= FRESH:
            since[email] = time.monotonic()
            context = browser.new_context(base_url=product.address)
            page = context.new_page()
            page.goto(SIGN_IN)
            page.get_by_label("Email").fill(email)
            page.get_by_label("Password").fill(product.password(email))
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.get_by_role("button", name="Sign out").wait_for()
            known[email] = context.storage_state()
            context.close()
        return known[email]

    return state


@pytest.fixture
def open_as(
    new_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], StorageState],
) -> OpenAs:
    """Open a tab of a signed-in person; with "" nobody is signed in."""

    def tab(email: str, **options: Any) -> Page:
        if email:
            options["storage_state"] = signed_in(email)
        page = new_context(**options).new_page()
        page.set_default_timeout(PATIENCE)
        return page

    return tab


@pytest.fixture(scope="session")
def ana(product: Product) -> Visitor:
    """Ana without a browser, for what is not looked at; the first run has ended."""
    visitor = Visitor(product, ANA).sign_in()
    first = f"{WORKSPACE}/runs/1/"
    eventually(lambda: "Attack paths are up to date." in visitor.open(first))
    return visitor


@pytest.fixture(scope="session")
def places(ana: Visitor) -> dict[str, str]:
    """Map each kind of page to an address that shows it with content."""
    proposed, untouched = finding_of(ana, HISTORIAN), finding_of(ana, TRANSFORMER)
    ana.open(f"{WORKSPACE}/exposures/{proposed}/")
    if ana.has_form("/propose/"):
        ana.submit("/propose/", **TREATMENT)
    ana.open(f"{WORKSPACE}/scope/")
    scope = ana.link("Hours and blackouts").removesuffix("hours/")
    access = f"{WORKSPACE}/access/"
    ana.open(access)
    credential, vendor = ana.link("Maintenance contractor"), ana.link("Boiler maker")
    ana.open(f"{WORKSPACE}/plant/")
    follows = ana.first_address("/paths/from/")
    first, second = (made_plan(ana, hours=hours) for hours in ("", "8"))
    ana.open(f"{WORKSPACE}/paths/")
    ways = ana.first_address("/paths/to/")
    return {
        "sign-in": SIGN_IN,
        "today": f"{WORKSPACE}/",
        "exposures": f"{WORKSPACE}/exposures/",
        "finding, proposed": f"{WORKSPACE}/exposures/{proposed}/",
        "finding, nothing proposed": f"{WORKSPACE}/exposures/{untouched}/",
        "paths": f"{WORKSPACE}/paths/",
        "method": f"{WORKSPACE}/paths/method/",
        "history": f"{WORKSPACE}/paths/history/",
        "revision": f"{WORKSPACE}/paths/history/1/",
        "what follows": follows,
        "what if": f"{WORKSPACE}/paths/what-if/",
        "ways to a line": ways,
        "plans": f"{WORKSPACE}/plans/",
        "plan": first,
        "plan, other ticks": f"{first}?hand=1",
        "sign-off of a plan": f"{first}sign-off/",
        "plans side by side": f"{WORKSPACE}/plans/compare/?"
        f"plan={first.split('/')[-2]}&plan={second.split('/')[-2]}",
        "costs": f"{WORKSPACE}/plans/costs/",
        "plant": f"{WORKSPACE}/plant/",
        "credentials and vendors": access,
        "credential": credential,
        "vendor access": vendor,
        "controls": f"{WORKSPACE}/controls/",
        "runs": f"{WORKSPACE}/runs/",
        "run": f"{WORKSPACE}/runs/1/",
        "schedules": f"{WORKSPACE}/schedules/",
        "vantages": f"{WORKSPACE}/vantages/",
        "changes": f"{WORKSPACE}/drift/",
        "scope": f"{WORKSPACE}/scope/",
        "names": f"{WORKSPACE}/names/",
        "hours": f"{scope}hours/",
        "ownership": f"{scope}ownership/",
        "stop": f"{WORKSPACE}/stop/",
        "about our probes": "/about-our-probes/",
        "sent": f"{WORKSPACE}/sent/",
        "sources": f"{WORKSPACE}/sources/",
        "notifications": f"{WORKSPACE}/notifications/",
        "ledger": f"{WORKSPACE}/ledger/",
        "people": f"{WORKSPACE}/people/",
        "keys": f"{WORKSPACE}/keys/",
        "people, for the provider": f"{WORKSPACE}/people/",
        "data": f"{WORKSPACE}/data/",
        "data, for an administrator": f"{WORKSPACE}/data/",
        "access to customers": "/p/northgate/",
        "people of the provider": "/p/northgate/people/",
        "groups": "/p/northgate/groups/",
        "look": "/p/northgate/brand/",
        "record": "/p/northgate/record/",
        "group of the customer": f"{WORKSPACE}/group/",
        "company sign-in": f"{WORKSPACE}/sign-in/",
        "company sign-in, asked for": "/sso/",
        "company sign-in, nowhere": "/sso/nowhere/",
        "own sign-in": "/accounts/factors/",
        "switch": "/switch/",
        "sessions": "/accounts/sessions/",
        "forgotten password": "/accounts/password/reset/",
        "customers": "/customers/",
        "sites of customers": "/customers/sites/",
        "who has what": "/customers/having/?q=modbus",
        "404": f"{WORKSPACE}/exposures/SL-999/",
    }
