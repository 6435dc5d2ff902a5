"""crt.sh: certificates that were issued for names of a domain (certificate transparency).

Source: the JSON answer of crt.sh, one object a certificate, names in `name_value`.
"""

from urllib.parse import quote

from exposure.collectors.passive.contract import (
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

MOST_NAMES = 20_000


def request(query: Query, _key: str) -> Request:
    """Ask for the certificates of a domain and of all names below it."""
    return Request(f"https://crt.sh/?q=%25.{quote(query.value)}&output=json", {})


def parse(heard: Heard, query: Query) -> Told:
    """Return the names below the domain that certificates were issued for.

    A certificate of many customers names strangers too: those are left out.
    """
    found: dict[str, Known] = {}
    for entry in map(an_object, a_list(read_json(heard))):
        lines = entry.get("name_value")
        for line in lines.split("\n") if isinstance(lines, str) else ():
            name = line.strip().casefold().removeprefix("*.")
            below = name == query.value or name.endswith(f".{query.value}")
            if below and name not in found and len(found) < MOST_NAMES:
                found[name] = Known(
                    "name",
                    name,
                    a_time(entry.get("entry_timestamp")),
                    f"issued by {words(entry.get('issuer_name'))}",
                )
    return Told(tuple(found.values()))


SOURCE = Source(
    name="crtsh",
    title="crt.sh (certificate transparency)",
    gives="Names for which certificates were issued, also of hosts that no name server tells of.",
    learns="The domains of the scope.",
    terms="https://crt.sh/",
    evidence="crt.sh",
    kinds=frozenset({"name"}),
    hosts=frozenset({"crt.sh"}),
    needs_key=False,
    pause=10,
    request=request,
    parse=parse,
)
