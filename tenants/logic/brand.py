"""A provider's look: which colours can be read, and which names are what they seem."""

import colorsys
import re
import unicodedata
from dataclasses import dataclass
from email.utils import formataddr

from common.errors import InvalidInput
from common.plain_text import reads_as_stored

COLOUR = re.compile(r"#[0-9a-f]{6}")
TEXT = 4.5  # WCAG 2.2, 1.4.3: text against what is behind it
STEPS = 400
SHARES = tuple(share / 100 for share in range(20, 0, -2))
MAX_NAME, MAX_SENDER = 40, 60
# Alphabets whose letters look like each other's: a name uses one of them.
LOOK_ALIKE = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE"})
# What a mail program could take for an address, a group or a second header.
NO_NAME = frozenset('@<>"\\,;:()[]{}%=/|`\t\r\n')


@dataclass(frozen=True, slots=True)
class Theme:
    """What the accent stands on, and what stands on it; tokens of sightline.css."""

    behind: tuple[str, ...]  # bg, panel, raised, well
    words: tuple[str, ...]  # ink, ink-2, ink-3, now-text, next-text: stand on the wash
    panel: str
    ink: str  # act-ink: stands on the accent


LIGHT = Theme(
    behind=("#e3e5e8", "#f2f3f5", "#fcfcfd", "#d9dce0"),
    words=("#14181c", "#3f4851", "#545d66", "#9c1912", "#6b4500"),
    panel="#f2f3f5",
    ink="#ffffff",
)
DARK = Theme(
    behind=("#15181b", "#1d2125", "#262b30", "#101316"),
    words=("#e7eaed", "#bcc4cb", "#9fa8b1", "#ff9387", "#f5c15c"),
    panel="#1d2125",
    ink="#0b1824",
)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours after WCAG 2.2, from 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1), contrast("#808080", "#808080")
    (21.0, 1.0)
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lowest_contrast(colour: str, theme: Theme) -> float:
    """Return the worst contrast of an accent with all that it meets in a theme."""
    return min(contrast(colour, each) for each in (*theme.behind, theme.ink))


def is_readable(colour: str, theme: Theme) -> bool:
    """Whether links and buttons of this colour can be read in a theme."""
    return lowest_contrast(colour, theme) >= TEXT


def nearest(colour: str, theme: Theme) -> str:
    """Return the readable shade of a colour that is least lighter or darker than it.

    Hue and saturation stay. The lightness is moved both ways in steps; black on light
    and white on dark can be read, so there is always one. O(steps).
    """
    hue, light, saturation = colorsys.rgb_to_hls(*_parts(colour))
    for step in range(STEPS + 1):
        for moved in (light - step / STEPS, light + step / STEPS):
            shade = _hex(colorsys.hls_to_rgb(hue, min(max(moved, 0), 1), saturation))
            if is_readable(shade, theme):
                return shade
    raise AssertionError("Neither black nor white can be read in this theme.")


def wash(colour: str, theme: Theme) -> str:
    """Return the accent as a background: as much of it as all words on it allow."""
    for share in SHARES:
        mixed = _mixed(colour, theme.panel, share)
        if all(contrast(mixed, word) >= TEXT for word in (*theme.words, colour)):
            return mixed
    return theme.panel


def stylesheet(light: str, dark: str) -> str:
    """Return the rules that set the accent, in both themes, and nothing else."""
    on_light, on_dark = _tokens(light, LIGHT), _tokens(dark, DARK)
    return (
        f":root{{{on_light}}}\n"
        "@media (prefers-color-scheme:dark){"
        f':root:not([data-theme="light"]){{{on_dark}}}}}\n'
        f':root[data-theme="dark"]{{{on_dark}}}\n'
    )


def accents(light: str, dark: str) -> tuple[str, str]:
    """Return the accents of both themes, or two empty texts for our own.

    Raises InvalidInput for what is no colour or cannot be read, and proposes the
    nearest shade that can. Without a dark one it is derived from the light one.
    """
    light, dark = light.strip().lower(), dark.strip().lower()
    if not light:
        if dark:
            raise InvalidInput("accent", "Choose a colour for light pages as well.")
        return "", ""
    _check_colour("accent", light, LIGHT)
    dark = dark or nearest(light, DARK)
    _check_colour("accent_dark", dark, DARK)
    return light, dark


def product_name(text: str) -> str:
    """Return a product's name, or nothing for our own; raises InvalidInput."""
    name = " ".join(text.split())
    if len(name) > MAX_NAME:
        raise InvalidInput("product_name", f"At most {MAX_NAME} characters.")
    if not reads_as_stored(name) or _scripts(name) > 1:
        raise InvalidInput(
            "product_name", "The name holds a hidden character or mixes scripts."
        )
    return name


def sender_name(text: str) -> str:
    """Return the name in front of a mail's address; raises InvalidInput.

    It must not look like an address, start another header, or be written with letters
    that only look like others.
    """
    if any(unicodedata.category(each)[0] == "C" for each in text):
        raise InvalidInput("mail_name", "The name is one line without hidden signs.")
    name = " ".join(text.split())
    if len(name) > MAX_SENDER:
        raise InvalidInput("mail_name", f"At most {MAX_SENDER} characters.")
    if set(name) & NO_NAME or re.search(r"\w\.\w{2,}", name):
        raise InvalidInput("mail_name", "A name, nothing that looks like an address.")
    if not reads_as_stored(name) or _scripts(name) > 1:
        raise InvalidInput("mail_name", "The name mixes scripts.")
    return name


def sender(name: str, address: str) -> str:
    """Return the From line of a mail; a name that is not plain is encoded."""
    return formataddr((name, address)) if name else address


def _check_colour(field: str, colour: str, theme: Theme) -> None:
    if not COLOUR.fullmatch(colour):
        raise InvalidInput(field, "Write a colour as # and six digits: #0e467d.")
    if not is_readable(colour, theme):
        found = lowest_contrast(colour, theme)
        raise InvalidInput(
            field,
            f"{colour} has a contrast of {found:.1f} where {TEXT} is needed. "
            f"The nearest shade that can be read is {nearest(colour, theme)}.",
        )


def _tokens(colour: str, theme: Theme) -> str:
    return f"--act:{colour};--act-ink:{theme.ink};--act-wash:{wash(colour, theme)}"


def _scripts(text: str) -> int:
    """Return how many of the alphabets that look alike the letters come from."""
    found = {unicodedata.name(each, "?").split()[0] for each in text if each.isalpha()}
    return len(found & LOOK_ALIKE)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, ground: str, share: float) -> str:
    red, green, blue = (
        share * one + (1 - share) * other
        for one, other in zip(_parts(colour), _parts(ground), strict=True)
    )
    return _hex((red, green, blue))


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
