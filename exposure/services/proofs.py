"""Which entries are proven to be the customer's, and why others are left alone."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from exposure.logic.scope_text import Network
from exposure.models import OwnershipProof, ScopeEntry
from exposure.services.entries import allowed_private, read_entry

BY_INSTALLATION = "a private range that this installation allows"


def is_allowed_here(network: Network) -> bool:
    """Whether all of a network is private and opened by this installation's operator."""
    return any(
        network.version == allowed.version and network.subnet_of(allowed)  # type: ignore[arg-type]  # of one version, as just checked
        for allowed in allowed_private()
    )


def standing_proof(entry: ScopeEntry, *, now: dt.datetime) -> OwnershipProof | None:
    """Return the proof that holds longest from now; its `proofs` may be prefetched."""
    held = [p for p in entry.proofs.all() if p.valid_until and p.valid_until > now]
    return max(held, key=lambda p: p.valid_until or now, default=None)


def why_unproven(entry: ScopeEntry) -> str:
    """Return why nothing is sent to an entry yet, in words; "" where it is proven.

    Private ranges that the operator of this installation allows are proven by that: they
    have no owner in public whom one could ask.
    """
    if not settings.SCAN_REQUIRES_PROOF:
        return ""
    parsed = read_entry(entry.value)
    if parsed is None:
        return "This installation may not scan it any more."
    if parsed.network is not None and is_allowed_here(parsed.network):
        return ""
    if standing_proof(entry, now=timezone.now()):
        return ""
    if any(proof.proven_at for proof in entry.proofs.all()):
        return "The proof of its owner has expired."
    return "Nobody has shown yet that it is the customer's."
