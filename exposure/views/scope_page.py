"""What the page of scope and authorisation shows."""

import datetime as dt
import ipaddress
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.template.defaultfilters import pluralize
from django.utils import dateformat, timezone

from exposure.logic.consents import CONSENTS
from exposure.logic.paths.sight import ELSEWHERE
from exposure.logic.scope_text import Address, Network, ScopeKind, in_unicode
from exposure.models import Authorisation, Exclusion, ScopeEntry, Vantage
from exposure.services.entries import read_entry
from exposure.services.proofs import why_unproven
from exposure.services.scope import why_not_now

ENDS_SOON = dt.timedelta(days=14)
MOST_COUNTED = 20_000
NEXT_WINDOW = "out_of_cycle"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the scope; the fields are described in exposure/scope/_entries.html."""

    value: str
    kind: str
    addresses: int | None
    note: str
    added_by: str
    added_at: dt.datetime | None
    unproven: str = ""
    shown: str = ""
    pk: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """The authorisation; the fields are described in exposure/scope/detail.html."""

    name: str
    state: str
    band: str
    statement: str
    signed_by: str
    signed_at: dt.datetime | None
    valid_from: dt.datetime
    valid_to: dt.datetime
    profile: str
    facts: list[tuple[str, str]]
    consents: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ScopePage:
    """The context of exposure/scope/detail.html, without its forms."""

    claim: str
    lead: str
    authorisation: AuthorisationRow | None
    entries: list[EntryRow]
    exclusions: list[EntryRow]
    missing: int = 0


def authorisations() -> list[Authorisation]:
    """Return all of them; first the one that ends last, which people work on."""
    rows = Authorisation.objects.select_related("site", "signed_by")
    return list(rows.order_by("-valid_until", "-id"))


def scope_page(authorisation: Authorisation | None) -> ScopePage:
    """Return the page of one authorisation of the current workspace."""
    if authorisation is None:
        return ScopePage(
            claim="Nothing may be tested: there is no authorisation",
            lead="An authorisation names what may be touched, by whom it was permitted "
            "and until when.",
            authorisation=None,
            entries=[],
            exclusions=[],
        )
    entries = list(
        authorisation.entries.select_related("vantage", "added_by")
        .prefetch_related("proofs")
        .order_by("added_at", "id")
    )
    exclusions = list(authorisation.exclusions.order_by("id"))
    reason = why_not_now(authorisation, now=timezone.now())
    rows = [_entry(row) for row in entries]
    return ScopePage(
        claim=_claim(authorisation, entries, exclusions, reason=reason),
        lead=_lead(authorisation, reason)
        if reason
        else "Every packet is checked against this scope right before it is sent.",
        authorisation=_authorisation(authorisation, reason=reason),
        entries=rows,
        exclusions=[_exclusion(row) for row in exclusions],
        missing=sum(bool(row.unproven) for row in rows),
    )


def _is_valid(row: Authorisation) -> bool:
    """Whether it is signed and its time has come and is not over."""
    signed = row.signed_at is not None
    return signed and row.valid_from <= timezone.now() < row.valid_until


def _lead(row: Authorisation, reason: str) -> str:
    if _is_valid(row):
        return f"{reason} Nothing is sent meanwhile."
    return f"{reason} Nothing is sent until that is put right."


def _claim(
    authorisation: Authorisation,
    entries: list[ScopeEntry],
    exclusions: list[Exclusion],
    *,
    reason: str,
) -> str:
    if reason:
        if _is_valid(authorisation):
            return "Nothing may be tested now"
        return "Nothing may be tested: no valid authorisation"
    day = dateformat.format(timezone.localtime(authorisation.valid_until), "j F Y")
    count = count_addresses(entries, exclusions)
    number = f"more than {MOST_COUNTED}" if count is None else str(count)
    return (
        f"Sightline may test {number} address{pluralize(count or 2, 'es')} until {day}"
    )


def count_addresses(
    entries: Iterable[ScopeEntry], exclusions: Iterable[Exclusion]
) -> int | None:
    """Return how many different addresses the ranges cover; None above 20 000."""
    excluded = [
        ipaddress.ip_network(row.value)
        for row in exclusions
        if row.value and row.port is None and not row.probe
    ]
    found: set[Address] = set()
    for network, kind in _networks(entries):
        if len(found) + network.num_addresses > MOST_COUNTED:
            return None
        hosts: Iterable[Address] = (
            network.hosts() if kind is ScopeKind.RANGE else network
        )
        found.update(
            host for host in hosts if not any(host in each for each in excluded)
        )
    return len(found)


def _networks(entries: Iterable[ScopeEntry]) -> Iterator[tuple[Network, ScopeKind]]:
    for row in entries:
        parsed = read_entry(row.value)
        if parsed is None or parsed.network is None:
            continue
        if not why_unproven(row):
            yield parsed.network, parsed.kind


def _authorisation(row: Authorisation, *, reason: str) -> AuthorisationRow:
    soon = row.valid_until - timezone.now() < ENDS_SOON
    return AuthorisationRow(
        name=row.reference,
        state=_state(row, reason=reason, soon=soon),
        band=NEXT_WINDOW if reason or soon else "",
        statement=row.statement,
        signed_by=row.signed_by.name if row.signed_by else "",
        signed_at=row.signed_at,
        valid_from=row.valid_from,
        valid_to=row.valid_until,
        profile=f"at most {row.packets_per_second} packets a second, read only",
        facts=[("Plant", row.site.name), ("From inside", _inside(row))],
        consents=[(name, CONSENTS[name]) for name in row.consents if name in CONSENTS],
    )


def _inside(row: Authorisation) -> str:
    if row.all_from_inside:
        return "workers inside the plant look as from outside, at every level"
    return "workers inside the plant only listen, and identify above level 3"


def _state(row: Authorisation, *, reason: str, soon: bool) -> str:
    if row.signed_at is None:
        return "Not signed"
    if reason:
        return "Signed, closed now" if _is_valid(row) else "Not valid now"
    return "Valid, ends soon" if soon else "Signed and valid"


def _entry(row: ScopeEntry) -> EntryRow:
    parsed = read_entry(row.value)
    return EntryRow(
        value=row.value,
        kind=parsed.kind.value if parsed else "not scanned: not allowed here any more",
        addresses=_hosts(parsed.network, parsed.kind) if parsed else 0,
        note=_note(row),
        added_by=row.added_by.name if row.added_by else "",
        added_at=row.added_at,
        unproven=why_unproven(row) if parsed else "",
        shown=_shown(row.value),
    )


def _shown(value: str) -> str:
    """Return a name as people read it, where it is written in xn-- form."""
    return in_unicode(value) if "xn--" in value else ""


def _hosts(network: Network | None, kind: ScopeKind) -> int | None:
    if network is None:
        return None
    if kind is ScopeKind.ADDRESS:
        return 1
    # The first and the last address of a wider IPv4 range belong to no host.
    return sum(1 for _ in network.hosts())


def _note(row: ScopeEntry) -> str:
    hinted = ", ".join(f"{port} ({name})" for port, name in row.port_hints.items())
    ports = f"; also port {hinted}" if hinted else ""
    # None: a place inside a site that is not the reader's.
    seen_from: Vantage | None = getattr(row, "vantage", None)
    return f"from {seen_from.name if seen_from else ELSEWHERE}{ports}"


def _exclusion(row: Exclusion) -> EntryRow:
    what = f"port {row.port} only" if row.port else "every port"
    if row.probe:
        what = f"{what}, probe {row.probe} only"
    return EntryRow(
        value=row.value or "every address",
        kind=what,
        addresses=None,
        note=row.reason,
        added_by="",
        added_at=None,
        pk=row.pk,
    )
