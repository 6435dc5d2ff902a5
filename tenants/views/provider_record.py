"""The record of a provider: what its people changed outside of any workspace."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.access import StaffRequest, staff_needs
from tenants.models import ProviderEvent
from tenants.rights import ProviderRight

PER_PAGE = 50


@require_safe
@staff_needs(ProviderRight.RECORD)
def record(request: StaffRequest) -> HttpResponse:
    """Show what was changed at the provider, the newest first."""
    rows = ProviderEvent.objects.filter(provider=request.provider)
    page = Paginator(rows.order_by("-at", "-id"), PER_PAGE)
    context = {
        "provider": request.provider,
        "page": page.get_page(request.GET.get("page")),
    }
    return render(request, "tenants/provider/record.html", context)
