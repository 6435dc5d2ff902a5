"""The roll-up of a group: counts of the customers that agreed to share them, no rows."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.group_access import GroupRight, SeatRequest, seat_needs
from tenants.rollup import rollup_scope
from tenants.services.sharing import shared_with
from workflows.views.customer_facts import Facts, facts_by_workspace
from workflows.views.customer_rows import Cell, authorised, last_run, stale_at


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of the group, in counts."""

    name: str
    lines: int | None
    units: float | None
    sites: str
    stale_at: dt.datetime | None
    waits: int
    last_run: Cell
    authorised: Cell


@require_safe
@seat_needs(GroupRight.COUNTS)
def group(request: SeatRequest) -> HttpResponse:
    """Show each customer that shares its counts with the group; it opens none of them."""
    places = shared_with(request.group)
    with rollup_scope(place.pk for place in places):
        found = facts_by_workspace(names=False)
    now = timezone.now()
    rows = [
        _member(place.name, found.get(place.pk, Facts()), now=now) for place in places
    ]
    rows.sort(key=lambda row: (-(row.units or 0.0), row.units is None, row.name))
    known = [row.units for row in rows if row.units is not None]
    context = {
        "group": request.group,
        "rows": rows,
        "now": timezone.localtime(now),
        "lines": sum(row.lines or 0 for row in rows),
        "unknown": len(rows) - len(known),
        "units": sum(known) if known else None,
        "waits": sum(row.waits for row in rows),
    }
    return render(request, "workflows/group.html", context)


def _member(name: str, facts: Facts, *, now: dt.datetime) -> Member:
    exposed = sum(1 for site in facts.sites if site.count and site.count.units)
    return Member(
        name=name,
        lines=facts.reachable_lines,
        units=facts.points[-1].units if facts.points else None,
        sites=f"{exposed} of {len(facts.sites)}" if facts.points else "",
        stale_at=stale_at(facts, now=now),
        waits=sum(wait.count for wait in facts.waits.values()),
        last_run=last_run(facts),
        authorised=authorised(facts, now=now),
    )
