"""The list of exposures: saved views, a filter and pages of 50."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.models import Asset, Finding
from tenants.access import MemberRequest, needs
from tenants.rights import Right
from workflows.models import Case
from workflows.services.cases import with_answers
from workflows.views.answers import pair_of
from workflows.views.people import People, people_here
from workflows.views.saved_views import DECIDED, LABELS, asked_text, counts, findings_in
from workflows.views.wording import counted, sentence_of

PER_PAGE = 50
PLACE = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class SavedView:
    """One button above the list."""

    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One exposure of the list; `steps` is None when no way is known."""

    ref: str
    url: str
    band: str
    title: str
    asset: str
    where: str
    grade: str
    steps: int | None
    pair: Mapping[str, str]
    owner: str
    wanted_by: dt.datetime | None


@require_safe
@needs(Right.READ)
def exposures(request: MemberRequest) -> HttpResponse:
    """Show one page of one view; htmx gets the table alone."""
    asked = request.GET.get("view", "open")
    view = asked if asked in LABELS or asked == DECIDED else "open"
    text = asked_text(request)
    totals = counts()
    here = reverse("workflows:exposures", args=[request.workspace.slug])
    context: dict[str, Any] = {
        "claim": _claim(view, totals),
        "lead": "Ordered by when to act, then by how much production the internet "
        "reaches through them.",
        "views": [
            SavedView(label, totals[key], _address(here, key, text), key == view)
            for key, label in LABELS.items()
        ],
        "view": view,
        "q": text,
        "clear_url": _address(here, view, ""),
        "page": _page(
            request, view=view, text=text, total=None if text else totals.get(view)
        ),
    }
    return render_page(
        request,
        "workflows/exposures/list.html",
        context,
        piece="workflows/exposures/_table.html",
    )


def _claim(view: str, totals: Mapping[str, int]) -> str:
    if view == DECIDED:
        return "Exposures you have answered"
    count = counted(totals["open"], "open exposure")
    asked = totals["needs-it"] + totals["needs-ot"]
    if not asked:
        return f"{count}, none waits for an answer"
    return f"{count}, {counted(asked, 'answer')} waited for"


def _address(here: str, view: str, text: str) -> str:
    return f"{here}?{urlencode({'view': view, 'q': text} if text else {'view': view})}"


def _page(
    request: MemberRequest, *, view: str, text: str, total: int | None
) -> Page[Any]:
    """Return a page of the view; `total` is how many it holds if that is known."""
    rows = findings_in(view, text=text, reader=request.user)
    asked = request.GET.get("page", "1")
    start = (int(asked) - 1) * PER_PAGE if PLACE.fullmatch(asked) else 0
    keys, found = _keys(rows, start, total=total)
    paginator: Paginator[Any] = Paginator(range(found), PER_PAGE)
    page = paginator.get_page(asked)
    if page.number != start // PER_PAGE + 1:
        keys, _ = _keys(rows, (page.number - 1) * PER_PAGE, total=found)
    people = people_here()
    page.object_list = [
        _row(request, finding, people=people) for finding in _read(keys)
    ]
    return page


def _keys(
    rows: QuerySet[Finding], start: int, *, total: int | None
) -> tuple[list[uuid.UUID], int]:
    """Return the keys of one page, and of how many it is one.

    A search is done once: its page comes with the number of all that was found.
    """
    part = slice(start, start + PER_PAGE)
    if total is not None:
        return list(rows.values_list("pk", flat=True)[part]), total
    counted_rows = rows.annotate(found=Window(Count("pk"))).values_list("pk", "found")
    keys = list(counted_rows[part])
    if keys or not start:
        return [key for key, _ in keys], keys[0][1] if keys else 0
    return [], rows.count()


def _read(keys: list[uuid.UUID]) -> list[Finding]:
    rows = (
        Finding.objects.filter(pk__in=keys)
        .select_related("asset__zone", "asset__line", "service", "case")
        .prefetch_related(with_answers("case__decisions"))
    )
    by_key = {row.pk: row for row in rows}
    return [by_key[key] for key in keys]


def _row(request: MemberRequest, finding: Finding, *, people: People) -> Row:
    case: Case | None = getattr(finding, "case", None)
    return Row(
        ref=finding.ref,
        url=reverse("workflows:finding", args=[request.workspace.slug, finding.ref]),
        band=case.band if case else "",
        title=sentence_of(finding.title),
        asset=finding.asset.name,
        where=_where(finding.asset),
        grade=finding.grade,
        steps=finding.steps if finding.is_counted else None,
        pair=pair_of(list(case.decisions.all()), slots=case.slots) if case else {},
        owner=people.of(case.lead) if case else "",
        wanted_by=case.decide_by if case and finding.is_counted else None,
    )


def _where(asset: Asset) -> str:
    level = f"L{asset.zone.level:g}" if asset.zone else "not placed"
    place = asset.line or asset.zone
    return f"{level} · {place.name}" if place else level
