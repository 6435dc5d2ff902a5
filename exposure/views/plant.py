"""Page: zones and assets."""

from dataclasses import fields

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.views.links import link
from exposure.views.plant_page import plant_page
from tenants.access import MemberRequest, needs
from tenants.rights import Right


@require_safe
@needs(Right.READ)
def plant(request: MemberRequest) -> HttpResponse:
    """Show what stands where, what may talk to what, and what a stop costs."""
    page = plant_page(
        number=request.GET.get("page"),
        with_asset=request.GET.get("asset", ""),
        finding_url=lambda ref: link(request, "workflows:finding", ref=ref),
        onward_url=lambda key: link(request, "exposure:onward", asset=key),
        control_url=lambda key: link(request, "exposure:control", control=key),
    )
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    return render_page(request, "exposure/plant/detail.html", context)
