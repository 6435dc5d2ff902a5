"""The mail that offers somebody a place: in a provider's look, with a link that works once."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from common.plain_text import one_line
from tenants.models import Invitation, Provider, ProviderInvitation
from tenants.services.accounts import MAX_NAME
from tenants.services.branding import brand_of, sender_of


def send_offer(
    kind: str,
    row: Invitation | ProviderInvitation,
    *,
    provider: Provider,
    place: str,
    link: str,
    more: Mapping[str, Any],
) -> None:
    """Send it now. `kind` names the templates, `link` is the path that takes the place.

    Raises what the mail server answers.
    """
    context = {
        "provider": provider.name,
        "product": brand_of(provider).name,
        "role": row.get_role_display().lower(),
        "until": row.expires_at,
        "url": f"{settings.SITE_URL}{link}",
        **more,
    }
    mail = EmailMultiAlternatives(
        subject=f"Your place at {one_line(place, limit=MAX_NAME)}",
        body=render_to_string(f"emails/{kind}/body.txt", context),
        from_email=sender_of(provider),
        to=[row.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(
        render_to_string(f"emails/{kind}/body.html", context), "text/html"
    )
    mail.send()
