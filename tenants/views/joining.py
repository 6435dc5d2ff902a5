"""Accepting an invitation of any kind: the link proves the mailbox, a click accepts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from common.errors import DomainError
from tenants.models import IdentityProvider, Provider, User
from tenants.services.accounts import open_account
from tenants.services.sign_on.questions import Waiting

GONE, UNPROCESSABLE = 404, 422


@dataclass(frozen=True, slots=True)
class Offered:
    """What an invitation offers, in words, and how it is taken.

    `accept` gives it to somebody and returns where they go on; it raises a DomainError
    when the invitation works no more.
    """

    provider: Provider
    email: str
    name: str
    title: str
    text: str
    accept: Callable[[User], str]
    company: "Company | None" = None


@dataclass(frozen=True, slots=True)
class Company:
    """The sign-in of the customer that invites: another way to take the offer.

    `waits` came through it with the invited address; `enter` links the new account to
    them and signs it in.
    """

    slug: str
    providers: Sequence[IdentityProvider]
    waits: Waiting | None
    enter: Callable[[User], None]


def answer(request: HttpRequest, offered: Offered) -> HttpResponse:
    """Show an invitation; a POST accepts it. Looking at it changes nothing."""
    # Whose look the page has, see tenants.context.
    request.offering = offered.provider  # type: ignore[attr-defined]
    if request.method == "POST":
        return _accept(request, offered)
    return _page(request, offered)


def gone(request: HttpRequest) -> HttpResponse:
    """Say that a link works no more: the same words for every reason."""
    return render(request, "tenants/join_gone.html", status=GONE)


def _accept(request: HttpRequest, offered: Offered) -> HttpResponse:
    user = _who(request)
    if user is not None and user.email != offered.email:
        logout(request)
        return redirect(request.path)
    company = offered.company if user is None else None
    through = (
        company is not None
        and company.waits is not None
        and request.POST.get("through") == "1"
    )
    try:
        # Both or neither: no account is left behind by an offer that was withdrawn.
        with transaction.atomic():
            if user is None:
                user = open_account(
                    offered.email,
                    name=request.POST.get("name", ""),
                    password=None if through else request.POST.get("password", ""),
                )
            on = offered.accept(user)
            if company is not None and through:
                company.enter(user)
    except DomainError as error:
        return _page(request, offered, error=str(error))
    return redirect(on)


def _page(request: HttpRequest, offered: Offered, *, error: str = "") -> HttpResponse:
    back = {"next": request.path}
    context = {
        "offered": offered,
        "user": _who(request),
        "known": User.objects.filter(email=offered.email).exists(),
        "login_url": f"{reverse('account_login')}?{urlencode(back)}",
        "error": error,
    }
    status = UNPROCESSABLE if error else 200
    return render(request, "tenants/join.html", context, status=status)


def _who(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
