"""The board of a plan in a browser: a tick moves everything, and words stay apart."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import OTTO

pytestmark = [pytest.mark.browser, pytest.mark.flow]

WIDTHS = (390, 1440)
# Words of a drawing that cover others or leave it.
COVERED = """() => [...document.querySelectorAll("svg.curve, svg.cal")].flatMap((svg) => {
  const { width, height } = svg.viewBox.baseVal;
  const boxes = [...svg.querySelectorAll("text.word")].map((each) => each.getBBox());
  const out = boxes.filter((b) => b.x < 0 || b.y < 0
    || b.x + b.width > width || b.y + b.height > height);
  const over = boxes.filter((a, i) => boxes.slice(0, i).some((b) => a.x < b.x + b.width
    && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height));
  return [...out, ...over];
})"""


def test_a_tick_moves_figures_curve_and_windows_together(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(OTTO)
    page.goto(places["plan"])
    box = page.get_by_role("checkbox", name="Count: ").first
    expect(box).to_be_checked()

    box.uncheck()

    expect(page.locator("#figures")).to_contain_text("counted, not compared")
    expect(page.locator("#curve")).to_contain_text("ticked, ")
    expect(page).to_have_url(re.compile("hand=1"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(COVERED) == []
    page.reload()
    expect(box).not_to_be_checked()
    box.check()
    expect(page.locator("#figures")).to_contain_text("at most from the best")
    expect(page.locator("#keep")).to_be_empty()
