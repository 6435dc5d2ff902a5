"""What may be touched: entries, exclusions, signatures, and the rules that follow."""

import datetime as dt
import ipaddress
import uuid
from collections import defaultdict
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.canonical import canonical_sha256
from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import Network, ScopeError, ScopeKind, parse_entry
from exposure.logic.scope_text import ScopeEntry as ParsedEntry
from exposure.models import Authorisation, Exclusion, ScopeEntry, Vantage
from tenants.access import Right, may
from tenants.models import Membership
from tenants.services import ledger


def allowed_private() -> tuple[Network, ...]:
    """Return the private ranges that this installation may scan."""
    return tuple(settings.SCAN_ALLOWED_PRIVATE_RANGES)


def read_entry(value: str) -> ParsedEntry | None:
    """Return a stored entry; None where this installation may not scan it any more."""
    try:
        return parse_entry(value, allowed_private=allowed_private())
    except ScopeError:
        return None


def why_not_now(authorisation: Authorisation, *, now: dt.datetime) -> str:
    """Return why nothing may be sent under this authorisation; "" if it is valid."""
    if authorisation.signed_at is None:
        return f"Authorisation {authorisation.reference} is not signed."
    if now < authorisation.valid_from:
        return f"Authorisation {authorisation.reference} has not begun."
    if now >= authorisation.valid_until:
        return f"Authorisation {authorisation.reference} has ended."
    return ""


def rule_of(authorisation: Authorisation) -> ScopeRule:
    """Return the fence of one authorisation; unsigned, it lets nothing through.

    Names open nothing by themselves: what they resolve to must lie in a range.
    """
    signed = authorisation.signed_at is not None
    networks = [
        entry.network
        for row in authorisation.entries.all()
        if (entry := read_entry(row.value)) and entry.network is not None
    ]
    excluded = list(authorisation.exclusions.all())
    return ScopeRule(
        label=authorisation.reference,
        valid_from=authorisation.valid_from,
        valid_until=authorisation.valid_until if signed else authorisation.valid_from,
        networks=tuple(networks),
        excluded_networks=tuple(
            ipaddress.ip_network(row.value) for row in excluded if row.port is None
        ),
        excluded_sockets=_sockets(excluded),
    )


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
        parsed = parse_entry(value, allowed_private=allowed_private())
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
    _unsign(authorisation)
    _record("scope.entry_added", authorisation, by=by, text=f"Added {entry.value}.")
    return entry


@transaction.atomic
def add_exclusion(
    authorisation_id: uuid.UUID,
    *,
    value: str,
    port: int | None,
    reason: str,
    by: Membership,
) -> Exclusion:
    """Exclude an address, a range, or one port of them; this needs no new signature.

    Raises InvalidInput with the reason in words; then nothing has changed.
    """
    authorisation = Authorisation.objects.get(pk=authorisation_id)
    try:
        parsed = parse_entry(value, allowed_private=allowed_private())
    except ScopeError as error:
        raise InvalidInput("exclusion", str(error)) from error
    if parsed.kind is ScopeKind.NAME:
        raise InvalidInput("exclusion", "Exclude an address or a range, not a name.")
    exclusion = Exclusion.objects.create(
        authorisation=authorisation, value=parsed.text, port=port, reason=reason
    )
    _record("scope.excluded", authorisation, by=by, text=f"Excluded {exclusion}.")
    return exclusion


def fingerprint(authorisation: Authorisation) -> str:
    """Return the SHA-256 over what a signature permits.

    Exclusions are left out: they only take away.
    """
    return canonical_sha256(
        {
            "statement": authorisation.statement,
            "from": authorisation.valid_from.isoformat(),
            "until": authorisation.valid_until.isoformat(),
            "packets_per_second": authorisation.packets_per_second,
            **({"all_from_inside": True} if authorisation.all_from_inside else {}),
            "entries": sorted(
                f"{row.vantage_id} {row.value} {canonical_sha256(row.port_hints)}"
                for row in authorisation.entries.all()
            ),
        }
    )


@transaction.atomic
def set_from_inside(
    authorisation_id: uuid.UUID, *, everything: bool, by: Membership
) -> Authorisation:
    """Say whether workers inside the plant may look as from outside.

    More than before must be signed again; less holds at once.
    """
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    if authorisation.all_from_inside == everything:
        return authorisation
    authorisation.all_from_inside = everything
    authorisation.save(update_fields=["all_from_inside"])
    if everything:
        _unsign(authorisation)
    text = (
        "Workers inside the plant look as from outside."
        if everything
        else ("Workers inside the plant only listen, and identify above level 3.")
    )
    _record("scope.inside", authorisation, by=by, text=text)
    return authorisation


@transaction.atomic
def sign(
    authorisation_id: uuid.UUID, *, by: Membership, seen: str | None = None
) -> Authorisation:
    """Sign the scope as it stands now, for the customer.

    `seen` is the fingerprint of what the signer was shown. Raises NotAllowed for
    people who cannot permit a scan, above all the provider's, and Conflict when the
    scope is not what was shown any more. What is signed already stays signed by whom
    it was: sent twice, or by two people, the form changes nothing.
    """
    if not may(by, Right.AUTHORISE):
        raise NotAllowed("Only the customer's owners and approvers sign a scope.")
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    if not by.covers(authorisation.site_id):
        raise NotAllowed("You sign for your own sites only.")
    if seen is not None and seen != fingerprint(authorisation):
        raise Conflict("The scope has changed since you opened it. Read it again.")
    if authorisation.signed_at is None:
        authorisation.signed_by, authorisation.signed_at = by.user, timezone.now()
        authorisation.save(update_fields=["signed_by", "signed_at"])
        _record("scope.signed", authorisation, by=by, text=authorisation.statement)
    return authorisation


def _unsign(authorisation: Authorisation) -> None:
    # What was signed is not what stands there now.
    authorisation.signed_by = authorisation.signed_at = None
    authorisation.save(update_fields=["signed_by", "signed_at"])


def _record(
    action: str, authorisation: Authorisation, *, by: Membership, text: str
) -> None:
    """Write the change down, with what is permitted after it."""
    permitted = {
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
        if row.port is not None:
            by_port[row.port].append(ipaddress.ip_network(row.value))
    return {port: tuple(networks) for port, networks in by_port.items()}
