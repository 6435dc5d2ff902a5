"""Keys of the API: who made them, what they may do, and whether they are used."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common.errors import Conflict, DomainError
from exposure.models import Site
from tenants.access import MemberRequest, may, needs
from tenants.models import ApiKey, Membership
from tenants.rights import Right
from tenants.services import keys as service
from tenants.services.fresh import ask_again, authenticated
from workflows.forms import KeyForm
from workflows.views.wording import counted

MOST_ENDED = 30
# Access of the provider can be opened again, and its keys with it.
ASLEEP = "its maker has no access"
UNPROCESSABLE, CONFLICT = 422, 409


@dataclass(frozen=True, slots=True)
class Row:
    """One key; `ended` says why it works no more, "" while it does.

    `url` is where it is revoked, "" where there is nothing to revoke any more.
    """

    key: ApiKey
    may: Sequence[str]
    sites: str
    ended: str
    url: str


@require_safe
@needs(Right.ACCESS)
def keys(request: MemberRequest) -> HttpResponse:
    """Show the keys; a program with a key gets in, so everybody sees them."""
    return _page(request)


@never_cache
@require_POST
@needs(Right.KEYS)
def make(request: MemberRequest) -> HttpResponse:
    """Make a key and show its secret, this once."""
    if not authenticated(request, now=timezone.now()).is_fresh:
        messages.info(request, "Confirm that it is you, then make the key once more.")
        here = reverse("workflows:keys", args=[request.workspace.slug])
        return ask_again(request, back_to=here)
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=UNPROCESSABLE)
    sites = frozenset(Site.objects.values_list("pk", flat=True))
    try:
        made = service.make(form.wish(), by=request.membership, sites=sites)
    except DomainError as error:
        form.refuse(error)
        status = CONFLICT if isinstance(error, Conflict) else UNPROCESSABLE
        return _page(request, form=form, status=status)
    return _page(request, made=made)


@require_POST
@needs(Right.KEYS)
def revoke(request: MemberRequest, key_id: uuid.UUID) -> HttpResponse:
    """End a key at once."""
    get_object_or_404(ApiKey, pk=key_id)
    row = service.revoke(key_id, by=request.membership)
    messages.success(request, f"The key {row.name} works no more.")
    return redirect("workflows:keys", workspace=request.workspace.slug)


def _form(request: MemberRequest, given: Mapping[str, Any] | None = None) -> KeyForm:
    me = request.membership
    sites = Site.objects.order_by("name")
    return KeyForm(
        given,
        scopes=service.grantable(me),
        sites=[(str(site.pk), site.name) for site in sites if me.covers(site.pk)],
    )


def _page(
    request: MemberRequest,
    *,
    form: KeyForm | None = None,
    made: service.NewKey | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = _rows(request)
    working = [row for row in rows if not row.ended]
    ended = [row for row in rows if row.ended]
    may_edit = may(request.membership, Right.KEYS)
    context: dict[str, Any] = {
        "claim": f"{counted(len(working), 'key')} of the API"
        if working
        else "No program gets in",
        "working": working,
        "ended": ended[:MOST_ENDED],
        "made": made,
        "form": (form or _form(request)) if may_edit else None,
    }
    return render(request, "workflows/keys.html", context, status=status)


def _rows(request: MemberRequest) -> list[Row]:
    found = ApiKey.objects.select_related("made_by").order_by("-made_at")
    here = Membership.objects.current().filter(workspace=request.workspace)
    places = set(here.values_list("pk", flat=True))
    names = {site.pk: site.name for site in Site.objects.all()}
    may_revoke = may(request.membership, Right.KEYS)
    rows = []
    for row in found:
        ended = _ended(row, places)
        open_end = may_revoke and ended in {"", ASLEEP}
        where = {"workspace": request.workspace.slug, "key_id": row.pk}
        rows.append(
            Row(
                key=row,
                may=row.scopes,
                sites=", ".join(names.get(pk, "?") for pk in row.site_ids) or "all",
                ended=ended,
                url=reverse("workflows:revoke-key", kwargs=where) if open_end else "",
            )
        )
    return rows


def _ended(row: ApiKey, places: set[uuid.UUID]) -> str:
    if row.revoked_at is not None and row.revoked_at < row.expires_at:
        return "revoked"
    if row.expires_at <= timezone.now():
        return "expired"
    return "" if row.place_id in places else ASLEEP
