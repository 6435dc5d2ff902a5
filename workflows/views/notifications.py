"""Who is told what, and whether it arrived."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError
from common.htmx import render_page
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right
from workflows.forms import WebhookForm
from workflows.models import Channel, Delivery, DeliveryState
from workflows.services import channels
from workflows.services.channels import NewWebhook
from workflows.views.delivery_rows import channel_row, delivery_row
from workflows.views.wording import counted

PER_PAGE = 25
WEEK = dt.timedelta(days=7)
UNPROCESSABLE = 422


@require_safe
@needs(Right.READ)
def notifications(request: MemberRequest) -> HttpResponse:
    """Show channels and deliveries; htmx gets the deliveries alone."""
    return _page(request)


@never_cache
@require_POST
@needs(Right.NOTIFY)
def add_webhook(request: MemberRequest) -> HttpResponse:
    """Add an endpoint and show its secret, this once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=UNPROCESSABLE)
    try:
        made = channels.add_webhook(
            form.cleaned_data["url"],
            name=form.cleaned_data["name"],
            by=request.membership,
        )
    except DomainError as error:
        form.refuse(error)
        return _page(request, form=form, status=UNPROCESSABLE)
    return _page(request, made=made)


@require_POST
@needs(Right.NOTIFY)
def test_channel(request: MemberRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Send a test event to one channel."""
    return _do(request, channel_id, channels.send_test, "The test is on its way.")


@require_POST
@needs(Right.NOTIFY)
def disable_channel(request: MemberRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Switch a channel off."""
    return _do(request, channel_id, channels.disable, "The channel is off.")


@require_POST
@needs(Right.NOTIFY)
def enable_channel(request: MemberRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Switch a channel on."""
    return _do(request, channel_id, channels.enable, "The channel is on.")


def _do(
    request: MemberRequest,
    channel_id: uuid.UUID,
    service: Callable[..., object],
    done: str,
) -> HttpResponse:
    get_object_or_404(Channel, pk=channel_id)
    service(channel_id, by=request.membership)
    messages.success(request, done)
    return redirect("workflows:notifications", workspace=request.workspace.slug)


def _page(
    request: MemberRequest,
    *,
    form: WebhookForm | None = None,
    made: NewWebhook | None = None,
    status: int = 200,
) -> HttpResponse:
    slug = request.workspace.slug
    page = _deliveries(request)
    rows = list(Channel.objects.select_related("member").order_by("created_at", "id"))
    may_edit = may(request.membership, Right.NOTIFY)
    here = reverse("workflows:notifications", args=[slug])
    context: dict[str, Any] = {
        "claim": _claim(rows),
        "lead": "Owners get mail about decisions, exposures, re-tests and runs. "
        "Webhooks hear everything and carry no address and no device.",
        "channels": [channel_row(request, row) for row in rows],
        "webhook_form": (form or WebhookForm()) if may_edit else None,
        "webhook_url": reverse("workflows:add_webhook", args=[slug]),
        "made": made,
        "page": page,
        "here": f"{here}?page={page.number}" if page.number > 1 else here,
    }
    return render_page(
        request,
        "workflows/notifications.html",
        context,
        piece="workflows/_deliveries.html",
        status=status,
    )


def _claim(rows: list[Channel]) -> str:
    if not rows:
        return "Nobody is told"
    many = counted(len(rows), "channel")
    since = timezone.now() - WEEK
    states = dict(
        Delivery.objects.filter(event__at__gte=since)
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    if failed := states.get(DeliveryState.FAILED):
        return f"{many}, {counted(failed, 'message')} of this week given up"
    if waiting := states.get(DeliveryState.WAITING):
        return f"{many}, {counted(waiting, 'message')} on the way"
    arrived = "every message of this week arrived" if states else "no message this week"
    return f"{many}, {arrived}"


def _deliveries(request: MemberRequest) -> Page[Any]:
    rows = Delivery.objects.select_related("event", "channel").order_by(
        "-event__at", "-id"
    )
    paginator: Paginator[Any] = Paginator(rows, PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = [delivery_row(row) for row in page.object_list]
    return page
