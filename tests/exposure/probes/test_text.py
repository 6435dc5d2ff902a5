"""Text from the network keeps nothing hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.probes.text import label, visible


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain", "plain"),
        ("Füllwerk".encode(), "Füllwerk"),
        ("Füllwerk".encode("latin-1"), "Füllwerk"),
        (b"a\r\nb\tc\0", "a\\x0d\\x0ab\\x09c\\x00"),
        ("\u202egnp.exe".encode(), "\\u202egnp.exe"),
        ("tag\U000e0041".encode(), "tag\\U000e0041"),
        (b"\x1b[31mred", "\\x1b[31mred"),
        ("zero\u200bwidth".encode(), "zero\\u200bwidth"),
    ],
)
def test_it_shows_what_is_there(data: bytes, shown: str) -> None:
    assert visible(data) == shown


def test_it_cuts_long_text() -> None:
    assert visible(b"A" * 1000, limit=10) == "AAAAAAAAA…"


def test_it_cuts_between_characters_not_inside_one() -> None:
    assert visible("€".encode() * 1000, limit=5) == "€€€€…"


def test_it_drops_the_padding_of_a_field() -> None:
    assert label(b" 6ES7 315 \0\0\0leftover") == "6ES7 315"


@given(st.binary(max_size=2000), st.integers(2, 300))
def test_it_always_returns_short_printable_text(data: bytes, limit: int) -> None:
    shown = visible(data, limit=limit)

    assert len(shown) <= limit
    # A no-break space counts as not printable, but nobody can hide behind it.
    assert all(c.isprintable() or c.isspace() for c in shown)
