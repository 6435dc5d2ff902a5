"""Which accents can be read: WCAG 2.2 against the tokens of the stylesheet itself."""

import re

import pytest
from django.conf import settings

from common.errors import InvalidInput
from tenants.logic import brand

CSS = (settings.ROOT / "platform/static/css/sightline.css").read_text(encoding="utf-8")
BEHIND = ("bg", "panel", "raised", "well")
WORDS = ("ink", "ink-2", "ink-3", "now-text", "next-text")
THEMES = {"light": brand.LIGHT, "dark": brand.DARK}
EXTREMES = ["#000000", "#ffffff", "#ff0000", "#ffff00", "#00ff00", "#808080", "#0e467d"]


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of a theme as the stylesheet sets them."""
    start = r":root \{\s+color-scheme: light" if theme == "light" else r'="dark"\] \{'
    block = re.split(start, CSS, maxsplit=1)[1].split("}")[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize("name", THEMES)
def test_the_themes_are_those_of_the_stylesheet(name: str) -> None:
    found, theme = tokens(name), THEMES[name]

    assert theme.behind == tuple(found[each] for each in BEHIND)
    assert theme.words == tuple(found[each] for each in WORDS)
    assert (theme.panel, theme.ink) == (found["panel"], found["act-ink"])


@pytest.mark.parametrize("name", THEMES)
def test_our_own_accent_keeps_the_rule(name: str) -> None:
    found = tokens(name)

    assert brand.is_readable(found["act"], THEMES[name])


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert brand.contrast(one, other) == pytest.approx(ratio, abs=0.006)
    assert brand.contrast(one, other) == brand.contrast(other, one)


@pytest.mark.parametrize("colour", EXTREMES)
@pytest.mark.parametrize("name", THEMES)
def test_the_nearest_shade_can_be_read_and_so_can_all_on_its_wash(
    name: str, colour: str
) -> None:
    theme = THEMES[name]

    shade = brand.nearest(colour, theme)

    assert brand.is_readable(shade, theme)
    ground = brand.wash(shade, theme)
    assert min(brand.contrast(ground, word) for word in (*theme.words, shade)) >= 4.5


def test_a_shade_that_can_be_read_stays_as_it_is() -> None:
    assert brand.nearest("#7b2cbf", brand.LIGHT) == "#7b2cbf"


def test_what_cannot_be_read_is_refused_with_a_shade_that_can() -> None:
    with pytest.raises(InvalidInput, match=r"contrast of \d\.\d .* is #([0-9a-f]{6})"):
        brand.accents("#ff8800", "")
    with pytest.raises(InvalidInput, match="nearest shade") as refused:
        brand.accents("#0e467d", "#0e467d")
    assert refused.value.field == "accent_dark"


def test_the_dark_accent_follows_from_the_light_one() -> None:
    light, dark = brand.accents(" #0E467D ", "")

    assert light == "#0e467d"
    assert brand.is_readable(dark, brand.DARK)
    assert brand.accents("", "") == ("", "")


@pytest.mark.parametrize(
    "colour",
    [
        "red",
        "#fff",
        "#0e467",
        "#0e467g",
        "#0e467d;}body{display:none",
        "url(//evil.example)",
        "#0e467d\n",
        "\0" * 7,
        "#" + "0" * 10_000,
        "\uff03\uff10\uff10\uff10\uff10\uff10\uff10",
    ],
)
def test_nothing_but_a_colour_gets_into_the_stylesheet(colour: str) -> None:
    try:
        light, _ = brand.accents(colour, "")
    except InvalidInput:
        return
    assert brand.COLOUR.fullmatch(light)


def test_the_stylesheet_sets_the_accent_and_nothing_else() -> None:
    text = brand.stylesheet("#7b2cbf", "#b079e0")

    assert set(re.findall(r"--[a-z-]+", text)) == {"--act", "--act-ink", "--act-wash"}
    assert "url" not in text
    assert set(re.findall(r"#[0-9a-z]+", text)) >= {"#7b2cbf", "#b079e0"}


@pytest.mark.parametrize(
    "name",
    [
        "Northgate\r\nBcc: all@evil.example",
        "Northgate\nX",
        "ceo@bank.example",
        "Northgate <ceo",
        '"Northgate"',
        "Northgate, Bank",
        "bank.example",
        "North\u202egate",
        "N\u043erthgate",
        "North\0gate",
        "N" * 61,
        "=?utf-8?q?x?=",
        "\ud800",
    ],
)
def test_a_sender_that_seems_somebody_else_is_refused(name: str) -> None:
    """Row 28, and names that are addresses."""
    with pytest.raises(InvalidInput):
        brand.sender_name(name)


@pytest.mark.parametrize(
    "name",
    ["Northgate Security", "Müller & Söhne", "St. Pölten SOC", "Безопасность", ""],
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert brand.sender_name(name) == name


def test_the_from_line_is_one_line_and_one_address() -> None:
    assert brand.sender("Northgate", "a@b.example") == "Northgate <a@b.example>"
    assert brand.sender("", "a@b.example") == "a@b.example"
    assert "\n" not in brand.sender("Müller " * 8, "a@b.example")


@pytest.mark.parametrize("name", ["x" * 41, "A\u202eB", "A\0", "Sightl\u0456ne"])
def test_a_product_name_that_deceives_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        brand.product_name(name)
