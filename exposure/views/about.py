"""The public page for strangers who saw our packets: who sends them, and how to object."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from exposure.probes.identity import CLIENT, user_agent
from exposure.services.entries import published_sources


@require_safe
def about_our_probes(request: HttpRequest) -> HttpResponse:
    """Say who we are; nobody signs in for this, and it names no customer."""
    context = {
        "sources": published_sources(),
        "client": CLIENT,
        "agent": user_agent(),
        "contact": settings.SCAN_ABUSE_CONTACT,
    }
    return render(request, "exposure/about.html", context)


about_our_probes.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware
