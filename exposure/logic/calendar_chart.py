"""Geometry of the calendar of one plant: when lines may stand still, and when not."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exposure.logic.charts import Tick
from exposure.logic.drawn_words import Box, box_at, first_free, shortened, width_of

WIDTH, LEFT, RIGHT = 1100.0, 150.0, 8.0
HEAD, STRIP, ROW = 30.0, 24.0, 38.0
TALL, NARROWEST = 26.0, 4.0
GAP = 6.0
FEWEST_WEEKS, MOST_WEEKS = 5, 12
MOST_ROWS, MOST_FREEZES = 24, 100
EVERY_LINE = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line may stand still; so many changes of the set that is looked at use it."""

    line_id: str
    begins: dt.datetime
    ends: dt.datetime
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing is changed on a line ("" is every line of the plant)."""

    line_id: str
    begins: dt.datetime
    ends: dt.datetime
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle as text; `label` stands beside it, None where there is no room."""

    x: str
    y: str
    width: str
    height: str
    label: Tick | None
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the plant: its name, and the y of the rule above it."""

    rule: str
    name: Tick


@dataclass(frozen=True, slots=True)
class CalendarChart:
    """Finished text in SVG units. `weeks` are the Mondays; `today` is an x.

    `first` and `last` are the days at its ends, in the plant's zone. `left_out` lines
    have no row of their own.
    """

    view_box: str
    weeks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    windows: tuple[Bar, ...]
    freezes: tuple[Bar, ...]
    today: str
    top: str
    bottom: str
    first: dt.date
    last: dt.date
    left_out: int


def calendar_chart(
    lines: Sequence[tuple[str, str]],
    openings: Sequence[Opening],
    closed: Sequence[Closed],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> CalendarChart:
    """Return five weeks from the Monday before `now` on, at most twelve.

    So many that the last window in use is shown. `lines` are (id, name), from the top
    down; at most 24 have a row. Times are those of `zone`, also over a change of the
    clocks. Words cover no bar and no other words; where there is no room they are left
    out.
    """
    scale = _scale(openings, now=now, zone=zone)
    shown = lines[:MOST_ROWS]
    frozen = [row for row in closed if scale.shows(row.begins, row.ends)]
    frozen.sort(key=lambda row: (row.begins, row.ends, row.line_id))
    frozen = frozen[:MOST_FREEZES]
    top = HEAD + (STRIP if frozen else 0.0)
    bottom = top + ROW * max(len(shown), 1)
    at = {line: top + ROW * place for place, (line, _) in enumerate(shown)}
    return CalendarChart(
        view_box=f"0 0 {WIDTH:g} {bottom + 6:g}",
        weeks=tuple(
            Tick(f"{scale.x(day):.1f}", "18.0", f"{day.day} {day:%b}", "start")
            for day in scale.mondays
        ),
        rows=tuple(_row(name, at[line]) for line, name in shown),
        windows=tuple(_windows(openings, at, scale)),
        freezes=tuple(_freezes(frozen, at, scale, top=top, bottom=bottom)),
        today=f"{scale.x(now):.1f}",
        top=f"{HEAD - 6:.1f}",
        bottom=f"{bottom:.1f}",
        first=scale.mondays[0].date(),
        last=scale.end.date() - dt.timedelta(days=1),
        left_out=len(lines) - len(shown),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From moments to places across; `mondays` are midnights in the plant's zone."""

    mondays: tuple[dt.datetime, ...]
    end: dt.datetime
    zone: dt.tzinfo

    def x(self, moment: dt.datetime) -> float:
        start, end = _utc(self.mondays[0]), _utc(self.end)
        share = (_utc(moment) - start) / (end - start)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)

    def shows(self, begins: dt.datetime, ends: dt.datetime) -> bool:
        return _utc(begins) < _utc(self.end) and _utc(ends) > _utc(self.mondays[0])

    def span(self, begins: dt.datetime, ends: dt.datetime) -> tuple[float, float]:
        """Return where something begins, and how wide it is drawn."""
        left, right = self.x(begins), self.x(ends)
        left = min(left, WIDTH - RIGHT - NARROWEST)
        return left, max(right - left, NARROWEST)


def _utc(moment: dt.datetime) -> dt.datetime:
    # Two moments of one zone are subtracted by the clock on the wall, so never here.
    return moment.astimezone(dt.UTC)


def _scale(openings: Iterable[Opening], *, now: dt.datetime, zone: dt.tzinfo) -> _Scale:
    today = now.astimezone(zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    used = [row.ends for row in openings if row.changes]
    last = max((_utc(each) for each in used), default=_utc(now))
    midnights = [
        dt.datetime.combine(monday + dt.timedelta(weeks=week), dt.time(), zone)
        for week in range(MOST_WEEKS + 1)
    ]
    weeks = next(
        (
            week
            for week in range(FEWEST_WEEKS, MOST_WEEKS)
            if _utc(midnights[week]) >= last
        ),
        MOST_WEEKS,
    )
    return _Scale(tuple(midnights[:weeks]), midnights[weeks], zone)


def _row(name: str, y: float) -> Row:
    said = shortened(name, room=LEFT - 2 * GAP) or "…"
    return Row(f"{y:.1f}", Tick("2.0", f"{y + 24:.1f}", said, "start"))


def _windows(
    openings: Iterable[Opening], at: dict[str, float], scale: _Scale
) -> Iterator[Bar]:
    by_line: dict[str, list[Opening]] = {line: [] for line in at}
    for row in openings:
        if row.line_id in at and scale.shows(row.begins, row.ends):
            by_line[row.line_id].append(row)
    for line, rows in by_line.items():
        rows.sort(key=lambda row: (_utc(row.begins), _utc(row.ends)))
        spans = [scale.span(row.begins, row.ends) for row in rows]
        for place, (row, (left, wide)) in enumerate(zip(rows, spans, strict=True)):
            begin = max(first + width for first, width in spans[: place + 1]) + GAP
            after = [first for first, _ in spans[place + 1 :]]
            room = min([*after, WIDTH]) - GAP - begin
            said = next((w for w in _said(row, scale.zone) if width_of(w) <= room), "")
            y = at[line]
            yield Bar(
                x=f"{left:.1f}",
                y=f"{y + 6:.1f}",
                width=f"{wide:.1f}",
                height=f"{TALL:.1f}",
                label=Tick(f"{begin:.1f}", f"{y + 24:.1f}", said, "start")
                if said
                else None,
                is_used=bool(row.changes),
            )


def _said(row: Opening, zone: dt.tzinfo) -> Iterator[str]:
    """Yield what a window may say of itself, the longest first."""
    begins = row.begins.astimezone(zone)
    if row.changes:
        number = f"{row.changes} change{'s' * (row.changes > 1)}"
        yield f"{begins:%a %H:%M}, {number}"
        yield number
        yield f"{row.changes}"
        return
    hours = (_utc(row.ends) - _utc(row.begins)) / dt.timedelta(hours=1)
    yield f"{begins:%a %H:%M}, {hours:.3g} h"
    yield f"{begins:%a %H:%M}"


def _freezes(
    frozen: Sequence[Closed],
    at: dict[str, float],
    scale: _Scale,
    *,
    top: float,
    bottom: float,
) -> Iterator[Bar]:
    """Yield the freezes; their words stand in a strip of their own above the rows.

    Those of the whole plant are the first to get room there.
    """
    taken: list[Box] = []
    for row in sorted(frozen, key=lambda row: row.line_id != EVERY_LINE):
        left, wide = scale.span(row.begins, row.ends)
        label = _words_of(row.words, left, left + wide, y=top - 7, taken=taken)
        y = top if row.line_id == EVERY_LINE else at.get(row.line_id)
        if y is not None:
            tall = bottom - top if row.line_id == EVERY_LINE else ROW
            yield Bar(
                x=f"{left:.1f}",
                y=f"{y:.1f}",
                width=f"{wide:.1f}",
                height=f"{tall:.1f}",
                label=label,
            )


def _words_of(
    words: str, left: float, right: float, *, y: float, taken: list[Box]
) -> Tick | None:
    """Return words that begin where something begins, or else end where it ends."""
    strip = Box(LEFT, y - STRIP, WIDTH, y + GAP)
    said = shortened(words, room=WIDTH - LEFT)
    tries = [(left, y, "start"), (right, y, "end"), (WIDTH - GAP, y, "end")]
    tries = [each for each in tries if said and _touches(each, said, left, right)]
    free = first_free(tries, said, taken=taken, inside=strip)
    if free is None:
        return None
    x, _, anchor, box = free
    taken.append(box)
    return Tick(f"{x:.1f}", f"{y:.1f}", said, anchor)


def _touches(
    place: tuple[float, float, str], words: str, left: float, right: float
) -> bool:
    """Whether words at a place stand above what they are about."""
    x, y, anchor = place
    box = box_at(x, y, words, anchor=anchor)
    return box.left <= right and box.right >= left
