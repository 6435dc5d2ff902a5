"""How somebody has shown who they are in this session, and how long ago."""

import datetime as dt
import uuid
from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from tenants.models import User
from tenants.services.sign_on.sessions import only

Type = Authenticator.Type
WINDOW = dt.timedelta(seconds=300)
SECOND = "mfa"  # the library's word for every factor that is not a password
COMPANY = "sign_on"  # our word for an identity provider of the customer's


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What was shown within the last five minutes: "password", "totp", "webauthn" ...

    A sign-in through the company is named after its issuer: "oidc:https://...".
    """

    factors: tuple[str, ...]
    needs_second: bool

    @property
    def is_fresh(self) -> bool:
        """Whether that is enough to sign: who has a second factor must have shown it.

        One of their own: who runs the company's sign-in could sign for them otherwise.
        """
        if self.needs_second:
            return any(
                factor != "password" and ":" not in factor for factor in self.factors
            )
        return bool(self.factors)


def authenticated(request: HttpRequest, *, now: dt.datetime) -> Authenticated:
    """Return what the person showed in this session within the window before `now`."""
    assert isinstance(request.user, User)  # noqa: S101 - only members come here
    earliest = (now - WINDOW).timestamp()
    here = getattr(request, "workspace", None)
    records = get_authentication_records(request, request.user)
    recent = [
        row
        for row in records
        if row["at"] >= earliest
        # A company vouches for its people in its own workspace, and in no other.
        and (row["method"] != COMPANY or (here and row["workspace"] == str(here.pk)))
    ]
    factors = sorted({str(row.get("type") or row["method"]) for row in recent})
    return Authenticated(tuple(factors), needs_second=is_mfa_enabled(request.user))


def is_strong(request: HttpRequest, *, at: uuid.UUID | None = None) -> bool:
    """Whether a second factor or a passkey was shown in this session at any time.

    `at` a workspace, a sign-in through its company counts too, where its administrators
    said that it asks for one.
    """
    records = get_authentication_records(request, request.user)
    return any(
        row["method"] == SECOND
        or (
            at is not None
            and row["method"] == COMPANY
            and row["workspace"] == str(at)
            and row["strong"]
        )
        for row in records
    )


def ask_again(request: HttpRequest, *, back_to: str) -> HttpResponse:
    """Send to where people confirm who they are; from there they come back to a page."""
    query = urlencode({"next": back_to})
    path = f"{_where(request)}?{query}"
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(path)
    return HttpResponseRedirect(path)


def ask_for_second(request: HttpRequest) -> HttpResponse:
    """Send somebody who needs a second factor to show it, or to set one up."""
    if is_mfa_enabled(request.user):
        safe = request.method in {"GET", "HEAD"}
        return ask_again(request, back_to=request.path if safe else "/")
    return HttpResponseRedirect(f"{reverse('mfa_index')}?required=1")


def _where(request: HttpRequest) -> str:
    if not is_mfa_enabled(request.user):
        bound = only(request)
        if bound is not None:
            return reverse("tenants:sso-door", args=[bound.slug])
        return reverse("account_reauthenticate")
    if settings.PASSKEYS and not is_mfa_enabled(request.user, [Type.TOTP]):
        return reverse("mfa_reauthenticate_webauthn")
    return reverse("mfa_reauthenticate")
