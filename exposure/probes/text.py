"""Text from the network, made safe to keep and to show."""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

LONGEST = 200
Fact = TypeVar("Fact")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(data: bytes, *, limit: int = LONGEST) -> str:
    r"""Return bytes as one line of text without anything hidden.

    UTF-8 where it is valid, else Latin-1, the encoding of older devices. Control,
    format and private characters become their escape; the text is cut at `limit`
    characters and then ends with an ellipsis.

    >>> visible(b"PLC\x1b[2J\x00")
    'PLC\\x1b[2J\\x00'
    """
    # A character takes four bytes at most, so nothing beyond can be shown.
    window = data[: 4 * (limit + 1)]
    try:
        text = window.decode()
    except UnicodeDecodeError as error:
        cut_inside = error.start >= len(window) - 3 and len(window) < len(data)
        text = (
            window[: error.start].decode() if cut_inside else window.decode("latin-1")
        )
    shown = "".join(_shown(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def label(data: bytes, *, limit: int = LONGEST) -> str:
    """Return a fixed-width field of a device without its padding.

    >>> label(b"CPU 315-2 PN/DP" + bytes(9))
    'CPU 315-2 PN/DP'
    """
    return visible(data.split(b"\0", 1)[0].strip(), limit=limit)


def harmless(text: str, *, limit: int = LONGEST) -> str:
    r"""Return text as `visible` shows it; harmless text comes back as it is.

    >>> harmless("a\r\nb"), harmless("PLC-P21")
    ('a\\x0d\\x0ab', 'PLC-P21')
    """
    return visible(text.encode("utf-8", "backslashreplace"), limit=limit)


def harmless_facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return facts with every text in them harmless, whoever wrote the probe."""
    return {name: _harmless(fact) for name, fact in facts.items()}


def _harmless(fact: Fact) -> Fact:
    if isinstance(fact, str):
        return harmless(fact)  # type: ignore[return-value]  # a text for a text
    if isinstance(fact, list):
        return [_harmless(each) for each in fact]  # type: ignore[return-value]  # a list for a list
    return fact


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
