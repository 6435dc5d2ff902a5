"""Every site of every customer of the reader's, worst first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.models import User
from tenants.rollup import rollup_scope
from tenants.services.fresh import ask_for_second
from workflows.views.customer_facts import Facts
from workflows.views.customer_groups import choose_group
from workflows.views.customers import customers_of, lacks_second, sites_of
from workflows.views.site_facts import sites_by_workspace
from workflows.views.site_rows import SiteRow, not_counted
from workflows.views.wording import counted

PER_PAGE = 50


@require_safe
@login_required
def sites(request: HttpRequest) -> HttpResponse:
    """Show the sites of the customers for whom the reader works at the provider."""
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the decorator
    memberships, provider = customers_of(request.user)
    if lacks_second(request, memberships):
        return ask_for_second(request)
    choice = choose_group(request.GET.get("group", ""), memberships)
    with rollup_scope(row.workspace_id for row in choice.memberships):
        found = sites_by_workspace(names=True)
    rows = sites_of(
        (
            (row.workspace, Facts(sites=found.get(row.workspace_id, [])))
            for row in choice.memberships
        ),
        now=timezone.now(),
    )
    page: Page[Any] = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "claim": _claim(rows),
        "not_counted": not_counted(rows),
        "sites": page.object_list,
        "page": page,
        "choice": choice,
        "provider": provider,
        "nav": {"customer_count": len(memberships)},
    }
    return render(request, "workflows/sites.html", context)


def _claim(rows: list[SiteRow]) -> str:
    if not rows:
        return "No site is described yet"
    first = rows[0]
    if not first.units:
        return f"No exposure is counted at {counted(len(rows), 'site')}"
    return f"{first.name} of {first.customer} has the most exposure"
