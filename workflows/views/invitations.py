"""Invitations on the page of who gets in: made, confirmed and taken back."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from common.errors import DomainError, NotAllowed
from tenants.access import MemberRequest, needs
from tenants.rights import Right
from tenants.services import invitations
from workflows.forms import InviteForm
from workflows.views.members import (
    act,
    members_page,
    site_choices,
    sites_here,
    to_members,
)


@require_POST
@needs(Right.INVITE)
def invite(request: MemberRequest) -> HttpResponse:
    """Offer somebody a place."""
    form = InviteForm(request.POST, sites=site_choices())
    if not form.is_valid():
        return members_page(request, invite_form=form)
    try:
        row = invitations.invite(
            form.cleaned_data["email"],
            form.offer(),
            name=form.cleaned_data["name"],
            by=request.membership,
            sites=sites_here(),
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        form.add_error(None, str(error))
        return members_page(request, invite_form=form)
    done = "waits for an administrator" if row.state == "held" else "is on its way"
    messages.success(request, f"The invitation of {row.email} {done}.")
    return to_members(request)


@require_POST
@needs(Right.CONFIRM)
def confirm(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Let an invitation of the provider go out."""
    return act(
        request,
        lambda: invitations.confirm(invitation_id, by=request.membership),
        "The invitation is on its way.",
    )


@require_POST
@needs(Right.INVITE)
def withdraw(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Take an invitation back."""
    return act(
        request,
        lambda: invitations.withdraw(invitation_id, by=request.membership),
        "The invitation is withdrawn.",
    )
