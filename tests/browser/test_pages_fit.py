"""Every page fits its screen, keeps to its own policy and loads fast."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request

from tests.browser.cast import KINDS, OTTO

pytestmark = [pytest.mark.browser, pytest.mark.flow]

WIDTHS = (390, 820, 1180, 1440)
MOST_REQUESTS, MOST_BYTES = 8, 110_000


def complaints(page: Page) -> list[str]:
    """Collect what the browser complains of: errors, and what the policy blocked."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "console",
        lambda line: heard.append(line.text) if line.type == "error" else None,
    )
    return heard


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_no_sideways_scroll_and_no_complaint(
    kind: str, places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(KINDS[kind])
    heard = complaints(page)

    page.goto(places[kind])

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide on {width}"
    # A page that is not there says so to the console as well.
    assert [text for text in heard if "404 (Not Found)" not in text] == []


@pytest.mark.parametrize("kind", ["today", "finding, proposed", "paths"])
def test_the_first_load_is_light(
    kind: str, places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(OTTO)
    made: list[Request] = []
    page.on("requestfinished", lambda request: made.append(request))

    page.goto(places[kind])
    page.wait_for_load_state("networkidle")

    sizes = [request.sizes() for request in made]
    sent = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    assert len(made) <= MOST_REQUESTS
    assert sent <= MOST_BYTES
