"""Pages: where is looked from, whether a worker is there, and what it may do."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.errors import InvalidInput
from common.htmx import render_page
from exposure.forms import NameForm, VantageForm
from exposure.models import Authorisation, ScopeEntry, Vantage, Zone
from exposure.services import inside as inside_service
from exposure.services import vantages as service
from exposure.views.links import link
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

REFUSED = 422


@dataclass(frozen=True, slots=True)
class VantageRow:
    """One vantage; the fields are described in exposure/vantages/list.html."""

    name: str
    where: str
    worker: str
    band: str
    seen_at: dt.datetime | None
    seen_as: str
    entries: int
    command: str
    rename_url: str
    retire_url: str


@require_safe
@needs(Right.READ)
def vantages(request: MemberRequest) -> HttpResponse:
    """Show where is looked from."""
    return _page(request, VantageForm(zones=_zones()))


@require_POST
@needs(Right.OPERATE)
def add(request: MemberRequest) -> HttpResponse:
    """Add a place to look from."""
    form = VantageForm(request.POST, zones=_zones())
    if form.is_valid():
        zone = form.cleaned_data["zone"]
        try:
            service.add(
                form.cleaned_data["name"],
                zone_id=uuid.UUID(zone) if zone else None,
                own_worker=form.cleaned_data["own_worker"],
                by=request.membership,
            )
        except InvalidInput as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "The vantage is added.")
            return _back(request)
    return _page(request, form, status=REFUSED)


@require_POST
@needs(Right.OPERATE)
def rename(request: MemberRequest, vantage: uuid.UUID) -> HttpResponse:
    """Give a vantage another name."""
    get_object_or_404(Vantage, pk=vantage)
    form = NameForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a name of at most 120 letters.")
        return _back(request)
    name = form.cleaned_data["name"]
    attempt(
        request,
        lambda: service.rename(vantage, name=name, by=request.membership),
        f"It is called {name} now.",
    )
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def retire(request: MemberRequest, vantage: uuid.UUID) -> HttpResponse:
    """Look from there no more."""
    attempt(
        request,
        lambda: service.retire(vantage, by=request.membership),
        "Nobody looks from there any more.",
    )
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def inside(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Say how much workers inside the plant may do; more must be signed again."""
    more = request.POST.get("everything") == "yes"  # anything else takes away
    attempt(
        request,
        lambda: inside_service.set_from_inside(
            authorisation, everything=more, by=request.membership
        ),
        "The customer signs the scope before the next run."
        if more
        else "It holds from the next run on.",
    )
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    return HttpResponseRedirect(link(request, "exposure:vantages"))


def _page(
    request: MemberRequest, form: VantageForm, *, status: int = 200
) -> HttpResponse:
    operator = may(request.membership, Right.OPERATE)
    rows = Vantage.objects.select_related("zone")
    places = list(rows.order_by("retired_at", "name"))
    entries = Counter(ScopeEntry.objects.values_list("vantage_id", flat=True))
    missing = [row for row in places if row.retired_at is None and not row.has_worker]
    context = {
        "claim": _claim(places, missing),
        "rows": [
            _row(request, row, operator=operator, entries=entries[row.pk])
            for row in places
        ],
        "permissions": _permissions(request, operator=operator),
        "form": form if operator else None,
        "add_url": link(request, "exposure:add-vantage"),
        "runs_url": link(request, "exposure:runs"),
    }
    return render_page(request, "exposure/vantages/list.html", context, status=status)


def _claim(places: list[Vantage], missing: list[Vantage]) -> str:
    if not places:
        return "There is nowhere to look from yet"
    if missing:
        names = ", ".join(row.name for row in missing)
        return f"Without a worker: {names}"
    return "Every place to look from has its worker"


def _row(
    request: MemberRequest, row: Vantage, *, operator: bool, entries: int
) -> VantageRow:
    changeable = operator and row.retired_at is None
    missing = row.retired_at is None and not row.has_worker
    return VantageRow(
        name=row.name,
        where=f"{row.zone.name}, level {row.zone.level:g}" if row.zone else "internet",
        worker=_worker(row),
        band="out_of_cycle" if missing else "",
        seen_at=row.seen_at,
        seen_as=row.seen_as,
        entries=entries,
        command=f"manage.py vantage {row.workspace_id} {row.pk}"
        if row.own_worker and changeable
        else "",
        rename_url=link(request, "exposure:rename-vantage", vantage=row.pk)
        if changeable
        else "",
        retire_url=link(request, "exposure:retire-vantage", vantage=row.pk)
        if changeable
        else "",
    )


def _worker(row: Vantage) -> str:
    if row.retired_at is not None:
        return "Retired"
    if not row.own_worker:
        return "This installation"
    if row.has_worker:
        return "There"
    return "Not heard of" if row.seen_at else "Never came"


def _permissions(
    request: MemberRequest, *, operator: bool
) -> list[tuple[Authorisation, str]]:
    """Return the authorisations with the address that changes their rule for inside."""
    return [
        (
            row,
            link(request, "exposure:scope-inside", authorisation=row.pk)
            if operator
            else "",
        )
        for row in Authorisation.objects.select_related("site").order_by("reference")
    ]


def _zones() -> list[Zone]:
    return list(Zone.objects.order_by("-level", "name"))
