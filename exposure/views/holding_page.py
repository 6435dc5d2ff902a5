"""What the page of one name, address or range shows."""

import datetime as dt
from dataclasses import dataclass

from exposure.logic import attribution
from exposure.logic.names.hygiene import Note, notes
from exposure.models import Holding, HoldingKind, HoldingState, NameRecord, OwnerAnswer
from exposure.services.trails import trails_of
from exposure.views.names_page import percent, scope_words

MOST_TRAILS, MOST_RECORDS = 5, 100


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trail, in words."""

    text: str
    seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Way:
    """One trail from what was signed to this; `percent` is how sure it makes us."""

    steps: list[Step]
    percent: int


@dataclass(frozen=True, slots=True)
class HoldingPage:
    """The context of exposure/names/detail.html, without its forms."""

    holding: Holding
    ascii: str
    lead: str
    scope: str
    sure: str
    percent: int
    ways: list[Way]
    more_ways: int
    notes: list[Note]
    records: list[NameRecord]
    more_records: int
    facts: list[tuple[str, str]]


FACTS = {
    "resolves": "Has an address",
    "name_servers": "Name servers",
    "servers_asked": "Name servers asked",
    "mail_servers": "Mail servers",
    "spf": "SPF",
    "dmarc": "DMARC",
    "dmarc_policy": "DMARC policy",
    "caa": "CAA",
    "dnssec": "DNSSEC",
    "dnssec_why": "DNSSEC, why",
}


def holding_page(row: Holding) -> HoldingPage:
    """Return the page of one holding."""
    trails = trails_of([row])[row.pk]
    records = row.records.order_by("gone_at", "type", "value")
    found = list(records[: MOST_RECORDS + 1])
    total = records.count() if len(found) > MOST_RECORDS else len(found)
    return HoldingPage(
        holding=row,
        ascii=row.value if row.value != row.shown else "",
        lead=_lead(row),
        scope=scope_words(row),
        sure=attribution.in_words(row.confidence),
        percent=percent(row),
        ways=[_way(trail) for trail in trails[:MOST_TRAILS]],
        more_ways=max(0, len(trails) - MOST_TRAILS),
        notes=notes(row.facts),
        records=found[:MOST_RECORDS],
        more_records=max(0, total - MOST_RECORDS),
        facts=_facts(row),
    )


def _lead(row: Holding) -> str:
    state = HoldingState(row.state)
    seen = {
        HoldingState.NEW: "New since the last look",
        HoldingState.UNCHANGED: "As in the look before",
        HoldingState.CHANGED: "It has changed since the look before",
        HoldingState.GONE: "It is gone: the DNS does not know it any more",
    }[state]
    if row.answer == OwnerAnswer.NOT_OURS:
        return f"{seen}. The owner said that it is not theirs: nobody asks about it."
    if row.in_scope:
        return f"{seen}. It is in the signed scope of {row.site.name}."
    if row.kind == HoldingKind.NAME:
        return (
            f"{seen}. It is not in the signed scope, so nobody asks the DNS about it."
        )
    return f"{seen}. It is not in the signed scope, so nothing is sent to it."


def _way(trail: attribution.Trail) -> Way:
    steps = [
        Step(
            attribution.sentence(hop, trail[place - 1] if place else None), hop.seen_at
        )
        for place, hop in enumerate(trail)
    ]
    return Way(steps, round(attribution.of_trail(trail) * 100))


def _facts(row: Holding) -> list[tuple[str, str]]:
    found = []
    for key, label in FACTS.items():
        fact = row.facts.get(key)
        if fact not in (None, "", []):
            text = ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)
            found.append((label, text))
    return found
