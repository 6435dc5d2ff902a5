"""Who sits in front of the browser, and what they do more than once."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.flows.running import Product, eventually
from tests.flows.visitor import WORKSPACE, Visitor

ANA, IDA, OTTO = (
    "ana@northgate.example",
    "ida@northmill.example",
    "otto@northmill.example",
)
SIGN_IN = "/accounts/login/"
RUNS = f"{WORKSPACE}/runs/"

# Each kind of page, and who looks at it; "" is nobody.
KINDS = {
    "sign-in": "",
    "today": OTTO,
    "exposures": IDA,
    "finding, proposed": IDA,
    "finding, nothing proposed": ANA,
    "paths": OTTO,
    "method": IDA,
    "history": OTTO,
    "revision": OTTO,
    "what follows": OTTO,
    "what if": OTTO,
    "ways to a line": OTTO,
    "plans": OTTO,
    "plan": OTTO,
    "plan, other ticks": OTTO,
    "plans side by side": OTTO,
    "sign-off of a plan": ANA,
    "costs": OTTO,
    "plant": OTTO,
    "credentials and vendors": ANA,
    "credential": ANA,
    "vendor access": ANA,
    "controls": OTTO,
    "names": OTTO,
    "runs": ANA,
    "run": OTTO,
    "schedules": ANA,
    "vantages": ANA,
    "changes": OTTO,
    "scope": OTTO,
    "hours": OTTO,
    "ownership": ANA,
    "stop": OTTO,
    "about our probes": "",
    "sent": IDA,
    "sources": IDA,
    "notifications": ANA,
    "ledger": OTTO,
    "people": IDA,
    "keys": IDA,
    "people, for the provider": ANA,
    "data": OTTO,
    "data, for an administrator": IDA,
    "access to customers": ANA,
    "people of the provider": ANA,
    "groups": ANA,
    "look": ANA,
    "record": ANA,
    "group of the customer": IDA,
    "company sign-in": IDA,
    "company sign-in, asked for": "",
    "company sign-in, nowhere": "",
    "own sign-in": OTTO,
    "switch": ANA,
    "sessions": OTTO,
    "forgotten password": "",
    "customers": ANA,
    "sites of customers": ANA,
    "who has what": ANA,
    "404": IDA,
}

PROPOSAL = {
    "The treatment, in one sentence": "Let it answer to named accounts only.",
    "Why this works": "Whoever has no account gets no session.",
    "Effect on safety and health": "None.",
    "Planned stop of production, in minutes": "0",
    "What people go without until it is done": "Nothing.",
    "How to take it back": "Allow anonymous sessions again.",
}


def finding_of(visitor: Visitor, words: str) -> str:
    """Return the reference of the open exposure with these words, once there is one."""
    return eventually(lambda: visitor.finding(words))


def made_plan(visitor: Visitor, *, hours: str) -> str:
    """Let a plan without downtime be made, and return where it is once it is ready."""
    visitor.open(f"{WORKSPACE}/plans/")
    visitor.submit("/plans/make/", downtime="0", hours=hours)
    plan = visitor.path
    eventually(lambda: "Which line stands still" in visitor.peek(plan))
    return plan


def open_finding(page: Page, ref: str) -> Locator:
    """Open an exposure and return its sign-off panel."""
    page.goto(f"{WORKSPACE}/exposures/{ref}/")
    return page.locator("#signoff")


def fill_proposal(panel: Locator, **changed: str) -> Locator:
    """Fill in the form of a proposal and return its button."""
    for label, text in PROPOSAL.items():
        panel.get_by_label(label).fill(text)
    for name, text in changed.items():
        panel.locator(f"[name={name}]").fill(text)
    return panel.get_by_role("button", name="Send for sign-off")


@contextmanager
def still(product: Product, program: str) -> Iterator[None]:
    """Hold a program and its children still, so that nothing goes on meanwhile."""
    group = os.getpgid(product.pid_of(program))
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


@contextmanager
def waiting_run(page: Page, visitor: Visitor, product: Product) -> Iterator[int]:
    """Start a run by its button while no worker takes it; give its number."""
    eventually(visitor.can_start)
    page.goto(RUNS)
    with still(product, "worker"):
        page.get_by_role("button", name="Start a run").click()
        expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
        yield int(page.url.rstrip("/").rpartition("/")[2])
