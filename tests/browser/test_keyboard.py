"""Everything can be done without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import ANA, IDA, OTTO, waiting_run
from tests.flows.running import Product
from tests.flows.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.flow]


def test_j_and_k_walk_the_exposures_and_enter_opens_one(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(IDA)
    page.goto(places["exposures"])
    rows = page.locator("[data-rows] tbody tr")

    for key in "jjk":
        page.keyboard.press(key)
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-rows] tr[aria-current]")).to_have_count(1)
    page.keyboard.press("j")
    target = rows.nth(1).get_by_role("link").first.get_attribute("href")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{target}")


def test_a_slash_goes_to_the_search(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(IDA)
    page.goto(places["plant"])

    page.keyboard.press("/")

    search = page.get_by_role("search").get_by_role("searchbox")
    expect(search).to_be_focused()
    expect(search).to_have_value("")


def test_the_first_tab_skips_to_the_content(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(IDA)
    page.goto(places["today"])

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_tab_walks_the_boxes_of_the_map(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(OTTO)
    page.goto(places["paths"])
    boxes = page.locator("svg.map a")
    count = boxes.count()

    page.get_by_role("region", name="Attack path map").focus()

    assert count > 2
    for number in range(count):
        page.keyboard.press("Tab")
        expect(boxes.nth(number)).to_be_focused()


def test_the_theme_stays_on_the_next_page(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(IDA, color_scheme="light")
    page.goto(places["today"])
    toggle = page.get_by_role("button", name="Dark")

    toggle.press("Enter")
    page.goto(places["plant"])

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Light")).to_be_visible()


def test_a_dialog_opens_and_closes(
    product: Product, ana: Visitor, open_as: Callable[..., Page]
) -> None:
    page = open_as(ANA)
    with waiting_run(page, ana, product):
        stop = page.get_by_role("button", name="Stop run")
        dialog = page.get_by_role("dialog", name="Stop this run?")

        stop.press("Enter")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")

        expect(dialog).to_be_hidden()
        expect(stop).to_be_focused()
