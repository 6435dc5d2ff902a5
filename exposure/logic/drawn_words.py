"""How much room words take in a drawing, and where they fit without covering others."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST_NAME = 20


WIDE = frozenset("mwMW@%—…")
EM = 12.5
"""The size of words in the drawings (sightline.css, `.fig text`)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in SVG units."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two have any room in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: "Box") -> bool:
        """Whether all of it lies in another one."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


def width_of(words: str) -> float:
    """Return how wide words are at most, in SVG units: no letter is narrower drawn.

    >>> width_of("abc") < width_of("ABC") < width_of("WWW")
    True
    """
    return sum(_wide(letter) for letter in words)


def _wide(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return EM * 1.1
    if letter in WIDE:
        return EM * 0.95
    if letter.isascii() and not letter.isupper():
        return EM * 0.58
    return EM * 0.74


def shortened(words: str, *, room: float) -> str:
    """Return words that fit into so much room: with their end cut off, or none.

    >>> shortened("Filler of line 2", room=60.0), shortened("Filler", room=15.0)
    ('Filler…', '')
    """
    if width_of(words) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…" if len(kept) > 1 else ""


def box_at(x: float, y: float, words: str, *, anchor: str) -> Box:
    """Return the room of a line of words whose baseline begins, or ends, at a place."""
    wide = width_of(words)
    left = x - wide if anchor == "end" else x
    return Box(left, y - 0.85 * EM, left + wide, y + 0.3 * EM)


def first_free(
    tries: Iterable[tuple[float, float, str]],
    words: str,
    *,
    taken: Sequence[Box],
    inside: Box,
) -> tuple[float, float, str, Box] | None:
    """Return the first (x, y, anchor) at which words cover nothing, with their box."""
    for x, y, anchor in tries:
        box = box_at(x, y, words, anchor=anchor)
        if box.within(inside) and not any(box.meets(other) for other in taken):
            return x, y, anchor, box
    return None


def short(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return the text, cut with an ellipsis when it would not fit its box.

    >>> short("A very long name of a device")
    'A very long name of…'
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
