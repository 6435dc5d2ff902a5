"""Proofs of ownership: a token that the owner publishes, checked now and again."""

import datetime as dt
import ipaddress
import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.collectors import ownership as asking
from exposure.collectors.ownership import NotShown
from exposure.logic.scope import CompiledScope, Permit, Refusal
from exposure.logic.scope_text import ScopeKind
from exposure.models import OwnershipProof, ProofKind, ScopeEntry
from exposure.probes.identity import user_agent
from exposure.services.entries import allowed_private, read_entry
from exposure.services.scope import record, rule_of
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.scope import workspace_scope
from tenants.services.jobs import enqueue

PROOF_LASTS = dt.timedelta(days=90)
CHECK_AGAIN = dt.timedelta(days=30)  # before the end, every day
DAY = dt.timedelta(days=1)
MOST_AT_ONCE = 200


@transaction.atomic
def ask_check(
    entry_id: uuid.UUID, *, kind: str, by: Membership, address: str = ""
) -> OwnershipProof:
    """Ask for a check of an entry; the first time this makes its token.

    `address` is where the file of a range is. Raises NotAllowed and InvalidInput.
    """
    if not (may(by, Right.OPERATE) or may(by, Right.AUTHORISE)):
        raise NotAllowed("Your role may not ask for a proof.")
    entry = ScopeEntry.objects.select_related("authorisation").get(pk=entry_id)
    where = _where(entry, kind=kind, address=address)
    row, _ = OwnershipProof.objects.select_for_update().get_or_create(
        entry=entry, kind=ProofKind(kind), defaults={"token": token_of(entry)}
    )
    row.asked_at, row.address = timezone.now(), where or None
    row.save(update_fields=["asked_at", "address"])
    text = f"Asked for a check of {entry.value} ({row.get_kind_display()})."
    record(entry.authorisation, "scope.proof_asked", by=by, text=text)
    enqueue("exposure.check_ownership", key="flow")
    return row


def token_of(entry: ScopeEntry) -> str:
    """Return the token of an entry, the same for each kind; a new one for a new entry."""
    held = entry.proofs.exclude(token="").values_list("token", flat=True).first()
    return held or secrets.token_hex(16)


def check_due(*, heartbeat: Callable[[], None]) -> int:
    """Check what people asked for and what ends soon; return how many were proven.

    Nothing is held while the network is asked. A proof that fails keeps its end: the
    entry is left alone from then on.
    """
    with workspace_scope():
        due = [row.pk for row in _due(timezone.now())[:MOST_AT_ONCE]]
    proven = 0
    for pk in due:
        heartbeat()
        proven += _check(pk)
    return proven


def give_up() -> None:
    """Answer who waits for a check that failed too often."""
    with workspace_scope():
        OwnershipProof.objects.exclude(asked_at=None).update(
            asked_at=None, detail="The check failed several times. Ask again."
        )


def _due(now: dt.datetime) -> list[OwnershipProof]:
    ends_soon = Q(valid_until__lt=now + CHECK_AGAIN, valid_until__gt=now)
    stale = Q(checked_at=None) | Q(checked_at__lt=now - DAY)
    rows = OwnershipProof.objects.exclude(kind=ProofKind.LETTER)
    asked = Q(asked_at__isnull=False)
    return list(rows.filter(asked | (ends_soon & stale)).order_by("checked_at", "id"))


def _check(pk: uuid.UUID) -> int:
    with workspace_scope():
        row = OwnershipProof.objects.select_related("entry__authorisation").get(pk=pk)
        permit = _fence(row)
    try:
        _look(row, permit)
        why = ""
    except NotShown as error:
        why = str(error)
    with workspace_scope():
        return _conclude(row, why)


def _fence(row: OwnershipProof) -> Callable[[str, int], Permit | Refusal]:
    """Return a fence around this one check: its address, no exclusion, no stop, in hours."""
    now = timezone.now()
    parsed = read_entry(row.entry.value)
    networks = (parsed.network,) if parsed and parsed.network else ()
    rule = replace(
        rule_of(row.entry.authorisation),
        networks=networks,
        valid_from=now - DAY,
        valid_until=now + DAY,
    )

    def permit(address: str, port: int) -> Permit | Refusal:
        own = rule
        if not networks:  # the addresses that a name points at: public ones, or allowed
            names = {row.entry.value: frozenset({ipaddress.ip_address(address)})}
            own = replace(rule, names=names)
        scope = CompiledScope([own], allowed_private=allowed_private())
        return scope.decide(address, port, now=timezone.now(), probe="http")

    return permit


def _look(row: OwnershipProof, permit: Callable[[str, int], Permit | Refusal]) -> None:
    name, resolvers = row.entry.value, settings.DNS_RESOLVERS
    if row.kind == ProofKind.DNS:
        asking.check_dns(name, token=row.token, resolvers=resolvers)
        return
    addresses = [row.address] if row.address else []
    if not addresses:
        addresses = asking.addresses_of(name, resolvers=resolvers)
    asking.check_http(
        addresses,
        host=row.address or name,
        token=row.token,
        permit=permit,
        agent=user_agent(),
    )


@transaction.atomic
def _conclude(seen: OwnershipProof, why: str) -> int:
    row = OwnershipProof.objects.select_for_update().filter(pk=seen.pk).first()
    if row is None:  # the entry went meanwhile
        return 0
    now, was_asked = timezone.now(), row.asked_at is not None
    row.checked_at, row.asked_at, row.detail = now, None, why[:200]
    if not why:
        row.proven_at, row.valid_until = now, now + PROOF_LASTS
    row.save()
    authorisation, value = seen.entry.authorisation, seen.entry.value
    if not why:
        text = f"{value} is proven ({row.get_kind_display()})."
        record(authorisation, "scope.proven", by=None, text=text)
    elif was_asked:
        text = f"{value} is not proven: {why}"
        record(authorisation, "scope.not_proven", by=None, text=text)
    return 0 if why else 1


def _where(entry: ScopeEntry, *, kind: str, address: str) -> str:
    """Return the address of the file; "" for a name. Raises InvalidInput."""
    parsed = read_entry(entry.value)
    if parsed is None or kind not in {ProofKind.DNS, ProofKind.HTTP}:
        raise InvalidInput("kind", "This cannot be checked.")
    if parsed.kind is ScopeKind.NAME:
        return ""
    if kind == ProofKind.DNS:
        raise InvalidInput("kind", "An address has no record of its own. Use a file.")
    if parsed.kind is ScopeKind.ADDRESS:
        return parsed.text
    try:
        literal = ipaddress.ip_address(address.strip())
    except ValueError as error:
        raise InvalidInput("address", "Type the address that has the file.") from error
    if parsed.network is None or literal not in parsed.network:
        raise InvalidInput("address", f"The address must be inside {parsed.text}.")
    return str(literal)
