"""RDAP: to whom the registries have given an address (RFC 9082, RFC 9083).

The registry of one continent sends us to that of another; no other server is believed.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any

from exposure.collectors.passive.contract import (
    DAY,
    Heard,
    Known,
    Query,
    Request,
    Source,
    Told,
    a_list,
    a_time,
    an_object,
    read_json,
    words,
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
OWNERS = ("registrant", "administrative")
JSON = {"Accept": "application/rdap+json, application/json"}


def request(query: Query, _key: str) -> Request:
    """Ask the American registry, which knows the others."""
    return Request(f"https://rdap.arin.net/registry/ip/{query.value}", JSON)


def parse(heard: Heard, query: Query) -> Told:
    """Return the range that holds the address, with whom it was given to."""
    if heard.status in REDIRECTS:
        return Told(more=heard.headers.get("location", ""))
    network = an_object(read_json(heard))
    address = ipaddress.ip_address(query.value)
    owner = next(_owners(network), "") or words(network.get("name"))
    seen_at = next(_changes(network), None)
    return Told(
        tuple(
            Known("range", str(each), seen_at, f"given to {owner or 'nobody by name'}")
            for each in _ranges(network)
            if address in each
        )
    )


def _ranges(
    network: dict[str, Any],
) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        first, last = (
            ipaddress.ip_address(words(network.get(name)).strip())
            for name in ("startAddress", "endAddress")
        )
        yield from ipaddress.summarize_address_range(first, last)
    except (ValueError, TypeError):
        return


def _owners(network: dict[str, Any]) -> Iterator[str]:
    for role in OWNERS:
        for entity in map(an_object, a_list(network.get("entities"))):
            if role in a_list(entity.get("roles")):
                yield from _names(entity)


def _names(entity: dict[str, Any]) -> Iterator[str]:
    """Yield the formatted names of a jCard (RFC 7095)."""
    card = a_list(entity.get("vcardArray"))
    for line in a_list(card[1]) if len(card) > 1 else ():
        parts = a_list(line)
        if len(parts) > 3 and parts[0] == "fn" and words(parts[3]):
            yield words(parts[3])


def _changes(network: dict[str, Any]) -> Iterator[Any]:
    for event in map(an_object, a_list(network.get("events"))):
        moment = a_time(event.get("eventDate"))
        if event.get("eventAction") == "last changed" and moment is not None:
            yield moment


SOURCE = Source(
    name="rdap",
    title="RDAP (the registries of addresses)",
    gives="To whom a range was given, so that nobody permits what belongs to somebody else.",
    learns="One address of each range of the scope.",
    terms="https://www.arin.net/resources/registry/whois/rdap/",
    evidence="RDAP",
    kinds=frozenset({"address"}),
    hosts=frozenset(
        {
            "rdap.arin.net",
            "rdap.db.ripe.net",
            "rdap.apnic.net",
            "rdap.lacnic.net",
            "rdap.afrinic.net",
        }
    ),
    needs_key=False,
    pause=2,
    request=request,
    parse=parse,
    fresh=30 * DAY,
)
