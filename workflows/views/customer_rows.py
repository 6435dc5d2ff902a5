"""One customer as a row of the roll-up."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from exposure.logic.charts import StepChart, sparkline
from exposure.models import RunState
from tenants.models import Workspace
from workflows.views.customer_facts import Facts, Waits
from workflows.views.wording import age_of, counted

SOON = dt.timedelta(days=14)
ATTENTION = "out_of_cycle"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, marked by a band when it needs attention, or a moment."""

    text: str = ""
    band: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """One row; `attention` sorts it, the most needy first."""

    name: str
    url: str
    plants: str
    spark: StepChart | None
    spark_title: str
    units: float | None
    stale_at: dt.datetime | None
    reachable: int | None
    now_count: int
    it_waits: Cell
    ot_waits: Cell
    last_run: Cell
    authorised: Cell
    attention: tuple[int, int, float]


def customer_of(workspace: Workspace, facts: Facts, *, now: dt.datetime) -> Customer:
    """Return the row of one customer."""
    values = [point.units for point in facts.points]
    cells = {
        "it_waits": _waits(facts.waits.get("it"), now=now),
        "ot_waits": _waits(facts.waits.get("ot"), now=now),
        "last_run": last_run(facts),
        "authorised": authorised(facts, now=now),
    }
    return Customer(
        name=workspace.name,
        url=reverse("workflows:today", args=[workspace.slug]),
        plants=_plants(facts),
        spark=sparkline(values) if len(values) > 1 else None,
        spark_title=f"{workspace.name}: {values[0]:.1f} to {values[-1]:.1f} units"
        if values
        else "",
        units=values[-1] if values else None,
        stale_at=stale_at(facts, now=now),
        reachable=facts.reached_assets,
        now_count=facts.now,
        attention=(
            facts.now,
            sum(bool(cell.band) for cell in cells.values()),
            values[-1] if values else 0.0,
        ),
        **cells,
    )


def _plants(facts: Facts) -> str:
    """Return how many plants there are, and the worst of several.

    A safety system to which a way is known is told before.
    """
    text = counted(len(facts.sites), "plant")
    if facts.safety_reached:
        text = f"{counted(facts.safety_reached, 'safety system')} reached, {text}"
    counts = [(site.count.units, site.name) for site in facts.sites if site.count]
    units, name = max(counts, default=(0.0, ""))
    return f"{text}, most at {name}" if len(facts.sites) > 1 and units else text


def stale_at(facts: Facts, *, now: dt.datetime) -> dt.datetime | None:
    """Return when the figures were confirmed last, where that is too long ago."""
    found = [site.count for site in facts.sites if site.count]
    stale = [count.checked_at for count in found if count.is_stale(now=now)]
    return min(stale, default=None)


def last_run(facts: Facts) -> Cell:
    """Return when the last run ended; a run that failed needs attention."""
    run = facts.last_run
    if run is None:
        return Cell()
    if run.state == RunState.FAILED:
        return Cell(f"Failed {_day(run.at)}", ATTENTION)
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        return Cell(f"Run {run.number} is under way")
    if run.state == RunState.PAUSED:
        return Cell(f"Run {run.number} is paused")
    return Cell(at=run.at)


def authorised(facts: Facts, *, now: dt.datetime) -> Cell:
    """Return until when we may look; an end that is near needs attention."""
    until = facts.authorised_to
    if until is None:
        return Cell("not signed", ATTENTION) if facts.sites else Cell()
    if until <= now:
        return Cell(f"ended {_day(until)}", ATTENTION)
    if until - now < SOON:
        left = counted((until - now).days, "day")
        return Cell(f"{_day(until)}, {left}", ATTENTION)
    return Cell(_day(until))


def _waits(waits: Waits | None, *, now: dt.datetime) -> Cell:
    if waits is None:
        return Cell()
    text = f"{waits.count} · {age_of(waits.since, now=now)}"
    return Cell(text, ATTENTION if waits.wanted_by <= now else "")


def _day(moment: dt.datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b}"
