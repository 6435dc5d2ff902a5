"""Who gets in: people, invitations, and every access of the provider."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, NotAllowed
from exposure.models import Site
from tenants.access import MemberRequest, Right, may, needs
from tenants.entrance import LOOK
from tenants.models import ActingAs, Invitation, Membership, Role, Visit
from tenants.services import acting, invitations, people, workspaces
from workflows.forms import InviteForm, OfferForm

LAST = 30
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Person:
    """One of the customer's people; `form` changes the place, None if the reader may not."""

    row: Membership
    sites: str
    form: OfferForm | None
    may_look: bool


@require_safe
@needs(Right.ACCESS)
def members(request: MemberRequest) -> HttpResponse:
    """Show who gets in, and who of the provider was here."""
    return _page(request)


@require_POST
@needs(Right.INVITE)
def invite(request: MemberRequest) -> HttpResponse:
    """Offer somebody a place."""
    form = InviteForm(request.POST, sites=_choices())
    if not form.is_valid():
        return _page(request, invite_form=form)
    try:
        row = invitations.invite(
            form.cleaned_data["email"],
            form.offer(),
            name=form.cleaned_data["name"],
            by=request.membership,
            sites=_sites(),
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, invite_form=form)
    done = "waits for an administrator" if row.state == "held" else "is on its way"
    messages.success(request, f"The invitation of {row.email} {done}.")
    return _back(request)


@require_POST
@needs(Right.INVITE)
def confirm(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Let an invitation of the provider go out."""
    return _do(
        request,
        lambda: invitations.confirm(invitation_id, by=request.membership),
        "The invitation is on its way.",
    )


@require_POST
@needs(Right.INVITE)
def withdraw(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Take an invitation back."""
    return _do(
        request,
        lambda: invitations.withdraw(invitation_id, by=request.membership),
        "The invitation is withdrawn.",
    )


@require_POST
@needs(Right.PEOPLE)
def change(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """Give somebody another place."""
    get_object_or_404(Membership, workspace=request.workspace, user=person_id)
    form = OfferForm(request.POST, sites=_choices())
    if not form.is_valid():
        return _page(request, refused=form)
    return _do(
        request,
        lambda: people.change(
            person_id, form.offer(), by=request.membership, sites=_sites()
        ),
        "The place is changed.",
    )


@require_POST
@needs(Right.PEOPLE)
def remove(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """Take somebody out."""
    return _do(
        request,
        lambda: people.remove(person_id, by=request.membership),
        "The person gets in no more.",
    )


@require_POST
@needs(Right.PEOPLE)
def end_access(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """End the access of somebody of the provider."""
    return _do(
        request,
        lambda: people.end_access(person_id, by=request.membership),
        "The access is ended.",
    )


@require_POST
@needs(Right.LEAVE)
def leave(request: MemberRequest) -> HttpResponse:
    """Give up the own place."""
    try:
        people.leave(by=request.membership)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    messages.success(request, "You have left the workspace.")
    return redirect("workflows:home")


@require_POST
@needs(Right.ACT_AS)
def look(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """Look at the portal as one of the customer's people."""
    try:
        begun = acting.begin(
            person_id, by=request.membership, reason=request.POST.get("reason", "")
        )
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
        return _back(request)
    request.session[LOOK] = str(begun.pk)
    return redirect("workflows:today", workspace=request.workspace.slug)


@require_POST
@needs(Right.ACT_AS)
def stop_looking(request: MemberRequest) -> HttpResponse:
    """End the look; runs with the own place again."""
    acting.end(by=request.membership)
    request.session.pop(LOOK, None)
    return _back(request)


stop_looking.ends_acting = True  # type: ignore[attr-defined]  # see tenants.entrance


@require_POST
@needs(Right.SECURE)
def second_factor(request: MemberRequest) -> HttpResponse:
    """Say which roles need a second factor."""
    roles = request.POST.getlist("roles")
    return _do(
        request,
        lambda: workspaces.require_second_factor(roles, by=request.membership),
        "Noted. It counts from the next page on.",
    )


def _do(
    request: MemberRequest, service: Callable[[], object], done: str
) -> HttpResponse:
    try:
        service()
    except (Membership.DoesNotExist, Invitation.DoesNotExist) as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("workflows:members", workspace=request.workspace.slug)


def _page(
    request: MemberRequest,
    *,
    invite_form: InviteForm | None = None,
    refused: Form | None = None,
) -> HttpResponse:
    me = request.membership
    rows = (
        Membership.objects.current()
        .select_related("user", "granted_by")
        .filter(workspace=request.workspace)
        .order_by("user__name")
    )
    names = {str(site.pk): site.name for site in Site.objects.order_by("name")}
    ours = [_person(row, me, names) for row in rows if not row.is_provider]
    theirs = [row for row in rows if row.is_provider]
    new = invite_form or InviteForm(sites=[*names.items()])
    context: dict[str, Any] = {
        "people": ours,
        "provider_people": theirs,
        "may_end": me.is_admin or me.role == Role.MANAGER,
        "invitations": Invitation.objects.filter(state__in=invitations.OPEN),
        "invite_form": new if may(me, Right.INVITE) else None,
        "may_confirm": me.is_admin and may(me, Right.INVITE),
        "visits": Visit.objects.select_related("user").order_by("-hour")[:LAST],
        "looks": ActingAs.objects.select_related("actor", "person").order_by(
            "-started_at"
        )[:LAST],
        "refused": refused,
        "may_secure": may(me, Right.SECURE),
        "roles": [
            (role, role.label, role in request.workspace.second_factor_roles)
            for role in Role
        ],
    }
    bad = refused is not None or invite_form is not None
    return render(
        request,
        "workflows/members.html",
        context,
        status=UNPROCESSABLE if bad else 200,
    )


def _person(row: Membership, me: Membership, names: dict[str, str]) -> Person:
    form = None
    if may(me, Right.PEOPLE) and row.pk != me.pk:
        initial = {
            "role": row.role,
            "side": row.side,
            "sites": [str(site) for site in row.site_ids],
            "is_admin": row.is_admin,
        }
        form = OfferForm(
            initial=initial, sites=[*names.items()], auto_id=f"id_{row.pk}_%s"
        )
    sites = ", ".join(names.get(str(site), "?") for site in row.site_ids)
    return Person(row, sites or "all sites", form, may_look=may(me, Right.ACT_AS))


def _choices() -> list[tuple[str, str]]:
    return [(str(site.pk), site.name) for site in Site.objects.order_by("name")]


def _sites() -> frozenset[uuid.UUID]:
    return frozenset(Site.objects.values_list("pk", flat=True))
