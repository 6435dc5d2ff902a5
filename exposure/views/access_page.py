"""What the page of credentials and vendors shows."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from exposure.models import (
    Credential,
    CredentialPlace,
    PlaceUse,
    Service,
    Vantage,
    VendorAccess,
)
from exposure.services import vendors
from exposure.views.links import link
from exposure.views.service_words import words_of
from tenants.access import MemberRequest

MOST_NAMES = 12
"""Of assets, in a list; the page of one credential names them all."""


@dataclass(frozen=True, slots=True)
class Named:
    """Names, shortened: the first few and how many more there are."""

    names: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One credential; the fields are described in exposure/access/list.html."""

    name: str
    site: str
    kind: str
    held_on: Named
    stored: bool
    opens: Named
    mfa: bool
    basis: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class VendorRow:
    """One access of a vendor; the fields are described in exposure/access/list.html."""

    vendor: str
    site: str
    leads_to: str
    ports: str
    conduit: str
    entry: str
    seen: list[str]
    last_seen: dt.datetime | None
    opened: str
    until: dt.date | None
    is_past: bool
    still_answers: bool
    mfa: bool
    basis: str
    source: str
    url: str


def known_credentials() -> QuerySet[Credential]:
    """Return the credentials that the reader may see, by plant and name."""
    places = CredentialPlace.objects.select_related("asset", "zone")
    rows = Credential.objects.select_related("site")
    return rows.prefetch_related(Prefetch("places", places)).order_by(
        "site__name", "name", "pk"
    )


def credential_rows(
    request: MemberRequest, rows: Iterable[Credential], *, most: int = MOST_NAMES
) -> list[CredentialRow]:
    """Return what is shown of credentials, with so many names of assets each."""
    return [_credential(request, row, most=most) for row in rows]


def _credential(request: MemberRequest, row: Credential, *, most: int) -> CredentialRow:
    places = list(row.places.all())
    held = [each for each in places if each.use == PlaceUse.HELD]
    opened = [each for each in places if each.use == PlaceUse.OPENS]
    return CredentialRow(
        name=row.name,
        site=row.site.name,
        kind="The same password everywhere"
        if row.shared
        else "The sign-in of one person",
        held_on=_named(held, most=most),
        stored=row.stored,
        opens=_named(opened, most=most),
        mfa=row.mfa,
        basis=row.basis,
        source=row.source,
        url=link(request, "exposure:credential", credential=row.pk),
    )


def _named(places: list[CredentialPlace], *, most: int) -> Named:
    names = sorted(
        each.asset.name if each.asset else f"every login in {each.zone}"
        for each in places
        if each.asset or each.zone
    )
    return Named(names[:most], max(0, len(names) - most))


def known_accesses() -> QuerySet[VendorAccess]:
    """Return the register of vendors' access that the reader may see, by vendor."""
    rows = VendorAccess.objects.select_related(
        "site__workspace", "entry", "to_zone", "to_asset", "conduit"
    )
    return rows.order_by("vendor", "site__name", "pk")


def vendor_rows(
    request: MemberRequest, rows: Iterable[VendorAccess]
) -> list[VendorRow]:
    """Return what is shown of vendors' access."""
    found = list(rows)
    answering = vendors.answering(found)
    # A vantage out of the reader's sight stands in a plant, so it is none of these.
    internet = set(Vantage.objects.filter(zone=None).values_list("pk", flat=True))
    return [
        _vendor(
            request,
            row,
            answering=answering[row.pk],
            outside=[each for each in answering[row.pk] if each.vantage_id in internet],
        )
        for row in found
    ]


def _vendor(
    request: MemberRequest,
    row: VendorAccess,
    *,
    answering: list[Service],
    outside: list[Service],
) -> VendorRow:
    is_past = row.is_past(vendors.today_at(row.site))
    leads_to = row.to_zone or row.to_asset
    return VendorRow(
        vendor=row.vendor,
        site=row.site.name,
        leads_to=leads_to.name if leads_to else "",
        ports=", ".join(str(port) for port in row.ports),
        conduit=row.conduit.name if row.conduit else "",
        entry=row.entry.name if row.entry else "",
        seen=[f"{each.port_name} {words_of(each)}" for each in outside],
        last_seen=max((each.last_seen for each in outside), default=None),
        opened=row.get_opened_display(),
        until=row.until,
        is_past=is_past,
        still_answers=is_past and bool(answering),
        mfa=row.mfa,
        basis=row.basis,
        source=row.source,
        url=link(request, "exposure:vendor-access", vendor_access=row.pk),
    )
