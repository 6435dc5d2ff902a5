"""What people type and others sign: it must read as it is stored."""

import re
import unicodedata

# Control characters but tab and line ends, and whatever turns the direction of a line:
# a sentence with one of them reads as another sentence than the one that is signed.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def reads_as_stored(text: str) -> bool:
    r"""Whether a text holds nothing that hides or reorders what it says.

    >>> reads_as_stored("Set a password"), reads_as_stored("Set \u202eno password")
    (True, False)
    """
    return HIDDEN.search(text) is None


def one_line(text: str, *, limit: int) -> str:
    """Return the text as one harmless header line.

    Control, format and separator characters become spaces: line breaks add headers,
    and direction overrides make a subject read as another one.
    """
    kept = "".join(
        " "
        if (kind := unicodedata.category(c))[0] == "C" or kind in {"Zl", "Zp"}
        else c
        for c in text
    )
    return " ".join(kept.split())[:limit]
