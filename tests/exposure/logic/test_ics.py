"""Production calendars: what is read of them, and what is refused as a whole."""

import random
from datetime import UTC, datetime

import pytest

from exposure.logic.ics import LARGEST, CalendarRefused, Event, read_calendar

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def file(*events: str) -> bytes:
    """Return a calendar with these events, each given as lines."""
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events: str) -> list[Event]:
    return read_calendar(file(*events), zone="Europe/Vienna", now=NOW)


def spans(events: list[Event]) -> list[str]:
    return [f"{e.begins:%m-%d %H:%M} {e.ends:%m-%d %H:%M}" for e in events]


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        (
            "DTSTART;TZID=Europe/Vienna:20261201T080000\n"
            "DTEND;TZID=Europe/Vienna:20261201T100000",
            "12-01 07:00 12-01 09:00",
        ),
        (
            "DTSTART;TZID=W. Europe Standard Time:20261201T080000\n"
            "DTEND;TZID=W. Europe Standard Time:20261201T100000",
            "12-01 07:00 12-01 09:00",
        ),
        ("DTSTART:20261201T080000Z\nDTEND:20261201T100000Z", "12-01 08:00 12-01 10:00"),
        ("DTSTART:20261201T080000\nDURATION:PT2H", "12-01 07:00 12-01 09:00"),
        (
            "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203",
            "11-30 23:00 12-02 23:00",
        ),
        ("DTSTART;VALUE=DATE:20261201", "11-30 23:00 12-01 23:00"),
    ],
)
def test_times_are_read_by_their_zone_or_the_plants(lines: str, span: str) -> None:
    assert spans(read(lines)) == [span]


def test_what_is_over_or_cancelled_is_left_out() -> None:
    assert (
        read(
            "DTSTART:20261101T080000Z\nDTEND:20261101T100000Z",
            "STATUS:CANCELLED\nDTSTART:20261201T080000Z\nDTEND:20261201T100000Z",
        )
        == []
    )


def test_daily_and_weekly_repetitions_are_each_a_blackout() -> None:
    daily = "DTSTART:20261201T080000Z\nDTEND:20261201T090000Z\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"
    weekly = (
        "DTSTART;TZID=Europe/Vienna:20261202T060000\nDURATION:PT1H\n"
        "RRULE:FREQ=WEEKLY;BYDAY=WE,FR;UNTIL=20261209T235959Z\n"
        "EXDATE;TZID=Europe/Vienna:20261204T060000"
    )

    assert spans(read(daily)) == [
        "12-01 08:00 12-01 09:00",
        "12-03 08:00 12-03 09:00",
        "12-05 08:00 12-05 09:00",
    ]
    assert spans(read(weekly)) == [
        "12-02 05:00 12-02 06:00",
        "12-09 05:00 12-09 06:00",
    ]


def test_a_repetition_keeps_the_clock_on_the_wall_when_clocks_change() -> None:
    lines = (
        "DTSTART;TZID=Europe/Vienna:20270327T060000\nDURATION:PT1H\n"
        "RRULE:FREQ=DAILY;COUNT=2"
    )

    assert spans(read(lines)) == ["03-27 05:00 03-27 06:00", "03-28 04:00 03-28 05:00"]


def test_the_same_file_gives_the_same_sources() -> None:
    lines = "UID:a@b\nSUMMARY:Rush\nDTSTART:20261201T080000Z\nDURATION:PT1H"

    (first,), (again,) = read(lines), read(lines)

    assert first == again
    assert first.reason == "Rush"


FINE = "DTSTART:20261201T080000Z\nDURATION:PT1H"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (f"{FINE}\nRRULE:FREQ=MONTHLY", "repeats in a way"),
        (f"{FINE}\nRRULE:FREQ=SECONDLY", "repeats in a way"),
        (f"{FINE}\nRRULE:FREQ=WEEKLY;BYDAY=2MO", "repeats in a way"),
        (f"{FINE}\nRRULE:FREQ=DAILY;BYHOUR=3", "repeats in a way"),
        (f"{FINE}\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "repeats in a way"),
        (f"{FINE}\nRDATE:20261202T080000Z", "repeats in a way"),
        (f"{FINE}\nRECURRENCE-ID:20261202T080000Z", "repeats in a way"),
        (f"{FINE}\nRRULE:FREQ=DAILY;INTERVAL=100000", "too seldom"),
        ("SUMMARY:x", "no beginning or no end"),
        ("DTSTART:20261201T080000Z", "no beginning or no end"),
        ("DTSTART:20261201T080000Z\nDTEND:20261201T080000Z", "must last"),
        ("DTSTART:20261201T080000Z\nDTEND:20261101T080000Z", "must last"),
        ("DTSTART:20261201T080000Z\nDTEND:20291201T080000Z", "must last"),
        ("DTSTART:20261201T080000Z\nDTEND;VALUE=DATE:20261202", "begins with"),
        ("DTSTART:99999999T999999Z\nDTEND:1", "cannot read"),
        ("DTSTART;TZID=Mars/Olympus:20261201T080000\nDURATION:PT1H", "not known here"),
    ],
)
def test_what_cannot_be_read_for_certain_refuses_the_file(
    lines: str, words: str
) -> None:
    with pytest.raises(CalendarRefused, match=words):
        read(FINE, lines)


def test_repetitions_end_with_the_year_ahead_and_count_as_events() -> None:
    endless = f"{FINE}\nRRULE:FREQ=DAILY"

    assert 350 < len(read(endless)) <= 400
    with pytest.raises(CalendarRefused, match="more than 1000"):
        read(endless, endless, endless)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"<html>no</html>",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"\xff\xfe" * 50,
        b"x" * (LARGEST + 1),
        file(*[FINE] * 1001),
        b"BEGIN:VCALENDAR\r\n" * 2000,
    ],
    ids=range(8),
)
def test_a_hostile_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(CalendarRefused) as refusal:
        read_calendar(content, zone="Europe/Vienna", now=NOW)

    assert str(refusal.value).endswith(".")


def test_any_bytes_are_read_or_refused() -> None:
    dice = random.Random(5)  # noqa: S311 - a test
    whole = bytearray(file(f"{FINE}\nSUMMARY:Rush\nRRULE:FREQ=DAILY;COUNT=3"))
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            events = read_calendar(bytes(broken), zone="Europe/Vienna", now=NOW)
        except CalendarRefused:
            continue
        assert all(event.begins < event.ends for event in events)
