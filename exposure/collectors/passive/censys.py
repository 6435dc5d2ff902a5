"""Censys Platform API (v3): services of an address and names that lead to it."""

from typing import Any

from exposure.collectors.passive.contract import (
    Heard,
    Known,
    KnownService,
    Query,
    Request,
    Source,
    Told,
    a_list,
    a_port,
    a_time,
    an_object,
    read_json,
    texts,
    words,
)

MOST = 1000


def request(query: Query, key: str) -> Request:
    """Ask about one address."""
    return Request(
        f"https://api.platform.censys.io/v3/global/asset/host/{query.value}",
        {"Authorization": f"Bearer {key}", "Accept": "application/json"},
    )


def parse(heard: Heard, query: Query) -> Told:
    """Return names and services of the address."""
    result = an_object(an_object(read_json(heard)).get("result"))
    host = an_object(result.get("resource"))
    if host and host.get("ip") != query.value:
        return Told()
    dns = an_object(host.get("dns"))
    names = texts(dns.get("names")) + texts(
        an_object(dns.get("reverse_dns")).get("names")
    )
    rows = [an_object(each) for each in a_list(host.get("services"))[:MOST]]
    services = [_service(each, query.value) for each in rows]
    return Told(
        tuple(Known("name", each) for each in dict.fromkeys(names[:MOST])),
        tuple(each for each in services if each is not None),
    )


def _service(row: dict[str, Any], address: str) -> KnownService | None:
    port = a_port(row.get("port"))
    if port is None:
        return None
    software = an_object(next(iter(a_list(row.get("software"))), {}))
    product = [words(software.get(name)) for name in ("vendor", "product", "version")]
    return KnownService(
        address,
        port,
        transport="udp" if words(row.get("transport_protocol")) == "udp" else "tcp",
        protocol=words(row.get("protocol")).casefold(),
        product=" ".join(filter(None, product)),
        weaknesses=tuple(
            name
            for each in a_list(row.get("vulns"))
            if (name := words(an_object(each).get("id")))
        ),
        seen_at=a_time(row.get("scan_time")),
    )


SOURCE = Source(
    name="censys",
    title="Censys",
    gives="Services and software of an address, with the time they were seen, and names that lead to it.",
    learns="The addresses of the scope.",
    terms="https://docs.censys.com/",
    evidence="internet scan data",
    kinds=frozenset({"address"}),
    hosts=frozenset({"api.platform.censys.io"}),
    needs_key=True,
    pause=1,
    request=request,
    parse=parse,
)
