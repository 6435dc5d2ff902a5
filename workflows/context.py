"""What the side menu counts, read with one query and only by pages that have a menu."""

import datetime as dt
from typing import Any

from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from exposure.logic.run_states import LIVE
from exposure.models import (
    COUNTED,
    Asset,
    Finding,
    PathRevision,
    Run,
    Site,
    StopOrder,
)
from exposure.services import paths
from exposure.services.drift import changes
from tenants.models import Membership, Workspace
from workflows.views.waiting import number_of, to_answer, to_carry_out, to_propose

RECENTLY = dt.timedelta(days=7)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates `nav`; outside a workspace it is empty."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return {"nav": {}}
    return {"nav": SimpleLazyObject(lambda: _counts(membership))}


def _counts(membership: Membership) -> dict[str, Any]:
    """Return a number for each entry of the menu; None instead of 0."""
    lines = paths.lines_here()
    column = "reachable_lines" if lines is None else "by_line"
    newest = PathRevision.objects.order_by("-number").values(column)[:1]
    row = (
        Workspace.objects.filter(pk=membership.workspace_id)
        .annotate(
            answers=number_of(to_answer(membership)),
            treatments=number_of(to_carry_out(membership)),
            proposals=number_of(to_propose(membership)),
            exposure_count=number_of(Finding.objects.filter(state__in=COUNTED)),
            path_count=Subquery(newest),
            asset_count=number_of(Asset.objects.all()),
            run_count=number_of(Run.objects.filter(state__in=LIVE)),
            stop_count=number_of(StopOrder.objects.filter(lifted_at=None)),
            change_count=number_of(changes(since=timezone.now() - RECENTLY)),
            sites=number_of(Site.objects.all()),
            first_site=Subquery(Site.objects.order_by("name").values("name")[:1]),
        )
        .values()
        .get()
    )
    if lines is not None:
        row["path_count"] = paths.reached_of(row["path_count"] or {}, lines)
    parts = (row["answers"], row["treatments"], row["proposals"])
    counts = (
        "exposure_count",
        "path_count",
        "asset_count",
        "run_count",
        "stop_count",
        "change_count",
    )
    return {
        "today_count": sum(part or 0 for part in parts) or None,
        "site_name": row["first_site"] if row["sites"] == 1 else "",
        **{name: row[name] or None for name in counts},
    }
