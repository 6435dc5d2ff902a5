"""The bytes of an exchange as people read them: time, direction, hexadecimal, text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PER_ROW = 16
MOST_ROWS = 6  # of one message; the whole is kept with the evidence
PRINTABLE = range(0x20, 0x7F)
WORDS = {"sent": "sent", "received": "answer"}


def transcript(exchanges: Sequence[Mapping[str, Any]]) -> str:
    """Return one block for each message; "" when nothing was exchanged.

    Each row shows 16 bytes. Control characters are shown as dots, so a service
    cannot draw on the page.
    """
    return "\n".join(line for each in exchanges for line in _message(each))


def effort(exchanges: Sequence[Mapping[str, Any]]) -> str:
    """Return what the item cost the target, in words; "" when nothing was sent."""
    count = sum(1 for each in exchanges if each.get("direction") == "sent")
    if not count:
        return ""
    return f"{count} message{'' if count == 1 else 's'} sent, reading only"


def _message(exchange: Mapping[str, Any]) -> Iterator[str]:
    content = bytes.fromhex(str(exchange.get("hex", "")))
    direction = str(exchange.get("direction", ""))
    at = float(exchange.get("at", 0.0))
    word = WORDS.get(direction, direction)
    yield f"{at:8.3f} s  {word:<6}  {len(content)} bytes"
    rows = range(0, len(content), PER_ROW)
    for start in rows[:MOST_ROWS]:
        yield _row(content[start : start + PER_ROW])
    left = len(content) - MOST_ROWS * PER_ROW
    if left > 0:
        yield f"    and {left} more bytes"


def _row(part: bytes) -> str:
    text = "".join(chr(byte) if byte in PRINTABLE else "." for byte in part)
    return f"    {part.hex(' '):<{PER_ROW * 3}} {text}"
