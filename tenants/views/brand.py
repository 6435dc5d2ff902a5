"""A provider's look: the page on which it is set, and the two files that carry it."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, InvalidInput, NotAllowed
from tenants.access import StaffRequest, staff_needs
from tenants.logic import brand as colours
from tenants.models import Provider, ProviderLogo
from tenants.rights import ProviderRight
from tenants.services import branding
from tenants.services.branding import FIELDS, Look, Upload

UNPROCESSABLE = 422
# Never shared with a proxy: the answer may carry the cookie of a session.
FOREVER = "private, max-age=31536000, immutable"


@require_safe
@staff_needs(ProviderRight.BRAND)
def brand(request: StaffRequest) -> HttpResponse:
    """Show the look."""
    return _page(request, {name: getattr(request.provider, name) for name in FIELDS})


@require_POST
@staff_needs(ProviderRight.BRAND)
def set_brand(request: StaffRequest) -> HttpResponse:
    """Set the look; what will not do is named beside its field."""
    typed = {name: request.POST.get(name, "")[:300] for name in FIELDS}
    sent = request.FILES.get("logo")
    upload = Upload(sent, sent.size or 0) if sent is not None else None
    try:
        branding.set_look(
            Look(**typed),
            by=request.staff,
            logo=upload,
            no_logo=request.POST.get("no_logo") == "on",
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        field = error.field if isinstance(error, InvalidInput) else ""
        return _page(request, typed, field=field, error=str(error))
    messages.success(request, "Customers see the new look from the next page on.")
    return redirect("tenants:brand", provider=request.provider.slug)


@require_safe
def brand_css(request: HttpRequest, provider_id: uuid.UUID, key: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer the stylesheet that sets a provider's accent; without its key nothing."""
    row = _found(provider_id, "css", key)
    return _file(branding.stylesheet(row).encode(), "text/css; charset=utf-8")


@require_safe
def brand_png(request: HttpRequest, provider_id: uuid.UUID, key: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a provider's logo; without its key nothing."""
    row = _found(provider_id, "png", key)
    logo = get_object_or_404(ProviderLogo, provider=row)
    return _file(bytes(logo.png), "image/png")


def _found(provider_id: uuid.UUID, kind: str, key: str) -> Provider:
    row = Provider.objects.filter(pk=provider_id).first()
    there = row is not None and (row.accent if kind == "css" else row.logo_hash)
    if row is None or not there or not branding.is_key(row, kind, key):
        raise Http404
    return row


def _file(content: bytes, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": FOREVER})


def _page(
    request: StaffRequest,
    values: dict[str, str],
    *,
    field: str = "",
    error: str = "",
) -> HttpResponse:
    row = request.provider
    context: dict[str, Any] = {
        "provider": row,
        "values": values,
        "field": field,
        "error": error,
        "sender": branding.sender_of(row),
        "contrasts": [
            (name, colour, colours.lowest_contrast(colour, theme))
            for name, colour, theme in (
                ("light pages", row.accent, colours.LIGHT),
                ("dark pages", row.accent_dark, colours.DARK),
            )
            if colour
        ],
    }
    status = UNPROCESSABLE if error else 200
    return render(request, "tenants/provider/brand.html", context, status=status)
