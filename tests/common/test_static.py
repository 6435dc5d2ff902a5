"""The files every page loads: their colours, their hashes and their weight."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = settings.ROOT / "platform" / "static"
CSS = (STATIC / "css" / "sightline.css").read_text()
SCRIPT = STATIC / "js" / "sightline.js"
VENDORED = tomllib.loads((STATIC / "vendor.toml").read_text())["file"]

BUDGET_BYTES = 110_000
BUDGET_REQUESTS = 8
SCRIPT_BYTES = 6_000
# What the largest page may weigh, compressed; measured: 3 to 4 kB.
PAGE_BYTES = 10_000

TEXT, CONTROL = 4.5, 3.0
PAIRS = [
    *[("ink", on, TEXT) for on in ("bg", "panel", "raised", "well")],
    *[("ink-2", on, TEXT) for on in ("bg", "panel", "raised", "well")],
    *[("ink-3", on, TEXT) for on in ("bg", "panel", "raised", "well")],
    *[("act", on, TEXT) for on in ("bg", "panel", "raised")],
    *[("edge", on, CONTROL) for on in ("bg", "panel", "raised")],
    *[("now-text", on, TEXT) for on in ("panel", "raised")],
    *[("next-text", on, TEXT) for on in ("panel", "raised")],
    *[("ink", on, TEXT) for on in ("act-wash", "now-wash", "next-wash")],
    *[("ink-2", on, TEXT) for on in ("act-wash", "now-wash", "next-wash")],
    ("act-ink", "act", TEXT),
    ("now-ink", "now", TEXT),
    ("next-ink", "next", TEXT),
    ("sel-ink", "sel", TEXT),
    ("panel", "ink-2", TEXT),  # the signed half of a pair
    ("bg", "ink", TEXT),  # the main button under the pointer
    ("now", "panel", CONTROL),
    ("next-text", "panel", CONTROL),  # the outline of the triangle
]


def declarations(block: str) -> dict[str, str]:
    """Return the custom properties of a block."""
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def dark_blocks() -> list[dict[str, str]]:
    """Return the dark values: for the system's preference, for the reader's choice."""
    starts = (':root:not([data-theme="light"]) {', ':root[data-theme="dark"] {')
    return [declarations(CSS.split(start, 1)[1].split("}", 1)[0]) for start in starts]


def tokens(theme: str) -> dict[str, str]:
    """Return every token of a theme; dark overrides light."""
    light = declarations(CSS.split(":root {", 1)[1].split("}", 1)[0])
    return light if theme == "light" else light | dark_blocks()[1]


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2): 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_measure_of_contrast_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_it_can_be_read(front: str, back: str, least: float, theme: str) -> None:
    values = tokens(theme)

    assert contrast(values[front], values[back]) >= least


def test_both_dark_blocks_are_equal() -> None:
    by_system, by_choice = dark_blocks()

    assert by_system == by_choice
    assert len(by_choice) > 20


def test_the_style_sheet_uses_only_tokens_it_has() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS))

    assert used <= set(declarations(CSS))


def test_the_style_sheet_loads_nothing_from_elsewhere() -> None:
    addresses = re.findall(r"url\(([^)]+)\)", CSS)

    assert all(address.startswith('"../fonts/') for address in addresses)
    assert "@import" not in CSS


@pytest.mark.parametrize("file", VENDORED, ids=lambda file: file["path"])
def test_a_vendored_file_is_the_one_that_was_checked(file: dict[str, str]) -> None:
    content = (STATIC / file["path"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert (STATIC / file["licence_file"]).is_file()


def test_every_file_of_others_is_named() -> None:
    fonts = {f"fonts/{path.name}" for path in (STATIC / "fonts").iterdir()}

    assert fonts == {file["path"] for file in VENDORED}


def test_the_script_is_small_and_needs_no_eval() -> None:
    text = SCRIPT.read_text()

    assert len(text.encode()) < SCRIPT_BYTES
    assert not re.search(r"\beval\b\(|new Function|innerHTML|\.style\b", text)


def test_a_first_visit_is_light() -> None:
    htmx = finders.find("django_htmx/htmx-2.min.js")
    assert isinstance(htmx, str)
    style, icon = STATIC / "css" / "sightline.css", STATIC / "img" / "icon.svg"
    named = [style, icon, SCRIPT, Path(htmx)]
    packed = [gzip.compress(path.read_bytes()) for path in named]
    fonts = [path.read_bytes() for path in (STATIC / "fonts").glob("*.woff2")]

    assert sum(map(len, [*packed, *fonts])) + PAGE_BYTES < BUDGET_BYTES
    assert len(packed) + len(fonts) + 1 <= BUDGET_REQUESTS
