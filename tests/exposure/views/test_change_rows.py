"""The rows of changes: what each takes, and what it removes for an hour of downtime."""

from exposure.logic.paths.results import ChangeValue
from exposure.logic.paths.snapshot import LineRow, PlantSnapshot
from exposure.services.making import Making
from exposure.views.change_rows import PER_HOUR, change_rows
from exposure.views.path_words import cut_words

PLANT = PlantSnapshot(lines=(LineRow("l", "Filler 1", 10),))
KNOWN = {
    "conduit:quiet": Making(hours=2),
    "finding:short": Making(hours=4, downtime={"l": 0.5}, is_assumed=True),
    "finding:long": Making(hours=4, downtime={"l": 6, "away": 2}),
    "conduit:used": Making(cannot="the process uses it"),
    "conduit:idle": Making(hours=2),
}
"""Nobody knows what it takes to end the vendor's access."""


def change(key: str, removes: float) -> ChangeValue:
    kind, _, name = key.partition(":")
    return ChangeValue(
        key, kind, name, name, removes, 20 - removes, not removes, ("finding:long",)
    )


CHANGES = [
    change("conduit:used", 18),
    change("finding:long", 16),
    change("vendor:krohn", 9),
    change("finding:short", 5),
    change("conduit:quiet", 3),
    change("conduit:idle", 0),
]


def test_by_the_hour_what_stops_no_line_comes_first_and_what_cannot_be_made_late():
    rows = change_rows(CHANGES, PLANT, known=KNOWN, most=10, order=PER_HOUR)

    assert [(row.label, row.per_hour) for row in rows] == [
        ("quiet", None),
        ("short", 10),
        ("long", 2),
        ("krohn", None),
        ("used", None),
        ("idle", None),
    ]
    plain = change_rows(CHANGES, PLANT, known=KNOWN, most=2)
    assert [row.label for row in plain] == ["used", "long"]


def test_a_row_says_work_and_downtime_and_names_the_readers_lines_only():
    rows = {row.label: row for row in change_rows(CHANGES, PLANT, known=KNOWN, most=10)}

    assert (rows["long"].hours, rows["long"].downtime) == (4, 8)
    assert [(stop.line, stop.hours) for stop in rows["long"].stops] == [("Filler 1", 6)]
    assert rows["krohn"].hours is None
    assert (rows["quiet"].hours, rows["quiet"].downtime) == (2, 0)


def test_a_cut_says_what_stands_still_for_it():
    words = cut_words(CHANGES[:5], KNOWN, {"l": "Filler 1"})

    assert words.split("; ") == [
        "18.0 by used (the process uses it)",
        "16.0 by long, 6 h stop of Filler 1 and 2 h stop of another line",
        "9.0 by krohn",
        "5.0 by short, 0.5 h stop of Filler 1, assumed",
        "3.0 by quiet, no downtime",
    ]
