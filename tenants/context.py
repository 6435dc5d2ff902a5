"""What every page knows: the workspace and what the reader is in it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Give templates `workspace`, `membership` and `acting_as`; all are None outside one."""
    return {
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "acting_as": getattr(request, "acting_as", None),
        "passkeys": settings.PASSKEYS,
    }
