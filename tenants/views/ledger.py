"""The ledger's page: what happened, who did it, and whether all of it still holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from common.htmx import render_page
from tenants.access import MemberRequest, may, needs
from tenants.models import (
    Checkpoint,
    LedgerCheck,
    LedgerDetail,
    LedgerEntry,
    LedgerHead,
)
from tenants.rights import Right
from tenants.scope import whole_workspace
from tenants.services import checkpoints
from tenants.services import ledger as ledger_service
from tenants.services.jobs import enqueue

PER_PAGE = 50
AT_ONCE = 50_000  # entries that are verified while the reader waits: about a second
MOST_TEXT = 80
ERASED = "This part was erased."


@dataclass(frozen=True, slots=True)
class Value:
    """One value before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in words."""

    entry: LedgerEntry
    who: str
    text: str
    values: Sequence[Value]


@require_safe
@needs(Right.AUDIT)
def ledger(request: MemberRequest) -> HttpResponse:
    """Show entries, the newest first; htmx gets the table alone."""
    asked = {
        name: " ".join(request.GET.get(name, "").replace("\0", "").split())[:MOST_TEXT]
        for name in ("action", "about")
    }
    head = LedgerHead.objects.first()
    whole = not request.membership.site_ids
    here = reverse("tenants:ledger", args=[request.workspace.slug])
    context: dict[str, Any] = {
        **asked,
        "size": head.size if head else 0,
        "page": _page(request, asked),
        "check": LedgerCheck.objects.order_by("-at").first(),
        "checkpoint": Checkpoint.objects.order_by("-size").first(),
        "key": checkpoints.public_key(),
        "may_verify": may(request.membership, Right.VERIFY),
        "whole": whole,
        "clear_url": here,
        "query": urlencode({name: value for name, value in asked.items() if value}),
    }
    return render_page(
        request,
        "tenants/ledger/detail.html",
        context,
        piece="tenants/ledger/_entries.html",
    )


@require_POST
@needs(Right.VERIFY)
def verify(request: MemberRequest) -> HttpResponse:
    """Verify the whole ledger now; a long one in the background."""
    head = LedgerHead.objects.first()
    if head is not None and head.size > AT_ONCE:
        enqueue("tenants.verify_ledger", key="asked")
        messages.info(request, "The ledger is being verified. Look again in a minute.")
    else:
        with whole_workspace():  # it is one chain; the answer names no entry's content
            check = checkpoints.verify()
        if check.holds:
            messages.success(
                request, f"The ledger holds: {check.size} entries, {check.seconds} s."
            )
        else:
            messages.error(request, f"The ledger does not hold: {check.problems[0]}.")
    return redirect("tenants:ledger", workspace=request.workspace.slug)


def _page(request: MemberRequest, asked: Mapping[str, str]) -> Page[Any]:
    rows = ledger_service.visible()
    if asked["action"]:
        rows = rows.filter(action__startswith=asked["action"])
    if asked["about"]:
        rows = rows.filter(object_ref=asked["about"])
    paginator: Paginator[Any] = Paginator(rows, PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    entries = list(page.object_list)
    details = LedgerDetail.objects.in_bulk([entry.pk for entry in entries])
    page.object_list = [_row(entry, details.get(entry.pk)) for entry in entries]
    return page


def _row(entry: LedgerEntry, detail: LedgerDetail | None) -> Row:
    if detail is None:
        return Row(entry, "", ERASED, ())
    told = json.loads(bytes(detail.body))
    who = told["name"] or "Sightline"
    if told["on_behalf_of"]:
        who = f"{who}, seeing what {told['on_behalf_of']} sees"
    return Row(entry, who, told["text"], _values(told["before"], told["after"]))


def _values(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Value]:
    was, became = before or {}, after or {}
    return [
        Value(name, _shown(was.get(name)), _shown(became.get(name)))
        for name in sorted({*was, *became})
    ]


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
