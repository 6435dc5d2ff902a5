"""Asks what is to be known of some names, and turns the answers into facts and finds."""

import ipaddress
from collections.abc import Iterator, Mapping

from exposure.logic.names.chains import Chain, leads_nowhere, values
from exposure.logic.names.hygiene import (
    Facts,
    caa_facts,
    dmarc_facts,
    is_known,
    place_facts,
    spf_facts,
)
from exposure.logic.names.labels import is_at_or_below, parent, parents
from exposure.logic.names.messages import Answer, Question, Record
from exposure.logic.scope_text import why_not_a_target
from exposure.models import Holding, HoldingKind
from exposure.services.attribution import Found
from exposure.services.entries import allowed_private
from exposure.services.name_job import Job
from exposure.services.name_looks import Look
from exposure.services.resolving import chain_in, look_up
from exposure.services.zone_checks import check_zone, delegation
from tenants.scope import workspace_scope

PLACE_TYPES = ("A", "AAAA", "NS")
ZONE_TYPES = ("MX", "TXT", "CAA", "SOA")
MOST_FROM_ZONE = 2000  # names that one zone transfer may add
MOST_NAMED = 50  # mail servers that are written down
MOST_LOST = 10  # names of one batch whose servers the parent is asked for
Answers = dict[Question, Answer]


def look_at(names: list[str], *, job: Job) -> tuple[list[Look], list[Found]]:
    """Return a look at each name, and everything else that this found."""
    answers = look_up(
        (Question(name, type_) for name in names for type_ in PLACE_TYPES),
        should_stop=job.should_stop,
    )
    zones = {
        name: servers
        for name in names
        if (servers := values(answers.get(Question(name, "NS")), "NS"))
    }
    lost = _lost(names, answers, zones, job)
    answers |= look_up(_about_zones(zones), should_stop=job.should_stop)
    looks, found = [], list[Found]()
    for name in names:
        look = _look(name, answers)
        found += _inside(look, job)
        found += _found(look, answers, job)
        held_by = zones.get(name) or lost.get(name)
        if held_by:
            found += _check(look, held_by, answers, job)
        looks.append(look)
    return looks, found


def _about_zones(zones: Mapping[str, list[str]]) -> Iterator[Question]:
    for zone in zones:
        for type_ in ZONE_TYPES:
            yield Question(zone, type_)
        yield Question(f"_dmarc.{zone}", "TXT")


def _look(name: str, answers: Answers) -> Look:
    chain = chain_in(name, answers)
    own = [
        each for type_ in ("A", "AAAA") if (each := answers.get(Question(name, type_)))
    ]
    nowhere = len(own) == 2 and leads_nowhere(own, chain)
    look = Look(name, place_facts(own, chain, nowhere=nowhere))
    if len(own) == 2 and all(map(is_known, own)):
        look.asked |= {"A", "AAAA", "CNAME"}
    times = [record.ttl for each in own for record in each.records]
    ttl = min(times, default=0)
    look.records = [Record(name, "CNAME", target, ttl) for target in chain.names]
    look.records += [
        Record(name, "AAAA" if ":" in address else "A", address, ttl)
        for address in chain.addresses
    ]
    for type_ in ("NS", *ZONE_TYPES):
        answer = answers.get(Question(name, type_))
        if answer is not None and is_known(answer):
            look.asked.add(type_)
            look.records += [
                each
                for each in answer.records
                if each.type == type_ and each.name == name
            ]
    return look


def _inside(look: Look, job: Job) -> Iterator[Found]:
    """Yield a name that is there as what lies below the one that was signed."""
    above = [top for top in job.scope.tops if is_at_or_below(look.name, [top])]
    if above and look.name not in above and not look.is_nothing:
        top = max(above, key=len)
        yield Found(HoldingKind.NAME, look.name, "inside", top, job.at)


def _found(look: Look, answers: Answers, job: Job) -> Iterator[Found]:
    """Yield where a name leads: the names of its chain, and the addresses at its end."""
    chain: Chain = chain_in(look.name, answers)
    before = look.name
    for target in chain.names:
        yield Found(HoldingKind.NAME, target, "CNAME of", before, job.at)
        before = target
    for address in chain.addresses:
        # Nobody is asked whose a private address is; it is a fact of the name.
        literal = ipaddress.ip_address(address)
        if why_not_a_target(literal, allowed_private=allowed_private()):
            continue
        yield Found(HoldingKind.ADDRESS, address, "address of", look.name, job.at)


def _check(
    look: Look, servers: list[str], answers: Answers, job: Job
) -> Iterator[Found]:
    """Add what is to be said of a zone; yield the names that it names or gives away."""
    zone = look.name
    facts, given = check_zone(zone, servers, desk=job.desk())
    look.facts |= facts | _mail(zone, answers, job)
    for type_, source in (("MX", "MX of"), ("NS", "NS of")):
        for value in values(answers.get(Question(zone, type_)), type_):
            name = value.rpartition(" ")[2]
            # Servers of others are facts of the zone; nobody is asked whose they are.
            if job.scope.holds_name(name) and name != zone:
                yield Found(HoldingKind.NAME, name, source, zone, job.at)
    owners = sorted({record.name for record in given} - {zone})
    for name in owners[:MOST_FROM_ZONE]:
        if is_at_or_below(name, [zone]) and not name.startswith(("*", "_")):
            yield Found(HoldingKind.NAME, name, "zone transfer of", zone, job.at)


def _mail(zone: str, answers: Answers, job: Job) -> Facts:
    mx = answers.get(Question(zone, "MX"))
    facts: Facts = {}
    if is_known(mx):
        facts["mail_servers"] = values(mx, "MX")[:MOST_NAMED]
    facts |= spf_facts(answers.get(Question(zone, "TXT")))
    facts |= caa_facts(answers.get(Question(zone, "CAA")))
    facts |= dmarc_facts(answers.get(Question(f"_dmarc.{zone}", "TXT")))
    above = parent(zone)
    # Below another zone of the scope the policy of the domain above holds (RFC 7489),
    # and so do its certificate authorities (RFC 8659).
    for key in ("dmarc_policy", "caa"):
        if facts[key] == "missing" and job.scope.holds_name(above):
            facts[key] = "inherited"
    return facts


def _lost(
    names: list[str], answers: Answers, zones: Mapping[str, list[str]], job: Job
) -> dict[str, list[str]]:
    """Return the servers of names that no resolver can find, as their parents name them."""
    failed = [
        name
        for name in names
        if not is_known(answers.get(Question(name, "NS")))
        and not chain_in(name, answers).addresses
    ][:MOST_LOST]
    if not failed:
        return {}
    known = {**_known_zones(failed, job), **zones}
    found = {}
    for name in failed:
        above = max(
            (zone for zone in known if zone != name and is_at_or_below(name, [zone])),
            key=len,
            default="",
        )
        if above and not job.should_stop():
            found[name] = delegation(name, known[above], desk=job.desk())
    return {name: servers for name, servers in found.items() if servers}


def _known_zones(names: list[str], job: Job) -> dict[str, list[str]]:
    """Return the zones in scope above some names, with their servers of the last look."""
    above = {name for each in names for name in parents(each)}
    with workspace_scope():
        rows = Holding.objects.filter(
            site_id=job.search.site_id,
            kind=HoldingKind.NAME,
            value__in=above,
            in_scope=True,
            facts__zone=True,
        )
        return {row.value: row.facts.get("name_servers") or [] for row in rows}
