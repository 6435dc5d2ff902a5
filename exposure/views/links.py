"""Addresses of pages of the reader's own workspace."""

from typing import Any

from django.urls import reverse

from tenants.access import MemberRequest


def link(request: MemberRequest, view: str, **parts: Any) -> str:
    """Return the path of a page of the current workspace, such as "exposure:run"."""
    return reverse(view, kwargs={"workspace": request.workspace.slug, **parts})


def asset_link(request: MemberRequest, asset_id: str) -> str:
    """Return the address of an asset's row among zones and assets."""
    return f"{link(request, 'exposure:plant')}?asset={asset_id}#asset-{asset_id}"
