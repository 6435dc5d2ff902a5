"""Is a zone signed, and do its signatures hold? Asked of the resolver, checked here.

Checked is the last link: the parent's DS record, the zone's keys, the signatures of the
keys and of the SOA record. The chain above, up to the root, is the resolver's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from exposure.collectors.pacing import Endpoint

WAIT = 2.0  # seconds for one answer, over UDP and then TCP
VALID, BROKEN, ISLAND, UNSIGNED, UNKNOWN = (
    "valid",
    "broken",
    "island",
    "unsigned",
    "unknown",
)
Pair = tuple[dns.rrset.RRset | None, dns.rrset.RRset | None]


@dataclass(frozen=True, slots=True)
class Signed:
    """The state of a zone, and why, in words."""

    state: str
    why: str = ""


def dnssec_state(
    zone: str, resolver: Endpoint, *, should_stop: Callable[[], bool]
) -> Signed:
    """Return whether a zone is signed and validates; no answer is "unknown"."""
    owner = dns.name.from_text(zone)
    found: dict[str, Pair] = {}
    for type_ in ("DS", "DNSKEY", "SOA"):
        if should_stop():
            return Signed(UNKNOWN)
        try:
            found[type_] = _ask(owner, type_, resolver)
        except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
            return Signed(UNKNOWN, f"No answer for {type_}: {type(error).__name__}.")
    ds, keys = found["DS"][0], found["DNSKEY"][0]
    if keys is None:
        if ds is None:
            return Signed(UNSIGNED)
        return Signed(BROKEN, "The parent has a DS record, and the zone has no keys.")
    if ds is None:
        return Signed(ISLAND)
    return _check(owner, ds, found["DNSKEY"], found["SOA"])


def _ask(owner: dns.name.Name, type_: str, resolver: Endpoint) -> Pair:
    query = dns.message.make_query(owner, type_, want_dnssec=True)
    # Checking disabled: a resolver that validates would keep what is broken from us.
    query.flags |= dns.flags.CD
    answer, _ = dns.query.udp_with_fallback(
        query, resolver[0], timeout=WAIT, port=resolver[1], ignore_unexpected=True
    )
    if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise dns.exception.DNSException
    wanted = dns.rdatatype.from_text(type_)
    section = answer.answer
    return (
        answer.get_rrset(section, owner, dns.rdataclass.IN, wanted),
        answer.get_rrset(
            section, owner, dns.rdataclass.IN, dns.rdatatype.RRSIG, wanted
        ),
    )


def _check(owner: dns.name.Name, ds: dns.rrset.RRset, keys: Pair, soa: Pair) -> Signed:
    rrset, signatures = keys
    if rrset is None or signatures is None or soa[0] is None or soa[1] is None:
        return Signed(BROKEN, "A signature is missing.")
    trusted = [key for key in rrset if any(_is_of(owner, key, each) for each in ds)]
    if not trusted:
        return Signed(BROKEN, "No key of the zone is the one that its parent names.")
    anchor = dns.rrset.from_rdata_list(owner, rrset.ttl, trusted)
    try:
        dns.dnssec.validate(rrset, signatures, {owner: anchor})
        dns.dnssec.validate(soa[0], soa[1], {owner: rrset})
    except (dns.exception.DNSException, ValueError) as error:
        return Signed(BROKEN, f"A signature does not hold: {str(error)[:120]}")
    return Signed(VALID)


def _is_of(owner: dns.name.Name, key: object, ds: object) -> bool:
    try:
        made = dns.dnssec.make_ds(owner, key, ds.digest_type, validating=True)  # type: ignore[attr-defined, arg-type]  # rdata of DS and DNSKEY
    except (dns.exception.DNSException, ValueError):
        return False
    return bool(made == ds)
