"""The page of a run while it goes on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.cast import ANA, RUNS, still, waiting_run
from tests.flows.running import Product, eventually
from tests.flows.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.flow]

LONG = 30_000  # ms; a run takes some seconds


def test_it_updates_by_itself_and_asks_no_more_at_the_end(
    product: Product, ana: Visitor, open_as: Callable[..., Page]
) -> None:
    page = open_as(ANA)
    heading = page.get_by_role("heading", level=1)

    with waiting_run(page, ana, product):
        expect(heading).to_contain_text("waits for a worker")
    expect(heading).to_contain_text("checked", timeout=LONG)

    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('sl:tick'))")
    expect(page.locator("#run[hx-get]")).to_have_count(0)
    assert asked == []


def test_stop_ends_it_and_says_who_and_when(
    product: Product, ana: Visitor, open_as: Callable[..., Page]
) -> None:
    page = open_as(ANA)
    with waiting_run(page, ana, product) as number:
        pass
    eventually(lambda: f"Run {number} checks" in ana.open(f"{RUNS}{number}/"))

    with still(product, "worker"):
        page.reload()
        page.get_by_role("button", name="Stop run").click()
        dialog = page.get_by_role("dialog", name="Stop this run?")
        dialog.get_by_role("button", name="Stop the run").click()
        expect(page.get_by_text("Ana Torres asked to stop at")).to_be_visible()

    notice = page.get_by_text("Stopped by Ana Torres.")
    expect(notice).to_be_visible(timeout=LONG)
    said = re.compile(r"stopped at \d\d:\d\d:\d\d, \d+\.\d s later")
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name="Stop run")).to_have_count(0)
