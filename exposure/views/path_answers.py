"""Pages beside the attack paths: how the exposure went, what follows from an asset."""

import uuid
from dataclasses import fields

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.models import Asset
from exposure.services import history as history_service
from exposure.services import paths as answers
from exposure.services import totals
from exposure.services.onward import onward_from
from exposure.views.being_counted import or_being_counted
from exposure.views.history_page import history_page
from exposure.views.history_totals import totals_part
from exposure.views.links import asset_link, link
from exposure.views.notices import notices
from exposure.views.onward_page import OnwardPage, onward_page
from exposure.views.path_page import view_rows
from exposure.views.path_rows import Choice
from exposure.views.paths import counted_in, counted_query
from tenants.access import MemberRequest, needs
from tenants.rights import Right
from tenants.scope import site_limit


@require_safe
@needs(Right.READ)
def history(request: MemberRequest) -> HttpResponse:
    """Show how the exposure went, with what moved it each time."""
    page = history_page(
        history_service.steps(),
        revision_url=lambda number: link(
            request, "exposure:path-revision", revision=number
        ),
    )
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    now = timezone.now()
    context["totals"] = totals_part(
        totals.totals(now=now),
        now=now,
        finding_url=lambda ref: link(request, "workflows:finding", ref=ref),
    )
    context["exposures_url"] = f"{link(request, 'workflows:exposures')}?view=open"
    return render_page(
        request, "exposure/paths/history.html", {**context, **_around(request)}
    )


@require_safe
@needs(Right.READ)
@or_being_counted
def onward(request: MemberRequest, asset: uuid.UUID) -> HttpResponse:
    """Show what follows once an asset is taken; 404 for one that is not the reader's."""
    taken = get_object_or_404(Asset, pk=asset)
    counted = counted_in(request)
    context = {
        "name": taken.name,
        "asset_url": asset_link(request, str(taken.pk)),
        "onward": _onward(request, str(taken.pk), counted=counted),
        "views": view_rows(counted, query=lambda how: Choice(counted=how).query()),
    }
    return render_page(
        request, "exposure/paths/onward.html", {**context, **_around(request)}
    )


def _onward(
    request: MemberRequest, asset_id: str, *, counted: str
) -> OnwardPage | None:
    answer = answers.latest(counted)
    radius = onward_from(answer, asset_id) if answer else None
    if answer is None or radius is None:
        return None
    return onward_page(
        radius,
        answer.plant,
        taken_now=next(
            (
                row.controlled
                for row in answer.analysis.assets
                if row.asset_id == asset_id
            ),
            0.0,
        ),
        asset_url=lambda key: asset_link(request, key),
        onward_url=lambda key: (
            link(request, "exposure:onward", asset=key) + counted_query(counted)
        ),
    )


def _around(request: MemberRequest) -> dict[str, object]:
    return {
        "notices": notices(),
        "paths_url": link(request, "exposure:paths"),
        "method_url": link(request, "exposure:method"),
        "whole": site_limit() is None,
    }
