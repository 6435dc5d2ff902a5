"""The workspace switcher: where a person gets in, found by a few letters."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page
from tenants.models import GroupSeat, Membership, User

MOST, MOST_TEXT = 20, 80


@require_safe
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Show the reader's own workspaces and groups, twenty at most; htmx gets the list alone."""
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the decorator
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:MOST_TEXT]
    rows = (
        Membership.objects.current()
        .select_related("workspace__provider")
        .filter(user=request.user)
        .order_by("workspace__name")
    )
    if text:
        rows = rows.filter(workspace__name__icontains=text)
    seats = GroupSeat.objects.select_related("group__provider").filter(
        user=request.user, group__name__icontains=text
    )
    found = list(rows[: MOST + 1])
    context = {
        "q": text,
        "rows": found[:MOST],
        "seats": seats.order_by("group__name")[:MOST],
        "more": len(found) > MOST,
    }
    return render_page(
        request, "tenants/switch.html", context, piece="tenants/_workspaces.html"
    )
