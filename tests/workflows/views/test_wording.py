"""The small phrases of the pages."""

import datetime as dt
import doctest

import pytest
from django.utils import timezone

from workflows.views import evidence_rows, wording
from workflows.views.transcript import effort, transcript


@pytest.mark.parametrize("module", [wording, evidence_rows])
def test_the_examples_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (dt.timedelta(days=19, hours=23), "19 d"),
        (dt.timedelta(hours=5, minutes=59), "5 h"),
        (dt.timedelta(seconds=30), "0 min"),
        (dt.timedelta(seconds=-30), "0 min"),
    ],
)
def test_an_age_shows_its_largest_part(age: dt.timedelta, words: str) -> None:
    now = timezone.now()

    assert wording.age_of(now - age, now=now) == words


def test_a_transcript_shows_time_direction_bytes_and_text() -> None:
    shown = transcript(
        [
            {"at": 0.0, "direction": "sent", "hex": "0300"},
            {"at": 0.25, "direction": "received", "hex": "53372d1b5b31"},
        ]
    )

    assert shown.splitlines() == [
        "   0.000 s  sent    2 bytes",
        f"    {'03 00':<48} ..",
        "   0.250 s  answer  6 bytes",
        f"    {'53 37 2d 1b 5b 31':<48} S7-.[1",
    ]


def test_a_long_message_is_cut_and_says_so() -> None:
    shown = transcript([{"at": 0.0, "direction": "received", "hex": "41" * 1000}])

    assert len(shown.splitlines()) == 8
    assert shown.endswith("and 904 more bytes")


def test_nothing_exchanged_is_nothing_shown() -> None:
    assert transcript([]) == ""
    assert effort([]) == ""
