"""Shodan's host API: services of an address, each with the time when it was seen."""

from typing import Any
from urllib.parse import urlencode

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
    """Ask about one address. The API takes its key in the address of the request only."""
    return Request(
        f"https://api.shodan.io/shodan/host/{query.value}?{urlencode({'key': key})}", {}
    )


def parse(heard: Heard, query: Query) -> Told:
    """Return names and services of the address."""
    said = an_object(read_json(heard))
    if said and said.get("ip_str") != query.value:
        return Told()
    seen_at = a_time(said.get("last_update"))
    banners = [an_object(each) for each in a_list(said.get("data"))[:MOST]]
    services = [_service(each, query.value) for each in banners]
    return Told(
        tuple(
            Known("name", each, seen_at)
            for each in dict.fromkeys(texts(said.get("hostnames"))[:MOST])
        ),
        tuple(each for each in services if each is not None),
    )


def _service(banner: dict[str, Any], address: str) -> KnownService | None:
    port = a_port(banner.get("port"))
    if port is None:
        return None
    product = " ".join(
        part for name in ("product", "version") if (part := words(banner.get(name)))
    )
    return KnownService(
        address,
        port,
        transport="udp" if banner.get("transport") == "udp" else "tcp",
        protocol=words(an_object(banner.get("_shodan")).get("module")),
        product=product,
        weaknesses=tuple(map(words, an_object(banner.get("vulns")))),
        seen_at=a_time(banner.get("timestamp")),
    )


SOURCE = Source(
    name="shodan",
    title="Shodan",
    gives="Services, products and possible weaknesses of an address, with the time they were seen.",
    learns="The addresses of the scope.",
    terms="https://developer.shodan.io/api",
    evidence="internet scan data",
    kinds=frozenset({"address"}),
    hosts=frozenset({"api.shodan.io"}),
    needs_key=True,
    pause=1,
    request=request,
    parse=parse,
)
