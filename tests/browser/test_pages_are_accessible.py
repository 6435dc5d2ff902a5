"""Every page, in both themes, as people with other senses and tools meet it."""

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.browser.cast import KINDS

pytestmark = [pytest.mark.browser, pytest.mark.flow]

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_breaks_no_rule(
    kind: str,
    theme: Literal["light", "dark"],
    places: dict[str, str],
    open_as: Callable[..., Page],
) -> None:
    page = open_as(KINDS[kind], color_scheme=theme, reduced_motion="reduce")
    page.goto(places[kind])

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})

    assert found.response["violations"] == []
