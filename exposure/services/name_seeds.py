"""Where a search begins: the signed scope, certificates that were seen, reverse names."""

import datetime as dt
import ipaddress
from collections.abc import Iterator

from django.conf import settings

from exposure.logic.attribution import SCOPE_ENTRY
from exposure.logic.names.chains import values
from exposure.logic.names.labels import is_made_from
from exposure.logic.names.messages import Question
from exposure.logic.scope_text import ScopeKind
from exposure.models import Authorisation, HoldingKind, Observation
from exposure.services.attribution import Found, note
from exposure.services.entries import read_entry
from exposure.services.name_job import Job
from exposure.services.resolving import look_up
from tenants.scope import workspace_scope

MOST_CERTIFICATES = 5000
MOST_REVERSE = 5000  # addresses; the widest range of a scope has 4096
KIND_OF = {
    ScopeKind.NAME: HoldingKind.NAME,
    ScopeKind.ADDRESS: HoldingKind.ADDRESS,
    ScopeKind.RANGE: HoldingKind.RANGE,
}


def note_entries(authorisation: Authorisation, *, at: dt.datetime) -> None:
    """Keep what the customer signed: the roots of all trails."""
    entries = [read_entry(row.value) for row in authorisation.entries.all()]
    note(
        (
            Found(KIND_OF[e.kind], e.text, SCOPE_ENTRY, "", at, authorisation.reference)
            for e in entries
            if e is not None
        ),
        site=authorisation.site,
    )


def note_certificates(job: Job) -> None:
    """Keep the names of certificates that addresses of the scope have shown."""
    seen = (
        Observation.objects.filter(run__site=job.search.site, probe="tls")
        .order_by("address", "port", "-at")
        .distinct("address", "port")
        .values_list("address", "port", "facts")[:MOST_CERTIFICATES]
    )
    found = [
        Found(
            HoldingKind.NAME,
            str(name),
            "certificate on",
            address,
            job.at,
            f"port {port}",
        )
        for address, port, facts in seen
        if job.scope.holds_address(address)
        for name in facts.get("names") or ()
    ]
    note(
        [*inside(job, {each.derived_from_value for each in found}), *found],
        site=job.search.site,
    )


def inside(job: Job, addresses: set[str]) -> Iterator[Found]:
    """Yield addresses as what lies in an entry of the scope."""
    for address in sorted(addresses):
        entry = job.scope.entry_of(address)
        if entry and entry != address:
            yield Found(HoldingKind.ADDRESS, address, "inside", entry, job.at)


def note_reverse(job: Job) -> None:
    """Ask for the reverse names of the addresses in scope, and keep what they say.

    A name that only spells its address, as access providers make them, says nothing.
    """
    asked = {_reverse(address): address for address in _addresses(job)}
    answers = look_up(
        (Question(name, "PTR") for name in asked), should_stop=job.should_stop
    )
    found = [
        Found(HoldingKind.NAME, name, "PTR of", address, job.at)
        for question, answer in answers.items()
        for name in values(answer, "PTR")[:5]
        if not is_made_from(name, address := asked[question.name])
    ]
    with workspace_scope():
        note(
            [*inside(job, {each.derived_from_value for each in found}), *found],
            site=job.search.site,
        )


def _addresses(job: Job) -> Iterator[str]:
    given = 0
    for _, network in job.scope.ranges:
        # Nobody but a resolver of the own house knows names of private addresses.
        if not (network.is_global or settings.DNS_RESOLVERS):
            continue
        hosts = network.hosts() if network.num_addresses > 2 else network
        for address in hosts:
            if given == MOST_REVERSE:
                return
            if job.scope.holds_address(str(address)):
                given += 1
                yield str(address)


def _reverse(address: str) -> str:
    return ipaddress.ip_address(address).reverse_pointer
