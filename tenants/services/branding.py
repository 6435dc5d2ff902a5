"""The look of a provider: set by its administrators, shown to its customers' people."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from common.errors import InvalidInput, NotAllowed
from tenants.access import staff_may
from tenants.logic import brand
from tenants.models import (
    GroupSeat,
    Membership,
    Provider,
    ProviderLogo,
    Staff,
    User,
)
from tenants.rights import ProviderRight
from tenants.services import logos, provider_record
from tenants.services.accounts import mail_address
from tenants.services.ledger import Change

OURS = "Sightline"
FIELDS = ("product_name", "accent", "accent_dark", "mail_name", "mail_address")


@dataclass(frozen=True, slots=True)
class Brand:
    """What pages and mails need of a look; empty addresses are our own look."""

    name: str = OURS
    css_url: str = ""
    logo_url: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What an administrator asks for; empty texts are our own."""

    product_name: str = ""
    accent: str = ""
    accent_dark: str = ""
    mail_name: str = ""
    mail_address: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody has sent as the logo."""

    file: logos.Readable
    size: int


DEFAULT = Brand()


@transaction.atomic
def set_look(
    look: Look, *, by: Staff, logo: Upload | None = None, no_logo: bool = False
) -> Provider:
    """Set how the product looks to a provider's customers.

    Without a `logo` the present one stays, unless `no_logo`. Raises NotAllowed, and
    InvalidInput naming the field that will not do.
    """
    if not staff_may(by, ProviderRight.BRAND):
        raise NotAllowed(f"Your role may not {ProviderRight.BRAND.label}.")
    row = Provider.objects.select_for_update().get(pk=by.provider_id)
    before = _shown(row)
    row.product_name = brand.product_name(look.product_name)
    row.accent, row.accent_dark = brand.accents(look.accent, look.accent_dark)
    row.mail_name = brand.sender_name(look.mail_name)
    row.mail_address = _sender_address(look.mail_address)
    _set_logo(row, logo, no_logo=no_logo)
    row.save(update_fields=[*FIELDS, "logo_hash"])
    after = _shown(row)
    if after != before:
        provider_record.note(
            row,
            "brand.changed",
            about="provider",
            by=by.user,
            text=f"{by.user} changed the look.",
            change=Change(before=before, after=after),
        )
    return row


def brand_of(provider: Provider) -> Brand:
    """Return a provider's look, for pages and mails."""
    return Brand(
        name=provider.product_name or OURS,
        css_url=_address(provider, "css") if provider.accent else "",
        logo_url=_address(provider, "png") if provider.logo_hash else "",
    )


def sender_of(provider: Provider) -> str:
    """Return the From line of mails to a provider's customers.

    The address is ours unless the operator of this installation has listed its domain;
    that is asked at each mail, because the list may have changed.
    """
    if not provider.mail_name and not provider.mail_address:
        return str(settings.DEFAULT_FROM_EMAIL)
    own = provider.mail_address
    ours = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    address = own if own and _is_listed(own) else ours
    return brand.sender(provider.mail_name or provider.product_name or OURS, address)


def provider_of(user: User) -> Provider | None:
    """Return the one provider that a person has to do with; None for none or several."""
    found: set[Provider] = set()
    for employment in Staff.objects.select_related("provider").filter(user=user):
        found.add(employment.provider)
    places = Membership.objects.current().select_related("workspace__provider")
    found |= {place.workspace.provider for place in places.filter(user=user)}
    seats = GroupSeat.objects.select_related("group__provider").filter(user=user)
    found |= {seat.group.provider for seat in seats}
    return found.pop() if len(found) == 1 else None


def stylesheet(provider: Provider) -> str:
    """Return the stylesheet that sets the accent; empty for our own."""
    if not provider.accent:
        return ""
    return brand.stylesheet(provider.accent, provider.accent_dark)


def is_key(provider: Provider, kind: str, key: str) -> bool:
    """Whether an address names what is there now; nobody can make one up."""
    return constant_time_compare(key, _key(provider, kind))


def _key(provider: Provider, kind: str) -> str:
    """Return what stands in an address: it changes with the content, and is secret."""
    content = stylesheet(provider) if kind == "css" else provider.logo_hash
    text = f"{provider.pk} {kind} {content}"
    return salted_hmac("brand", text, algorithm="sha256").hexdigest()[:40]


def _address(provider: Provider, kind: str) -> str:
    return reverse(f"tenants:brand-{kind}", args=[provider.pk, _key(provider, kind)])


def _set_logo(row: Provider, logo: Upload | None, *, no_logo: bool) -> None:
    if logo is not None:
        png = logos.encode(logo.file, size=logo.size)
        row.logo_hash = hashlib.sha256(png).hexdigest()
        ProviderLogo.objects.update_or_create(provider=row, defaults={"png": png})
    elif no_logo:
        row.logo_hash = ""
        ProviderLogo.objects.filter(provider=row).delete()


def _sender_address(text: str) -> str:
    if not text.strip():
        return ""
    try:
        address = mail_address(text)
    except InvalidInput as error:
        raise InvalidInput("mail_address", error.message) from error
    if not _is_listed(address):
        raise InvalidInput(
            "mail_address",
            "Mails cannot be sent from this domain. The operator of this installation "
            "lists those that can.",
        )
    return address


def _is_listed(address: str) -> bool:
    return address.rpartition("@")[2] in settings.SENDER_DOMAINS


def _shown(row: Provider) -> dict[str, str]:
    return {name: getattr(row, name) for name in FIELDS} | {"logo": row.logo_hash[:12]}
