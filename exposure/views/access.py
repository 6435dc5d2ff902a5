"""Pages: who can sign in where, and which vendors come in. Names, never a secret."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.htmx import render_page
from exposure.forms.access import CredentialForm, VendorForm
from exposure.models import Credential, Site, VendorAccess, Zone
from exposure.services import credentials, vendors
from exposure.services.access_words import MOST_NAMED
from exposure.views.access_page import (
    credential_rows,
    known_accesses,
    known_credentials,
    vendor_rows,
)
from exposure.views.links import link
from exposure.views.submitting import REFUSED, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

ON_A_PAGE = 50
AccessForm = CredentialForm | VendorForm


@require_safe
@needs(Right.READ)
def access(request: MemberRequest) -> HttpResponse:
    """Show the credentials of the plants and the remote access of vendors."""
    return _page(request)


@require_POST
@needs(Right.OPERATE)
def add_credential(request: MemberRequest) -> HttpResponse:
    """Describe one more credential."""
    form = _credential_form(request)
    done = submit(
        form,
        lambda _: credentials.add_credential(
            form.site_id(), form.text(), by=request.membership
        ),
    )
    if not done:
        return _page(request, credential_form=form)
    messages.success(request, "The credential is described.")
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def add_vendor(request: MemberRequest) -> HttpResponse:
    """Register one more access of a vendor."""
    form = _vendor_form(request)
    done = submit(
        form,
        lambda _: vendors.add_vendor_access(
            form.site_id(), form.text(), by=request.membership
        ),
    )
    if not done:
        return _page(request, vendor_form=form)
    messages.success(request, "The access is in the register.")
    return _back(request)


@require_safe
@needs(Right.READ)
def credential(request: MemberRequest, credential: uuid.UUID) -> HttpResponse:
    """Show one credential; who describes the plant changes it there."""
    return _one_credential(request, _credential(credential))


@require_safe
@needs(Right.READ)
def vendor(request: MemberRequest, vendor_access: uuid.UUID) -> HttpResponse:
    """Show one access of a vendor; who describes the plant changes it there."""
    return _one_vendor(request, _vendor(vendor_access))


@require_POST
@needs(Right.OPERATE)
def change_credential(request: MemberRequest, credential: uuid.UUID) -> HttpResponse:
    """Say something else about a credential."""
    row = _credential(credential)
    form = _credential_form(request, sites=[row.site])
    done = submit(
        form,
        lambda _: credentials.change_credential(
            row.pk, form.text(), by=request.membership
        ),
    )
    if not done:
        return _one_credential(request, row, form=form)
    messages.success(request, "The credential is changed.")
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def change_vendor(request: MemberRequest, vendor_access: uuid.UUID) -> HttpResponse:
    """Say something else about a vendor's access."""
    row = _vendor(vendor_access)
    form = _vendor_form(request, sites=[row.site])
    done = submit(
        form,
        lambda _: vendors.change_vendor_access(
            row.pk, form.text(), by=request.membership
        ),
    )
    if not done:
        return _one_vendor(request, row, form=form)
    messages.success(request, "The access is changed.")
    return _back(request)


@require_POST
@needs(Right.OPERATE)
def remove_credential(request: MemberRequest, credential: uuid.UUID) -> HttpResponse:
    """Forget a credential."""
    return _removed(
        request,
        lambda: credentials.remove_credential(credential, by=request.membership),
        "The credential is removed.",
    )


@require_POST
@needs(Right.OPERATE)
def remove_vendor(request: MemberRequest, vendor_access: uuid.UUID) -> HttpResponse:
    """Take a vendor's access out of the register."""
    return _removed(
        request,
        lambda: vendors.remove_vendor_access(vendor_access, by=request.membership),
        "The access is taken out of the register.",
    )


def _removed(
    request: MemberRequest, service: Callable[[], None], done: str
) -> HttpResponse:
    attempt(request, service, done)
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    return HttpResponseRedirect(link(request, "exposure:access"))


def _credential(pk: uuid.UUID) -> Credential:
    found: Credential = get_object_or_404(known_credentials(), pk=pk)
    return found


def _vendor(pk: uuid.UUID) -> VendorAccess:
    found: VendorAccess = get_object_or_404(known_accesses(), pk=pk)
    return found


def _sites() -> list[Site]:
    return list(Site.objects.order_by("name"))


def _zones(sites: list[Site]) -> list[Zone]:
    return list(Zone.objects.filter(site__in=sites).order_by("-level", "name", "pk"))


def _credential_form(
    request: MemberRequest, *, sites: list[Site] | None = None
) -> CredentialForm:
    sites = _sites() if sites is None else sites
    return CredentialForm(
        request.POST, sites=sites, zones=_zones(sites), prefix="credential"
    )


def _vendor_form(
    request: MemberRequest, *, sites: list[Site] | None = None
) -> VendorForm:
    sites = _sites() if sites is None else sites
    return VendorForm(request.POST, sites=sites, zones=_zones(sites), prefix="vendor")


def _page(request: MemberRequest, **refused: AccessForm) -> HttpResponse:
    asked = request.GET
    page = Paginator(known_credentials(), ON_A_PAGE).get_page(asked.get("page"))
    vendor_page = Paginator(known_accesses(), ON_A_PAGE).get_page(asked.get("vendors"))
    context = {
        "page": page,
        "credentials": credential_rows(request, page),
        "vendor_page": vendor_page,
        "vendors": vendor_rows(request, vendor_page),
        "plant_url": link(request, "exposure:plant"),
        "add_credential_url": link(request, "exposure:add-credential"),
        "add_vendor_url": link(request, "exposure:add-vendor-access"),
        **(_empty_forms() if may(request.membership, Right.OPERATE) else {}),
        **refused,
    }
    status = REFUSED if refused else 200
    return render_page(request, "exposure/access/list.html", context, status=status)


def _empty_forms() -> dict[str, AccessForm]:
    """Return new forms; where there is no plant yet, there is nothing to describe."""
    sites = _sites()
    if not sites:
        return {}
    zones = _zones(sites)
    return {
        "credential_form": CredentialForm(
            sites=sites, zones=zones, prefix="credential"
        ),
        "vendor_form": VendorForm(sites=sites, zones=zones, prefix="vendor"),
    }


def _one_credential(
    request: MemberRequest, row: Credential, *, form: CredentialForm | None = None
) -> HttpResponse:
    form = form or CredentialForm(
        initial=CredentialForm.filled(row),
        sites=[row.site],
        zones=_zones([row.site]),
        prefix="credential",
    )
    (shown,) = credential_rows(request, [row], most=2 * MOST_NAMED)
    addresses = {
        "change_url": link(request, "exposure:change-credential", credential=row.pk),
        "remove_url": link(request, "exposure:remove-credential", credential=row.pk),
    }
    context = {"row": shown, "title": row.name, **addresses}
    return _one(request, "exposure/access/credential.html", context, form)


def _one_vendor(
    request: MemberRequest, row: VendorAccess, *, form: VendorForm | None = None
) -> HttpResponse:
    form = form or VendorForm(
        initial=VendorForm.filled(row),
        sites=[row.site],
        zones=_zones([row.site]),
        prefix="vendor",
    )
    (shown,) = vendor_rows(request, [row])
    addresses = {
        "change_url": link(
            request, "exposure:change-vendor-access", vendor_access=row.pk
        ),
        "remove_url": link(
            request, "exposure:remove-vendor-access", vendor_access=row.pk
        ),
    }
    context = {"row": shown, "title": row.vendor, **addresses}
    return _one(request, "exposure/access/vendor.html", context, form)


def _one(
    request: MemberRequest, page: str, context: dict[str, object], form: AccessForm
) -> HttpResponse:
    shown = {
        **context,
        "form": form if may(request.membership, Right.OPERATE) else None,
        "back_url": link(request, "exposure:access"),
    }
    return render(request, page, shown, status=REFUSED if form.is_bound else 200)
