"""What a zone's own name servers say: does each answer, and does one give it all away?

This is the only part of the search for names that talks to anybody but our resolvers. It
does so for zones at or below a signed name, at port 53 of addresses that are no target
which nobody may touch and that the scope does not exclude, and each contact is in the
ledger of probes.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from exposure.collectors.names.dnssec import dnssec_state
from exposure.collectors.names.resolver import Limits, ask
from exposure.collectors.names.transfer import Transferred, transfer
from exposure.logic.names.chains import values
from exposure.logic.names.hygiene import Facts
from exposure.logic.names.labels import canonical
from exposure.logic.names.messages import Answer, Question, Record, Status, encode
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import why_not_a_target
from exposure.models import Run, Transport, Vantage
from exposure.services import probe_ledger
from exposure.services.entries import allowed_private
from exposure.services.probe_ledger import Kind, Sent
from exposure.services.resolving import chains_of, resolvers
from tenants.scope import workspace_scope

MOST_NAMED = 50  # that are written down
MOST_SERVERS, MOST_ADDRESSES = 8, 2  # of a zone, of a server
PROBE, VERSION = "dns", 1
GIVEN = {Transferred.GIVEN, Transferred.CUT}
# One datagram to one server, so that the ledger of probes says what was sent.
ONE = Limits(timeout=2, tries=1, sockets=1, conversations=0)


@dataclass(frozen=True, slots=True)
class Desk:
    """What checking a zone needs to know; `rule` returns the fence as it stands now."""

    rule: Callable[[], ScopeRule]
    should_stop: Callable[[], bool]
    vantage: Vantage
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One address of one name server."""

    name: str
    address: str

    def __str__(self) -> str:
        """Return what people read."""
        return f"{self.name} ({self.address})"


def check_zone(
    zone: str, name_servers: list[str], *, desk: Desk
) -> tuple[Facts, list[Record]]:
    """Return what is to be said of a zone, and its records if a server gave them all."""
    facts: Facts = {"zone": True, "name_servers": name_servers[:MOST_NAMED]}
    servers, lame = _servers(name_servers, desk)
    given: list[Record] = []
    open_at: list[str] = []
    asked: set[str] = set()
    well: set[str] = set()
    for server in servers:
        answers = _answers(zone, server, desk)
        if answers is not None:
            asked.add(server.name)
        if not answers:
            continue
        well.add(server.name)
        records = _transfer(zone, server, desk)
        if records is not None:
            open_at.append(str(server))
            given = given or records
    lame += sorted(asked - well)
    facts |= {"servers_asked": len(asked), "lame": lame, "transfer_open": open_at}
    signed = dnssec_state(zone, resolvers()[0], should_stop=desk.should_stop)
    facts |= {"dnssec": signed.state, "dnssec_why": signed.why}
    return {key: fact for key, fact in facts.items() if fact != []}, given


def delegation(zone: str, parent_servers: list[str], *, desk: Desk) -> list[str]:
    """Return the servers that a zone's parent names for it; [] if it names none.

    A resolver only says that a zone with dead servers fails, so its parent is asked.
    """
    servers, _ = _servers(parent_servers, desk)
    for server in servers:
        for answer in _direct(Question(zone, "NS"), server, desk) or ():
            records = (*answer.records, *answer.authority)
            found = {r.value for r in records if r.type == "NS" and r.name == zone}
            return sorted(found)
    return []


def _servers(names: list[str], desk: Desk) -> tuple[list[Server], list[str]]:
    """Return the addresses of name servers, and the servers that have none."""
    wanted = [name for name in names[:MOST_SERVERS] if canonical(name)]
    chains = chains_of(wanted, should_stop=desk.should_stop)
    found = [
        Server(name, address)
        for name in wanted
        # IPv4 first: not every machine has a way to the others.
        for address in sorted(chains[name].addresses, key=_is_ipv6)[:MOST_ADDRESSES]
    ]
    nowhere = [name for name in wanted if not chains[name].addresses]
    return found, [] if desk.should_stop() else nowhere


def _refusal(address: str, desk: Desk) -> str:
    """Return why a name server is not contacted; "" if it may be."""
    literal = ipaddress.ip_address(address)
    if reason := why_not_a_target(literal, allowed_private=allowed_private()):
        return reason
    rule = desk.rule()
    if rule.excludes(literal, settings.DNS_ZONE_PORT):
        return "is excluded from the scope"
    return rule.why_closed(timezone.now())


def _is_ipv6(address: str) -> bool:
    return ":" in address


def _answers(zone: str, server: Server, desk: Desk) -> bool | None:
    """Whether the server answers for the zone as one that holds it; None: not asked."""
    answers = _direct(Question(zone, "SOA"), server, desk)
    if answers is None:
        return None
    return any(each.is_authoritative and values(each, "SOA") for each in answers)


def _direct(question: Question, server: Server, desk: Desk) -> list[Answer] | None:
    """Send one datagram to one server; None when nothing was sent."""
    if desk.should_stop() or _refusal(server.address, desk):
        return None
    to_it = ask(
        [question],
        resolvers=[(server.address, settings.DNS_ZONE_PORT)],
        should_stop=desk.should_stop,
        limits=ONE,
        recurse=False,
    )
    try:
        answers = list(to_it)
    except OSError:
        return None  # this machine has no way there
    size = len(encode(question, 0, recurse=False))
    for answer in answers:
        sizes = (size, answer.size)
        _record(server, desk, Transport.UDP, sizes=sizes, result=answer.status)
    known = {Status.ANSWERED, Status.NO_SUCH_NAME}
    return [each for each in answers if each.status in known]


def _transfer(zone: str, server: Server, desk: Desk) -> list[Record] | None:
    """Ask for the whole zone; None unless the server gave it."""
    if desk.should_stop() or _refusal(server.address, desk):
        return None
    found = transfer(
        zone,
        (server.address, settings.DNS_ZONE_PORT),
        should_stop=desk.should_stop,
    )
    sizes = (found.bytes_out, found.bytes_in)
    _record(server, desk, Transport.TCP, sizes=sizes, result=found.outcome)
    return found.records if found.outcome in GIVEN else None


def _record(
    server: Server,
    desk: Desk,
    transport: Transport,
    *,
    sizes: tuple[int, int],
    result: str,
) -> None:
    kind = Kind(transport, PROBE, VERSION, result, 1, *sizes)
    with workspace_scope():
        probe_ledger.write(
            [Sent(timezone.now(), settings.DNS_ZONE_PORT, kind)],
            run=desk.run,
            vantage_id=desk.vantage.pk,
            address=server.address,
        )
