"""Page: outside sources, what they may be asked, and what they say they have seen."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Max, OuterRef
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.htmx import render_page
from exposure.collectors.passive.contract import Source
from exposure.collectors.passive.sources import SOURCES
from exposure.forms import SourceKeyForm
from exposure.models import (
    Service,
    ServiceElsewhere,
    ServiceState,
    SourceAnswer,
    SourceGrant,
)
from exposure.services import source_grants
from exposure.views.links import link
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source; the fields are described in exposure/sources/list.html."""

    source: Source
    grant: SourceGrant | None
    is_open: bool
    asked: int
    last: dt.datetime | None
    may_consent: bool
    may_withdraw: bool
    key_form: SourceKeyForm | None


@require_safe
@needs(Right.READ)
def sources(request: MemberRequest) -> HttpResponse:
    """Show every source, and the services that they tell of."""
    permits = may(request.membership, Right.AUTHORISE)
    rows = _rows(request, permits=permits and not request.membership.site_ids)
    context: dict[str, Any] = {
        "rows": rows,
        "open": sum(row.is_open for row in rows),
        "page": _page(request.GET.get("page", "")),
        "ask_url": link(request, "exposure:ask-sources")
        if may(request.membership, Right.OPERATE) and any(row.is_open for row in rows)
        else "",
    }
    return render_page(request, "exposure/sources/list.html", context)


@require_POST
@needs(Right.AUTHORISE)
def consent(request: MemberRequest) -> HttpResponse:
    """Allow a source to be asked, for the customer."""
    attempt(
        request,
        lambda: source_grants.consent(_named(request), by=request.membership),
        "The source may be asked about the scope.",
    )
    return _back(request)


@require_POST
@needs(Right.AUTHORISE)
def withdraw(request: MemberRequest) -> HttpResponse:
    """Take the consent back."""
    attempt(
        request,
        lambda: source_grants.withdraw(_named(request), by=request.membership),
        "The source is not asked any more.",
    )
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def set_key(request: MemberRequest) -> HttpResponse:
    """Keep, or remove, the key of a source."""
    key = request.POST.get("key", "")
    attempt(
        request,
        lambda: source_grants.set_key(_named(request), key, by=request.membership),
        "The key is kept, sealed." if key.strip() else "The key is removed.",
    )
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def ask(request: MemberRequest) -> HttpResponse:
    """Have the open sources asked what is due."""
    attempt(request, source_grants.ask_soon, "The sources are being asked.")
    return _back(request)


def _named(request: MemberRequest) -> str:
    return request.POST.get("source", "")


def _back(request: MemberRequest) -> HttpResponseRedirect:
    return redirect("exposure:sources", workspace=request.workspace.slug)


def _rows(request: MemberRequest, *, permits: bool) -> list[SourceRow]:
    grants = {grant.source: grant for grant in SourceGrant.objects.all()}
    answers = {
        name: (count, last)
        for name, count, last in SourceAnswer.objects.exclude(asked_at=None)
        .order_by()
        .values_list("source")
        .annotate(Count("pk"), Max("asked_at"))
    }
    operates = may(request.membership, Right.OPERATE)
    rows = []
    for source in SOURCES:
        grant = grants.get(source.name)
        allowed = grant is not None and grant.consented_at is not None
        asked, last = answers.get(source.name, (0, None))
        rows.append(
            SourceRow(
                source=source,
                grant=grant,
                is_open=grant is not None and source_grants.is_open(grant, source),
                asked=asked,
                last=last,
                may_consent=permits and not allowed,
                may_withdraw=permits and allowed,
                key_form=SourceKeyForm(prefix=None, auto_id=f"{source.name}_%s")
                if operates and source.needs_key
                else None,
            )
        )
    return rows


def _page(number: str) -> Page[Any]:
    ours = Service.objects.exclude(state=ServiceState.GONE).filter(
        address=OuterRef("address"),
        port=OuterRef("port"),
        transport=OuterRef("transport"),
    )
    rows = (
        ServiceElsewhere.objects.filter(gone_at=None)
        .annotate(seen_by_us=Exists(ours))
        .order_by("address", "port", "source")
    )
    return Paginator(rows, ON_A_PAGE).get_page(number)
