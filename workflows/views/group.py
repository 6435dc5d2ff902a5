"""The roll-up of a group: counts of the customers that agreed to share them, no rows."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.group_access import GroupRight, SeatRequest, seat_needs
from tenants.rollup import rollup_scope
from tenants.services.sharing import shared_with
from workflows.views.customer_facts import Facts, facts_by_workspace
from workflows.views.customer_rows import Cell, authorised, last_run


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of the group, in counts."""

    name: str
    lines: int
    units: float | None
    waits: int
    last_run: Cell
    authorised: Cell


@require_safe
@seat_needs(GroupRight.COUNTS)
def group(request: SeatRequest) -> HttpResponse:
    """Show each customer that shares its counts with the group; it opens none of them."""
    places = shared_with(request.group)
    with rollup_scope(place.pk for place in places):
        found = facts_by_workspace()
    now, rows = timezone.now(), []
    for place in places:
        facts = found.get(place.pk, Facts())
        rows.append(
            Member(
                name=place.name,
                lines=facts.reachable_lines,
                units=facts.points[-1].units if facts.points else None,
                waits=sum(wait.count for wait in facts.waits.values()),
                last_run=last_run(facts),
                authorised=authorised(facts, now=now),
            )
        )
    known = [row.units for row in rows if row.units is not None]
    context = {
        "group": request.group,
        "rows": rows,
        "now": timezone.localtime(now),
        "lines": sum(row.lines for row in rows),
        "units": sum(known) if known else None,
        "waits": sum(row.waits for row in rows),
    }
    return render(request, "workflows/group.html", context)
