"""What is left after a finding was closed: whether the lines it led to are reached.

A finding closes by its own re-test, whatever the paths say. The first revision that is
stored after the close keeps which lines it led to; the newest one says how they stand.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from exposure.models import GONE, Asset, Finding, Line, PathRevision
from exposure.services import paths

MOST_TRIED = 3
"""A count may have begun before the close and be stored after it: look further."""


@dataclass(frozen=True, slots=True)
class LineAfter:
    """One line that a closed finding led to; figures are units.

    `before`: in the last revision with the finding, None without one; `after`: in the
    first without it; `now`: in the newest. `is_reached` and `ways` (how many are named;
    None where not kept) are of the newest, and `through` the assets on the best of
    them, "" for one that is not the reader's.
    """

    id: str
    name: str
    before: float | None
    after: float
    now: float
    is_reached: bool
    ways: int | None
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What the newest revision says about a close, for the reader's lines.

    `after` is the number of the first revision without the finding, `now` that of the
    newest, made at `at`. `lines` is None where it was not kept what the finding led to.
    `units` are those of all the reader's lines: before, after, and now.
    """

    after: int
    now: int
    at: dt.datetime
    lines: tuple[LineAfter, ...] | None
    units: tuple[float | None, float, float]


def just_closed() -> dict[str, list[str]]:
    """Map each finding that was closed since the newest revision to its lines.

    Asked while the next revision is stored: findings still say what the last one said.
    """
    rows = Finding.objects.filter(state__in=GONE).exclude(line_ids=[])
    return {
        str(pk): [str(line_id) for line_id in line_ids]
        for pk, line_ids in rows.values_list("pk", "line_ids")
    }


def after_closing(finding: Finding, *, since: dt.datetime) -> Aftermath | None:
    """Return what followed a close; None while no revision counts without the finding.

    `since` is a moment not later than the close.
    """
    rows = PathRevision.objects.defer(*paths.HEAVY)
    key = str(finding.pk)
    later = list(rows.filter(created_at__gte=since).order_by("number")[:MOST_TRIED])
    first = next((row for row in later if key in _closed(row)), None)
    if first is None:
        if finding.line_ids or not later:
            return None
        first = later[0]  # it led nowhere, or that was not kept yet
    before = rows.filter(number__lt=first.number).order_by("-number").first()
    newest = rows.order_by("-number")[0]
    here = paths.lines_here()
    return Aftermath(
        after=first.number,
        now=newest.number,
        at=newest.created_at,
        lines=_lines(_closed(first).get(key, []), before, first, newest)
        if "closed" in (first.summary or {})
        else None,
        units=(
            _units(before, here) if before else None,
            _units(first, here),
            _units(newest, here),
        ),
    )


def _closed(row: PathRevision) -> dict[str, list[str]]:
    found: dict[str, list[str]] = (row.summary or {}).get("closed", {})
    return found


def _units(row: PathRevision, lines: frozenset[str] | None) -> float:
    return row.exposure_units if lines is None else paths.units_of(row.by_line, lines)


def _lines(
    ids: list[str],
    before: PathRevision | None,
    first: PathRevision,
    newest: PathRevision,
) -> tuple[LineAfter, ...]:
    lines = Line.objects.filter(pk__in=ids).order_by("name") if ids else []
    ways: dict[str, Any] | None = (newest.summary or {}).get("ways")
    names = _names(ways, ids) if ways else {}
    return tuple(
        LineAfter(
            id=key,
            name=line.name,
            before=_of(before, key) if before else None,
            after=_of(first, key),
            now=_of(newest, key),
            is_reached=bool(newest.by_line.get(key, {}).get("reached")),
            ways=None if ways is None else ways.get(key, {}).get("count", 0),
            through=tuple(names.get(each, "") for each in _best(ways, key)),
        )
        for line in lines
        for key in [str(line.pk)]
    )


def _of(row: PathRevision, line_id: str) -> float:
    return float(row.by_line.get(line_id, {}).get("units", 0.0))


def _best(ways: dict[str, Any] | None, line_id: str) -> list[str]:
    found: list[str] = (ways or {}).get(line_id, {}).get("best", [])
    return found


def _names(ways: dict[str, Any], line_ids: list[str]) -> dict[str, str]:
    """Return the names of what the reader may see on the best ways to some lines."""
    ids = {each for line_id in line_ids for each in _best(ways, line_id)}
    rows = Asset.objects.filter(pk__in=ids).values_list("pk", "name") if ids else []
    return {str(pk): name for pk, name in rows}
