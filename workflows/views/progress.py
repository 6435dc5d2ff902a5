"""Where a plant stands: which lines the internet reaches, and exposure over time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from exposure.logic.charts import ChartStyle, StepChart, step_chart
from exposure.logic.priority import Band
from exposure.models import COUNTED, Finding, Line, PathRevision, Run
from exposure.services import paths
from exposure.services.figures import Newest
from workflows.views.waiting import ORDER

HALF = ChartStyle(width=420, height=190)
WIDE = ChartStyle(width=600, height=250)
MOST_POINTS = 40


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the table; `steps` is None when no way is known."""

    name: str
    assets: tuple[str, ...]
    band: str
    steps: int | None
    units: float


@dataclass(frozen=True, slots=True)
class Point:
    """Exposure units from a moment on."""

    at: dt.datetime
    units: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Exposure over time; see the template of the panel."""

    chart: StepChart | None
    title: str
    now: float | None
    first: float | None
    first_at: dt.datetime | None
    where: str = ""
    how_url: str = ""


def lines_of(answer: Newest | None) -> list[LineRow]:
    """Return the lines, the most exposed first."""
    if answer is None:
        return []
    most = _urgency_by_line()
    bands = list(Band)
    return [
        LineRow(
            name=line.name,
            assets=line.assets,
            band=bands[max(0, most.get(line.id, 0) - 1)].value,
            steps=line.steps,
            units=line.units,
        )
        for line in answer.lines
    ]


def _urgency_by_line() -> Mapping[str, int]:
    """Map each line to the greatest urgency of the findings that lead to it."""
    # From the most urgent on, until one leads there: an index gives them in this order.
    leading = Finding.objects.filter(
        state__in=COUNTED, line_ids__contains=[OuterRef("pk")]
    ).order_by(*ORDER)
    rows = Line.objects.annotate(most=Subquery(leading.values("urgency")[:1]))
    return {str(pk): most or 0 for pk, most in rows.values_list("pk", "most")}


def exposure_over_time(*, how_url: str) -> Progress:
    """Return how the exposure of the reader's sites went, newest 40 revisions."""
    ended = Run.objects.filter(finished_at__isnull=False).order_by("finished_at")
    lines = paths.lines_here()
    rows = PathRevision.objects.order_by("-number").values_list(
        "created_at",
        "exposure_units" if lines is None else "by_line",
        Subquery(ended.values("finished_at")[:1]),
    )[:MOST_POINTS]
    points = [
        Point(at, units if lines is None else paths.units_of(units, lines))
        for at, units, _ in rows
    ][::-1]
    return progress(observed(points, rows[0][2] if rows else None), how_url=how_url)


def observed(points: Sequence[Point], first_run: dt.datetime | None) -> list[Point]:
    """Return the points that rest on a run, oldest first; `first_run` is when one ended.

    Before the first run nothing was seen, which is not the same as nothing to see: of
    what was computed up to its end only the last counts.
    """
    before = [p for p in points if first_run is None or p.at <= first_run]
    return [*before[-1:], *points[len(before) :]]


def progress(
    points: Sequence[Point],
    *,
    where: str = "",
    how_url: str = "",
    style: ChartStyle = HALF,
) -> Progress:
    """Return the panel of some points, oldest first; no chart below two of them."""
    if not points:
        return Progress(None, "", None, None, None, where)
    first, now = points[0], points[-1]
    labels = [day_of(first.at), *[""] * (len(points) - 2), "now"]
    return Progress(
        chart=step_chart([p.units for p in points], labels=labels, style=style)
        if len(points) > 1
        else None,
        title=f"Exposure units: {first.units:.1f} then, {now.units:.1f} now",
        now=now.units,
        first=first.units,
        first_at=first.at,
        where=where,
        how_url=how_url,
    )


def day_of(moment: dt.datetime) -> str:
    """Return the day as the axis shows it: "22 Nov"."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b}"
