"""What every page knows: the workspace and what the reader is in it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenants.access import staff_may
from tenants.models import Provider, Staff
from tenants.rights import ProviderRight
from tenants.services.branding import DEFAULT, Brand, brand_of


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Give templates `workspace`, `membership` and `acting_as`; all are None outside one.

    On a provider's own pages `staff_rights` says what the reader may there. `brand` is
    the look of the provider whose page it is, our own on pages of nobody.
    """
    staff: Staff | None = getattr(request, "staff", None)
    return {
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "acting_as": getattr(request, "acting_as", None),
        "staff_rights": {
            right.value: staff_may(staff, right) for right in ProviderRight
        }
        if staff
        else {},
        "brand": brand_for(request),
        "passkeys": settings.PASSKEYS,
    }


def brand_for(request: HttpRequest) -> Brand:
    """Return the look of the provider that a request has to do with."""
    place = getattr(request, "workspace", None) or getattr(request, "group", None)
    provider: Provider | None = (
        place.provider
        if place is not None
        else getattr(request, "provider", getattr(request, "offering", None))
    )
    return DEFAULT if provider is None else brand_of(provider)
