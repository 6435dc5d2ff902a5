"""What the sign-in library may do here: people are invited, they never sign up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as library_context
from allauth.core.context import request_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tenants.afterwards import later
from tenants.models import User
from tenants.services.account_secrets import open_text, seal_text
from tenants.services.branding import DEFAULT, brand_of, provider_of, sender_of

WAYS = {
    "reauthenticate": "Your password",
    "mfa_reauthenticate": "A code of your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "A passkey",
}


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Closes the sign-up form, and links to where we are whatever the request says."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Return False: accounts come from invitations."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Do nothing: people are known by their address."""

    def send_mail(self, template_prefix: str, email: str, context: Any) -> None:
        """Send a mail after the answer: its time must not tell which accounts exist."""
        send, request = super().send_mail, library_context.request

        def go() -> None:
            with request_context(request):  # the library's own has ended by then
                send(template_prefix, email, context)

        later(request, go)

    def render_mail(
        self,
        template_prefix: str,
        email: str,
        context: Any,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Write a mail in the look of the one provider that the person knows."""
        user = User.objects.filter(email=email).first()
        provider = provider_of(user) if user else None
        brand = brand_of(provider) if provider else DEFAULT
        mail = super().render_mail(
            template_prefix, email, {**context, "brand": brand}, headers
        )
        if provider is not None:
            mail.from_email = sender_of(provider)
        return mail

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to confirm who one is, in the words of our pages."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**way, "description": WAYS[way["id"]]} for way in ways]

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail; a forged Host header does not reach it."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[uid, token])
        return f"{settings.SITE_URL}{path}"


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Keeps the seeds of second factors sealed."""

    def encrypt(self, text: str) -> str:
        """Seal a seed for the database."""
        return seal_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a seed."""
        return open_text(encrypted_text)
