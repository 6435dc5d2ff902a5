"""How the exposure went: every revision of the paths, and what moved it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from exposure.models import PathRevision
from exposure.services import paths

MOST = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: what it counts, and why it is another one than that before.

    `moved` is the change in units since the revision before, None without one. `because`
    are the differences that the reader may be told; `elsewhere` is how many are left
    out: at a site that is not theirs, or of something that is not there any more.
    """

    number: int
    at: dt.datetime
    units: float
    moved: float | None
    reachable_lines: int
    engine: str
    reason: str
    because: tuple[str, ...]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """A revision without its answer, as the reader's sites count in it."""

    revision: PathRevision
    units: float
    reachable_lines: int


def steps(most: int = MOST) -> list[Step]:
    """Return the newest revisions, the newest first; a reader's are of their sites.

    Of those, units and lines are counted over the lines that are there today.
    """
    fields = ("number", "created_at", "engine", "reason", "because")
    lines, sight = paths.lines_here(), paths.sight_here()
    counted = ("exposure_units", "reachable_lines") if lines is None else ("by_line",)
    rows = PathRevision.objects.only(*fields, *counted).order_by("-number")
    # One more than is shown, to say what the last one moved.
    kept = [_kept(row, lines) for row in rows[: most + 1]]
    return [
        _step(row, before, ids=sight.ids if sight else None)
        for row, before in zip(kept, [*kept[1:], None], strict=False)
    ][:most]


def _kept(row: PathRevision, lines: frozenset[str] | None) -> _Kept:
    if lines is None:
        return _Kept(row, row.exposure_units, row.reachable_lines)
    return _Kept(
        row, paths.units_of(row.by_line, lines), paths.reached_of(row.by_line, lines)
    )


def _step(row: _Kept, before: _Kept | None, *, ids: frozenset[str] | None) -> Step:
    revision = row.revision
    told = _told(revision.because, ids)
    return Step(
        number=revision.number,
        at=revision.created_at,
        units=row.units,
        moved=row.units - before.units if before else None,
        reachable_lines=row.reachable_lines,
        engine=revision.engine,
        reason=revision.reason,
        because=told,
        elsewhere=len(revision.because) - len(told),
    )


def _told(
    because: Sequence[dict[str, str]], ids: frozenset[str] | None
) -> tuple[str, ...]:
    return tuple(
        each["words"] for each in because if ids is None or each["subject_id"] in ids
    )
