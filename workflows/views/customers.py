"""The roll-up of a provider: every customer, the one that needs us first on top."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.models import Membership, Staff, User
from tenants.rollup import provider_memberships, rollup_scope
from tenants.second_factor import provider_asks_for_second
from tenants.services.fresh import ask_for_second, is_strong
from workflows.views.customer_facts import Facts, facts_by_workspace
from workflows.views.customer_groups import choose_group
from workflows.views.customer_rows import Customer, customer_of
from workflows.views.customer_todos import Todo, todos_of
from workflows.views.progress import WIDE, Point, Progress, progress
from workflows.views.wording import counted


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure above the table."""

    label: str
    value: str
    small: str = ""


@require_safe
@login_required
def customers(request: HttpRequest) -> HttpResponse:
    """Show the customers for whom the reader works at the provider."""
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the decorator
    memberships = provider_memberships(request.user)
    asked = provider_asks_for_second(request.user, places=memberships)
    if asked and not is_strong(request):
        return ask_for_second(request)
    provider = memberships[0].workspace.provider if memberships else None
    if not memberships:
        job = Staff.objects.select_related("provider").filter(user=request.user).first()
        provider = job.provider if job else None
    belongs = Membership.objects.filter(user=request.user)
    if provider is None and belongs.exists():
        raise PermissionDenied("Only people of a provider look across customers.")
    choice = choose_group(request.GET.get("group", ""), memberships)
    memberships = choice.memberships
    with rollup_scope(row.workspace_id for row in memberships):
        found = facts_by_workspace()
    now = timezone.now()
    facts = [(row, found.get(row.workspace_id, Facts())) for row in memberships]
    context = {**_context(facts, now=now), "provider": provider, "choice": choice}
    return render(request, "workflows/customers.html", context)


def _context(
    facts: Sequence[tuple[Membership, Facts]], *, now: dt.datetime
) -> dict[str, Any]:
    workspaces = [(row.workspace, each) for row, each in facts]
    todos = [todo for pair in workspaces for todo in todos_of(*pair, now=now)]
    rows = [customer_of(*pair, now=now) for pair in workspaces]
    rows.sort(key=lambda row: row.attention, reverse=True)
    all_facts = [each for _, each in facts]
    return {
        "claim": _claim(rows, todos),
        "now": timezone.localtime(now),
        "kpis": _figures(all_facts),
        "customers": rows,
        "todos": sorted(todos, key=lambda todo: not todo.band),
        "exposure": _together(all_facts),
        "nav": {"customer_count": len(facts)},
    }


def _claim(rows: Sequence[Customer], todos: Sequence[Todo]) -> str:
    if not rows:
        return "No customer yet"
    needy = len({todo.customer for todo in todos})
    if not needy:
        return f"No customer of {len(rows)} needs something from us"
    verb = "needs" if needy == 1 else "need"
    return f"{needy} of {counted(len(rows), 'customer')} {verb} something from us"


def _figures(facts: Sequence[Facts]) -> list[Figure]:
    waits = {
        slot: sum(each.waits[slot].count for each in facts if slot in each.waits)
        for slot in ("it", "ot", "safety")
    }
    small = ", ".join(f"{slot.upper()} {n}" for slot, n in waits.items() if n)
    units = sum(each.points[-1].units for each in facts if each.points)
    return [
        Figure(
            "Lines the internet can reach",
            str(sum(each.reachable_lines for each in facts)),
        ),
        Figure("Exposure, all customers", f"{units:.1f}", "units"),
        Figure("Answers waited for", str(sum(waits.values())), small),
        Figure(
            "Exposures without a proposal", str(sum(each.proposals for each in facts))
        ),
    ]


def _together(facts: Sequence[Facts]) -> Progress:
    """Add the customers up: each keeps its value until its next revision."""
    changes = sorted(
        (
            (point.at, place, point.units)
            for place, each in enumerate(facts)
            for point in each.points
        ),
    )
    current: dict[int, float] = {}
    points = []
    for at, place, units in changes:
        current[place] = units
        points.append(Point(at, sum(current.values())))
    return progress(points, where="all customers", style=WIDE)
