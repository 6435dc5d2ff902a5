"""Page: what is new, has changed or is gone, run by run."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.models import Run, ServiceChange, Site, Vantage
from exposure.models.drift import CHANGE_WORDS
from exposure.services.drift import changes
from exposure.views.links import link
from tenants.access import MemberRequest, needs
from tenants.rights import Right

ON_A_PAGE = 50
ELSEWHERE = "another site"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the feed; the fields are described in exposure/drift/list.html."""

    at: dt.datetime
    kind: str
    address: str
    asset: str
    site: str
    vantage: str
    before: str
    after: str
    run: int | None
    run_url: str


@require_safe
@needs(Right.READ)
def drift(request: MemberRequest) -> HttpResponse:
    """Show what changed, newest first, filtered by site, kind, day or run."""
    asked = {
        name: request.GET.get(name, "") for name in ("site", "kind", "since", "run")
    }
    sites = list(Site.objects.order_by("name"))
    known = {str(site.pk): site for site in sites}
    run = _run(asked["run"])
    rows = changes(
        site_id=known[asked["site"]].pk if asked["site"] in known else None,
        kind=asked["kind"] if asked["kind"] in set(CHANGE_WORDS) else "",
        since=_since(asked["since"]),
        run=run,
    )
    page: Any = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page", ""))
    page.object_list = [
        _row(row, run_url=lambda number: link(request, "exposure:run", number=number))
        for row in page.object_list
    ]
    context = {
        "claim": _claim(page.paginator.count, run),
        "page": page,
        "kinds": [(kind.value, word) for kind, word in CHANGE_WORDS.items()],
        "sites": [(key, site.name) for key, site in known.items()],
        "asked": asked,
        "clear_url": link(request, "exposure:drift") if any(asked.values()) else "",
    }
    return render_page(
        request, "exposure/drift/list.html", context, piece="exposure/drift/_feed.html"
    )


def _claim(count: int, run: Run | None) -> str:
    changed = f"{count} change{pluralize(count)}" if count else "Nothing changed"
    return f"{changed} in run {run.number}" if run else f"{changed} on record"


def _row(row: ServiceChange, *, run_url: Callable[[int], str]) -> ChangeRow:
    service = row.service
    # None: a run, or a place inside a site, that is not the reader's.
    run: Run | None = getattr(row, "run", None)
    seen_from: Vantage | None = getattr(service, "vantage", None)
    return ChangeRow(
        at=row.at,
        kind=row.get_kind_display(),
        address=f"{service.address} : {service.port}",
        asset=service.asset.name,
        site=service.asset.site.name,
        vantage=seen_from.name if seen_from else ELSEWHERE,
        before=row.before,
        after=row.after,
        run=run.number if run else None,
        run_url=run_url(run.number) if run else "",
    )


def _run(text: str) -> Run | None:
    if not text.isascii() or not text.isdigit() or len(text) > len("999999999"):
        return None
    return Run.objects.filter(number=int(text)).first()


def _since(text: str) -> dt.datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
