"""What every page knows: the workspace and what the reader is in it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenants.access import ProviderRight, staff_may
from tenants.models import Staff


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Give templates `workspace`, `membership` and `acting_as`; all are None outside one.

    On a provider's own pages `staff_rights` says what the reader may there.
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
        "passkeys": settings.PASSKEYS,
    }
