"""What may be touched: entries, exclusions, signatures, and the rules that follow."""

import datetime as dt
import ipaddress
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.canonical import canonical_sha256
from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.consents import CONSENTS
from exposure.logic.scope import ProbeExclusion, ScopeRule
from exposure.logic.scope_text import Network, ScopeError, ScopeKind
from exposure.models import Authorisation, Exclusion, ScopeEntry, Vantage
from exposure.probes.registry import BY_NAME
from exposure.services import halts
from exposure.services.entries import ours, read_entry, typed_entry
from exposure.services.hours import opening_of
from exposure.services.proofs import why_unproven
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger


def why_not_now(authorisation: Authorisation, *, now: dt.datetime) -> str:
    """Return why nothing may be sent now under this authorisation; "" if it may.

    What ends by itself, the hours and blackouts, is asked last; see
    `hours.next_opening` for when.
    """
    return (
        _why_not_valid(authorisation, now=now)
        or halts.standing_for(authorisation.site_id).reason
        or opening_of(authorisation).why_closed(now)
    )


def _why_not_valid(authorisation: Authorisation, *, now: dt.datetime) -> str:
    if authorisation.signed_at is None:
        return f"Authorisation {authorisation.reference} is not signed."
    if now < authorisation.valid_from:
        return f"Authorisation {authorisation.reference} has not begun."
    if now >= authorisation.valid_until:
        return f"Authorisation {authorisation.reference} has ended."
    return ""


def rule_of(authorisation: Authorisation) -> ScopeRule:
    """Return the fence of one authorisation; unsigned, it lets nothing through.

    Entries that nobody has proven to be the customer's are left out. Names open
    nothing by themselves: what they resolve to must lie in a range.
    """
    signed = authorisation.signed_at is not None
    excluded = list(authorisation.exclusions.all())
    stopped = halts.standing_for(authorisation.site_id)
    whole = [row for row in excluded if not row.probe]
    return ScopeRule(
        label=authorisation.reference,
        valid_from=authorisation.valid_from,
        valid_until=authorisation.valid_until if signed else authorisation.valid_from,
        networks=tuple(_proven_networks(authorisation)),
        excluded_networks=tuple(
            ipaddress.ip_network(row.value) for row in whole if row.port is None
        ),
        excluded_ports=frozenset(
            row.port for row in whole if row.port is not None and not row.value
        ),
        excluded_sockets=_sockets(whole),
        excluded_probes=tuple(_of_probe(row) for row in excluded if row.probe),
        opening=opening_of(authorisation),
        halted=stopped.reason,
        halted_networks=stopped.networks,
        ours=ours(),
        consents=frozenset(authorisation.consents if signed else ()),
    )


def _proven_networks(authorisation: Authorisation) -> Iterator[Network]:
    for row in authorisation.entries.prefetch_related("proofs"):
        parsed = read_entry(row.value)
        if parsed and parsed.network is not None and not why_unproven(row):
            yield parsed.network


def _of_probe(row: Exclusion) -> ProbeExclusion:
    network = ipaddress.ip_network(row.value) if row.value else None
    return ProbeExclusion(row.probe, network, row.port)


@transaction.atomic
def add_entry(
    authorisation_id: uuid.UUID,
    *,
    value: str,
    vantage_id: uuid.UUID,
    by: Membership,
    port_hints: Mapping[str, str] | None = None,
) -> ScopeEntry:
    """Add an address, a range or a name. The customer must sign the scope again.

    Raises InvalidInput with the reason in words; then nothing has changed.
    """
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    try:
        parsed = typed_entry(value)
        with transaction.atomic():
            entry = ScopeEntry.objects.create(
                authorisation=authorisation,
                vantage=Vantage.objects.get(pk=vantage_id),
                value=parsed.text,
                port_hints=dict(port_hints or {}),
                added_by=by.user,
            )
    except ScopeError as error:
        raise InvalidInput("value", str(error)) from error
    except IntegrityError as error:
        raise InvalidInput("value", f"{value} is in the scope already.") from error
    except Vantage.DoesNotExist as error:
        raise InvalidInput("vantage", "Choose where to look from.") from error
    unsign(authorisation)
    record(authorisation, "scope.entry_added", by=by, text=f"Added {entry.value}.")
    return entry


@transaction.atomic
def add_exclusion(
    authorisation_id: uuid.UUID,
    *,
    value: str,
    port: int | None,
    reason: str,
    by: Membership,
    probe: str = "",
) -> Exclusion:
    """Exclude an address or range, a port, a probe, or what all of them name together.

    It holds at once and needs no signature: it only takes away. Raises NotAllowed, and
    InvalidInput with the reason in words; then nothing has changed.
    """
    if not may(by, Right.RESTRICT):
        raise NotAllowed("Your role may not exclude anything from the scope.")
    authorisation = Authorisation.objects.get(pk=authorisation_id)
    exclusion = Exclusion.objects.create(
        authorisation=authorisation,
        value=_excluded(value) if value or not (port or probe) else "",
        port=port,
        probe=_probe(probe),
        reason=reason,
    )
    record(authorisation, "scope.excluded", by=by, text=f"Excluded {exclusion}.")
    return exclusion


@transaction.atomic
def lift_exclusion(exclusion_id: uuid.UUID, *, by: Membership) -> Authorisation:
    """Take an exclusion back: it gives, so the customer does it, and nobody else.

    Raises NotAllowed.
    """
    exclusion = Exclusion.objects.select_related("authorisation").get(pk=exclusion_id)
    authorisation = exclusion.authorisation
    check_customer(authorisation, by=by)
    said = str(exclusion)
    exclusion.delete()
    record(
        authorisation, "scope.exclusion_lifted", by=by, text=f"{said} is not excluded."
    )
    return authorisation


def _excluded(value: str) -> str:
    try:
        parsed = typed_entry(value)
    except ScopeError as error:
        raise InvalidInput("exclusion", str(error)) from error
    if parsed.kind is ScopeKind.NAME:
        raise InvalidInput("exclusion", "Exclude an address or a range, not a name.")
    return parsed.text


def _probe(name: str) -> str:
    if name and name not in BY_NAME:
        raise InvalidInput("probe", "There is no such probe.")
    return name


def fingerprint(authorisation: Authorisation) -> str:
    """Return the SHA-256 over what a signature permits.

    Exclusions, blackouts and stop orders are left out: they only take away.
    """
    return canonical_sha256(
        {
            "statement": authorisation.statement,
            "from": authorisation.valid_from.isoformat(),
            "until": authorisation.valid_until.isoformat(),
            "packets_per_second": authorisation.packets_per_second,
            "consents": sorted(authorisation.consents),
            "time_zone": authorisation.site.time_zone,
            "hours": sorted(str(row) for row in authorisation.weekly_hours.all()),
            **({"all_from_inside": True} if authorisation.all_from_inside else {}),
            "entries": sorted(
                f"{row.vantage_id} {row.value} {canonical_sha256(row.port_hints)}"
                for row in authorisation.entries.all()
            ),
        }
    )


@transaction.atomic
def sign(
    authorisation_id: uuid.UUID,
    *,
    by: Membership,
    seen: str | None = None,
    consents: Collection[str] = (),
) -> Authorisation:
    """Sign the scope as it stands now, for the customer, with the consents ticked.

    `seen` is the fingerprint of what the signer was shown. Raises NotAllowed for
    people who cannot permit a scan, above all the provider's, and Conflict when the
    scope is not what was shown any more. What is signed already stays signed by whom
    it was: sent twice, or by two people, the form changes nothing.
    """
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    check_customer(authorisation, by=by)
    if seen is not None and seen != fingerprint(authorisation):
        raise Conflict("The scope has changed since you opened it. Read it again.")
    if unknown := set(consents) - CONSENTS.keys():
        raise InvalidInput("consents", f"There is no consent {sorted(unknown)[0]}.")
    if authorisation.signed_at is None:
        authorisation.signed_by, authorisation.signed_at = by.user, timezone.now()
        authorisation.consents = sorted(consents)
        authorisation.save(update_fields=["signed_by", "signed_at", "consents"])
        record(authorisation, "scope.signed", by=by, text=authorisation.statement)
    return authorisation


def check_customer(authorisation: Authorisation, *, by: Membership) -> None:
    """Raise NotAllowed unless this person may permit a scan of the plant."""
    if not may(by, Right.AUTHORISE):
        raise NotAllowed("Only the customer's owners and approvers sign a scope.")
    if not by.covers(authorisation.site_id):
        raise NotAllowed("You sign for your own sites only.")


def unsign(authorisation: Authorisation) -> None:
    """Take the signature away: what was signed is not what stands there now."""
    authorisation.signed_by = authorisation.signed_at = None
    authorisation.consents = []
    authorisation.save(update_fields=["signed_by", "signed_at", "consents"])


def record(
    authorisation: Authorisation, action: str, *, by: Membership | None, text: str
) -> None:
    """Write a change into the ledger, with what is permitted after it."""
    permitted = {
        "consents": sorted(authorisation.consents),
        "fingerprint": fingerprint(authorisation),
        "entries": sorted(row.value for row in authorisation.entries.all()),
        "exclusions": sorted(str(row) for row in authorisation.exclusions.all()),
        "signed": authorisation.signed_at is not None,
    }
    ledger.append(
        action,
        about=f"authorisation {authorisation.reference}",
        by=by,
        text=text,
        change=ledger.Change(after=permitted),
        site_id=authorisation.site_id,
    )


def _sockets(excluded: list[Exclusion]) -> dict[int, tuple[Network, ...]]:
    by_port: dict[int, list[Network]] = defaultdict(list)
    for row in excluded:
        if row.port is not None and row.value:
            by_port[row.port].append(ipaddress.ip_network(row.value))
    return {port: tuple(networks) for port, networks in by_port.items()}
