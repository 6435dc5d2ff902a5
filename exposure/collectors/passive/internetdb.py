"""InternetDB: ports, names and weaknesses of an address, without a key (by Shodan)."""

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
    an_object,
    read_json,
    texts,
)

MOST = 1000


def request(query: Query, _key: str) -> Request:
    """Ask about one address."""
    return Request(f"https://internetdb.shodan.io/{query.value}", {})


def parse(heard: Heard, query: Query) -> Told:
    """Return names and open ports. Weaknesses are said of the address, not of a port."""
    said = an_object(read_json(heard))
    if said and said.get("ip") != query.value:
        return Told()
    ports = [port for each in a_list(said.get("ports")) if (port := a_port(each))]
    weaknesses = tuple(texts(said.get("vulns"))[:MOST])
    return Told(
        tuple(Known("name", each) for each in texts(said.get("hostnames"))[:MOST]),
        tuple(
            KnownService(query.value, port, weaknesses=weaknesses)
            for port in ports[:MOST]
        ),
    )


SOURCE = Source(
    name="internetdb",
    title="InternetDB",
    gives="Ports, names and possible weaknesses of an address, renewed about once a week.",
    learns="The addresses of the scope.",
    terms="https://internetdb.shodan.io/",
    evidence="internet scan data",
    kinds=frozenset({"address"}),
    hosts=frozenset({"internetdb.shodan.io"}),
    needs_key=False,
    pause=1,
    request=request,
    parse=parse,
)
