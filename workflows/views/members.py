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
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.errors import DomainError, NotAllowed
from exposure.models import Site
from tenants.access import MemberRequest, may, needs
from tenants.entrance import LOOK
from tenants.logic import ladder
from tenants.models import (
    ActingAs,
    Invitation,
    InvitationState,
    Membership,
    Role,
    Visit,
)
from tenants.rights import Right
from tenants.services import acting, invitations, people, workspaces
from workflows.forms import InviteForm, OfferForm
from workflows.views.wording import counted

LAST = 30
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Person:
    """One of the customer's people; `form` changes the place, None if the reader may not."""

    row: Membership
    sites: str
    form: OfferForm | None
    may_look: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """One of the provider's people, and whether the reader may end the access."""

    row: Membership
    may_end: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is open or has run out, and what the reader may do with it."""

    row: Invitation
    is_over: bool
    may_confirm: bool
    may_withdraw: bool


@require_safe
@needs(Right.ACCESS)
def members(request: MemberRequest) -> HttpResponse:
    """Show who gets in, and who of the provider was here."""
    return members_page(request)


@require_POST
@needs(Right.PEOPLE)
def change(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """Give somebody another place."""
    get_object_or_404(Membership, workspace=request.workspace, user=person_id)
    form = OfferForm(request.POST, sites=site_choices())
    if not form.is_valid():
        return members_page(request, refused=form)
    return act(
        request,
        lambda: people.change(
            person_id, form.offer(), by=request.membership, sites=sites_here()
        ),
        "The place is changed.",
    )


@require_POST
@needs(Right.PEOPLE)
def remove(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """Take somebody out."""
    return act(
        request,
        lambda: people.remove(person_id, by=request.membership),
        "The person gets in no more.",
    )


@require_POST
@needs(Right.END)
def end_access(request: MemberRequest, person_id: uuid.UUID) -> HttpResponse:
    """End the access of somebody of the provider."""
    return act(
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
        return to_members(request)
    request.session[LOOK] = str(begun.pk)
    return redirect("workflows:today", workspace=request.workspace.slug)


@require_POST
@needs(Right.ACT_AS)
def stop_looking(request: MemberRequest) -> HttpResponse:
    """End the look; runs with the own place again."""
    acting.end(by=request.membership)
    request.session.pop(LOOK, None)
    return to_members(request)


stop_looking.ends_acting = True  # type: ignore[attr-defined]  # see tenants.entrance


@require_POST
@needs(Right.SECURE)
def second_factor(request: MemberRequest) -> HttpResponse:
    """Say which roles need a second factor."""
    roles = request.POST.getlist("roles")
    return act(
        request,
        lambda: workspaces.require_second_factor(roles, by=request.membership),
        "Noted. It counts from the next page on.",
    )


def act(
    request: MemberRequest, service: Callable[[], object], done: str
) -> HttpResponse:
    attempt(request, service, done)
    return to_members(request)


def to_members(request: MemberRequest) -> HttpResponse:
    return redirect("workflows:members", workspace=request.workspace.slug)


def members_page(
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
    ends, place = may(me, Right.END), people.place_of(me)
    theirs = [
        Guest(row, ends and ladder.may_end(place, people.place_of(row)))
        for row in rows
        if row.is_provider
    ]
    new = invite_form or InviteForm(sites=[*names.items()])
    context: dict[str, Any] = {
        "people": ours,
        "provider_people": theirs,
        "invitations": _invited(me),
        "invite_form": new if may(me, Right.INVITE) else None,
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
    known = [names[str(site)] for site in row.site_ids if str(site) in names]
    others = len(row.site_ids) - len(known)
    if others:  # sites that the reader may not read about, or that are gone
        known.append(counted(others, "other site"))
    sites = ", ".join(known)
    return Person(row, sites or "all sites", form, may_look=may(me, Right.ACT_AS))


def _invited(me: Membership) -> list[Invited]:
    now, place = timezone.now(), people.place_of(me)
    rows = Invitation.objects.filter(state__in=invitations.OPEN).order_by("email")
    return [
        Invited(
            row,
            is_over=row.state == InvitationState.SENT and row.expires_at <= now,
            may_confirm=row.state == InvitationState.HELD and may(me, Right.CONFIRM),
            may_withdraw=may(me, Right.INVITE)
            and ladder.may_withdraw(
                place,
                from_provider=row.from_provider,
                vouched=row.vouched_by_id is not None,
            ),
        )
        for row in rows
    ]


def site_choices() -> list[tuple[str, str]]:
    return [(str(site.pk), site.name) for site in Site.objects.order_by("name")]


def sites_here() -> frozenset[uuid.UUID]:
    return frozenset(Site.objects.values_list("pk", flat=True))
