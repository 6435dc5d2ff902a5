"""The roll-up of a provider: every customer, the one that needs us first on top."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.models import Membership, Provider, Staff, User, Workspace
from tenants.rollup import provider_memberships, rollup_scope
from tenants.second_factor import provider_asks_for_second
from tenants.services.fresh import ask_for_second, is_strong
from workflows.views.customer_facts import Facts, facts_by_workspace
from workflows.views.customer_groups import choose_group
from workflows.views.customer_rows import Customer, customer_of
from workflows.views.customer_todos import Todo, todos_of
from workflows.views.progress import WIDE, Point, Progress, progress
from workflows.views.site_rows import SiteRow, not_counted, site_row, worst_first
from workflows.views.wording import counted

MOST_SITES = 8


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
    memberships, provider = customers_of(request.user)
    if lacks_second(request, memberships):
        return ask_for_second(request)
    choice = choose_group(request.GET.get("group", ""), memberships)
    memberships = choice.memberships
    with rollup_scope(row.workspace_id for row in memberships):
        found = facts_by_workspace(names=True)
    now = timezone.now()
    facts = [(row, found.get(row.workspace_id, Facts())) for row in memberships]
    context = {**_context(facts, now=now), "provider": provider, "choice": choice}
    return render(request, "workflows/customers.html", context)


def customers_of(user: User) -> tuple[list[Membership], Provider | None]:
    """Return to which customers access is open now, and for whom the person works.

    Raises PermissionDenied for the customers' own people.
    """
    memberships = provider_memberships(user)
    provider = memberships[0].workspace.provider if memberships else None
    if not memberships:
        job = Staff.objects.select_related("provider").filter(user=user).first()
        provider = job.provider if job else None
    belongs = Membership.objects.filter(user=user)
    if provider is None and belongs.exists():
        raise PermissionDenied("Only people of a provider look across customers.")
    return memberships, provider


def lacks_second(request: HttpRequest, places: Sequence[Membership]) -> bool:
    """Whether the provider asks the reader for a second factor that was not shown."""
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the callers
    return provider_asks_for_second(request.user, places=places) and not is_strong(
        request
    )


def _context(
    facts: Sequence[tuple[Membership, Facts]], *, now: dt.datetime
) -> dict[str, Any]:
    workspaces = [(row.workspace, each) for row, each in facts]
    todos = [todo for pair in workspaces for todo in todos_of(*pair, now=now)]
    rows = [customer_of(*pair, now=now) for pair in workspaces]
    rows.sort(key=lambda row: row.attention, reverse=True)
    sites = sites_of(workspaces, now=now)
    all_facts = [each for _, each in facts]
    return {
        "claim": _claim(rows, todos),
        "now": timezone.localtime(now),
        "kpis": _figures(all_facts),
        "customers": rows,
        "todos": sorted(todos, key=lambda todo: not todo.band),
        "exposure": _together(all_facts),
        "sites": sites[:MOST_SITES],
        "site_count": len(sites),
        "not_counted": not_counted(sites),
        "nav": {"customer_count": len(facts)},
    }


def sites_of(
    customers: Iterable[tuple[Workspace, Facts]], *, now: dt.datetime
) -> list[SiteRow]:
    """Return the sites of all these customers, the worst first."""
    return worst_first(
        site_row(
            site,
            customer=workspace.name,
            slug=workspace.slug,
            now=now,
        )
        for workspace, facts in customers
        for site in facts.sites
    )


def _unknown(facts: Sequence[Facts]) -> str:
    """Return how many customers are in no sum, because nothing was computed for them."""
    number = sum(1 for each in facts if each.reachable_lines is None)
    return f", {number} never computed" if number else ""


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
            str(sum(each.reachable_lines or 0 for each in facts)),
            _unknown(facts).removeprefix(", "),
        ),
        Figure("Exposure, all customers", f"{units:.1f}", f"units{_unknown(facts)}"),
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
