"""From proposal to closure, as three people click it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import (
    ANA,
    IDA,
    OTTO,
    fill_proposal,
    finding_of,
    open_finding,
)
from tests.flows.running import Product
from tests.flows.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.flow]

CLAIM = "SCADA-01 offers OPC UA sessions"
FIX = "opcua-anonymous"
LONG = 30_000  # ms; a re-test takes some seconds


def test_from_proposal_to_closure(
    product: Product, ana: Visitor, open_as: Callable[..., Page]
) -> None:
    product.command("demo", "unfix", FIX)
    ref = finding_of(ana, CLAIM)

    # Ana proposes; the panel changes without a new page.
    page = open_as(ANA)
    panel = open_finding(page, ref)
    fill_proposal(panel).click()
    expect(panel).to_contain_text("Version 1, proposed")
    expect(panel.get_by_role("button", name="Sign for IT")).to_have_count(0)

    # Both sides find it on their own Today, read it and sign.
    for email, side, then in ((IDA, "IT", "Waiting for OT"), (OTTO, "OT", "Approved")):
        page = open_as(email)
        page.goto("/")
        card = page.get_by_role("article").filter(has_text=ref)
        card.get_by_role("link", name="Read evidence and decide").click()
        panel = page.locator("#signoff")
        panel.get_by_role("button", name=f"Sign for {side}").click()
        expect(panel).to_contain_text(then)

    # Otto says it is done, but it is not: the re-test finds it and tells him here.
    panel.get_by_role("button", name="The work is done").click()
    expect(panel).to_contain_text("It is still there", timeout=LONG)

    # Once it is done, the re-test closes it.
    product.command("demo", "fix", FIX)
    try:
        panel.get_by_role("button", name="The work is done").click()
        closed = page.get_by_text("Closed by evidence.")
        expect(closed).to_be_visible(timeout=LONG)
    finally:
        product.command("demo", "unfix", FIX)
    expect(panel).to_contain_text("Completed: the re-test proved it")
    expect(page.locator("#timeline")).to_contain_text(f"{ref} is closed")
