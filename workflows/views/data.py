"""The page "Data": take all of it out, say how long it is kept, erase, delete."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.errors import DomainError, InvalidInput
from common.htmx import render_page
from tenants.access import MemberRequest, may, needs
from tenants.logic import retention
from tenants.models import Export, ExportState
from tenants.rights import Right
from tenants.services import closing, data_policy, erasing
from tenants.services.fresh import Authenticated, ask_again, authenticated
from tenants.views.files import handed_out
from workflows.services import exports

LAST = 10
LONGEST_NUMBER = 6  # digits


@dataclass(frozen=True, slots=True)
class Kept:
    """One class of data, and how long it is kept now."""

    rule: retention.Class
    days: int


@require_safe
@needs(Right.ACCESS)
def data(request: MemberRequest) -> HttpResponse:
    """Show what becomes of the workspace's data; htmx gets the exports alone."""
    mine = may(request.membership, Right.DATA)
    rows = list(
        Export.objects.select_related("asked_by", "file").order_by("-asked_at")[:LAST]
    )
    days = data_policy.days_in_force()
    context: dict[str, Any] = {
        "may_decide": mine,
        "exports": rows,
        "is_writing": any(row.state == ExportState.WAITING for row in rows),
        "here": reverse("workflows:data", args=[request.workspace.slug]),
        "kept": [Kept(each, days[each.name]) for each in retention.CLASSES],
        "hold": data_policy.hold_now(),
        "closure": closing.open_closure(),
        "left": erasing.people_who_left() if mine else [],
        "wait": closing.WAIT.days,
        "export_days": days["exports"],
    }
    return render_page(
        request,
        "workflows/data/detail.html",
        context,
        piece="workflows/data/_exports.html",
    )


@require_POST
@needs(Right.DATA)
def ask_for_export(request: MemberRequest) -> HttpResponseBase:
    """Ask for everything in one file."""
    return _do_fresh(
        request,
        lambda shown: exports.ask(by=request.membership, shown=shown),
        "The file is being written. It will be on this page.",
    )


@require_POST
@needs(Right.DATA)
def download(request: MemberRequest) -> HttpResponseBase:
    """Send an export."""
    shown = authenticated(request, now=timezone.now())
    if not shown.is_fresh:
        return _ask_who(request)
    try:
        row, content = exports.fetch(
            _id(request, "export"), by=request.membership, shown=shown
        )
    except Export.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, str(error))
        return _back(request)
    return handed_out(row, content)


@require_POST
@needs(Right.DATA)
def keep_for(request: MemberRequest) -> HttpResponseBase:
    """Say how long what is kept."""
    days = {
        each.name: _number(request.POST[each.name])
        for each in retention.CLASSES
        if each.name in request.POST
    }
    return _do(
        request,
        lambda: data_policy.keep_for(days, by=request.membership),
        "Noted. What is older goes in the night.",
    )


@require_POST
@needs(Right.DATA)
def hold(request: MemberRequest) -> HttpResponseBase:
    """Stop all deletion."""
    reason = request.POST.get("reason", "")
    return _do(
        request,
        lambda: data_policy.hold(reason, by=request.membership),
        "Nothing is deleted until you lift the hold.",
    )


@require_POST
@needs(Right.DATA)
def lift(request: MemberRequest) -> HttpResponseBase:
    """Let deletion go on."""
    return _do(
        request,
        lambda: data_policy.lift(by=request.membership),
        "The hold is lifted.",
    )


@require_POST
@needs(Right.DATA)
def erase(request: MemberRequest) -> HttpResponseBase:
    """Erase the personal details of somebody who has left."""

    def service(shown: Authenticated) -> None:
        done = erasing.erase_person(
            _id(request, "person"),
            request.POST.get("reason", ""),
            by=request.membership,
            shown=shown,
        )
        messages.success(
            request,
            f"Erased the details of {done.entries} entries; {done.kept} tell of "
            f"signatures and stay. The account is {done.account}.",
        )

    return _do_fresh(request, service, "")


@require_POST
@needs(Right.DATA)
def close(request: MemberRequest) -> HttpResponseBase:
    """Ask that the workspace be deleted."""
    return _do_fresh(
        request,
        lambda shown: closing.ask(
            request.POST.get("name", ""),
            request.POST.get("reason", ""),
            by=request.membership,
            shown=shown,
        ),
        "The deletion is under way. You can call it off here.",
    )


@require_POST
@needs(Right.DATA)
def call_off(request: MemberRequest) -> HttpResponseBase:
    """Keep the workspace."""
    return _do(
        request,
        lambda: closing.call_off(by=request.membership),
        "The workspace stays.",
    )


def _do_fresh(
    request: MemberRequest, service: Callable[[Authenticated], object], done: str
) -> HttpResponseBase:
    shown = authenticated(request, now=timezone.now())
    if not shown.is_fresh:
        return _ask_who(request)
    return _do(request, lambda: service(shown), done)


def _do(
    request: MemberRequest, service: Callable[[], object], done: str
) -> HttpResponseBase:
    attempt(request, service, done)
    return _back(request)


def _ask_who(request: MemberRequest) -> HttpResponse:
    messages.info(request, "Confirm that it is you, then ask once more.")
    here = reverse("workflows:data", args=[request.workspace.slug])
    return ask_again(request, back_to=here)


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("workflows:data", workspace=request.workspace.slug)


def _id(request: MemberRequest, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(field, ""))
    except ValueError as error:
        raise InvalidInput(field, "Choose one from the list.") from error


def _number(text: str) -> int:
    """Return a number that was typed; what is none is beyond every limit."""
    short = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if short else -1
