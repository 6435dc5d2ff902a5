"""What a customer's group sees of it: the page on which an administrator decides."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, NotAllowed
from tenants.access import MemberRequest, may, needs
from tenants.models import GroupSeat
from tenants.rights import Right
from tenants.services import sharing


@require_safe
@needs(Right.ACCESS)
def group_of(request: MemberRequest) -> HttpResponse:
    """Show which group the workspace is in, who sees its counts, and whether."""
    seats = GroupSeat.objects.none()
    if request.workspace.group_id:
        rows = GroupSeat.objects.select_related("user")
        seats = rows.filter(group_id=request.workspace.group_id).order_by("user__name")
    context = {
        "group": request.workspace.group,
        "seats": seats,
        "may_share": may(request.membership, Right.SHARE),
        "may_withdraw": may(request.membership, Right.UNSHARE),
    }
    return render(request, "tenants/sharing.html", context)


@require_POST
@needs(Right.SHARE)
def share(request: MemberRequest) -> HttpResponse:
    """Let the group see the counts."""
    try:
        sharing.share(request.POST.get("group", ""), by=request.membership)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The group sees the counts, and nothing else.")
    return redirect("tenants:sharing", workspace=request.workspace.slug)


@require_POST
@needs(Right.UNSHARE)
def unshare(request: MemberRequest) -> HttpResponse:
    """End what the group sees."""
    sharing.withdraw(by=request.membership)
    messages.success(request, "The group sees nothing of this workspace.")
    return redirect("tenants:sharing", workspace=request.workspace.slug)
