"""Stored conversations, read again: do today's parsers still prove what was claimed?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from exposure.models import Observation
from exposure.probes.base import Direction, Exchange, Outcome, Parsed
from exposure.probes.registry import BY_NAME
from exposure.probes.text import harmless_facts
from tenants.scope import workspace_scope

BATCH = 500
CHANGED_SINCE = "The parser has changed since."


@dataclass(frozen=True, slots=True)
class Deviation:
    """One observation that today's parser reads otherwise, with the facts that differ."""

    observation_id: str
    probe: str
    version: int
    where: str
    differs: tuple[str, ...]


@dataclass(slots=True)
class Verified:
    """What came of reading every stored conversation again.

    `same` were read to the same result, `older` came from another version of their
    probe and are only counted, `unheard` hold no answer to read. `unknown` are of
    probes that there are no more.
    """

    same: int = 0
    older: int = 0
    unheard: int = 0
    unknown: int = 0
    deviations: list[Deviation] = field(default_factory=list)


def verify_transcripts() -> Verified:
    """Read every stored conversation of the current workspace again.

    Memory stays flat; the rows are read in batches, each in a scope of its own.
    """
    found = Verified()
    for row in _rows():
        _verify(row, found)
    return found


def parser_words(probe: str, version: int) -> str:
    """Return what to know before a stored conversation is read again; "" if nothing."""
    known = BY_NAME.get(probe)
    if known is None:
        return "There is no parser for it any more."
    return "" if known.version == version else CHANGED_SINCE


def parse_again(probe: str, exchanges: Iterable[Mapping[str, Any]]) -> Parsed:
    """Return what today's parser reads in a stored conversation; raises KeyError."""
    parsed = BY_NAME[probe].parse(stored_exchanges(exchanges))
    return parsed._replace(facts=harmless_facts(parsed.facts))


def stored_exchanges(rows: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """Return a conversation as `recording.exchange_rows` wrote it."""
    return [
        Exchange(
            float(row["at"]), Direction(row["direction"]), bytes.fromhex(row["hex"])
        )
        for row in rows
    ]


def _rows() -> Iterator[Observation]:
    last = None
    while True:
        with workspace_scope():
            rows = Observation.objects.order_by("id")
            batch = list((rows if last is None else rows.filter(id__gt=last))[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _verify(row: Observation, found: Verified) -> None:
    if not any(each["direction"] == Direction.RECEIVED for each in row.exchanges):
        found.unheard += 1
    elif row.probe not in BY_NAME:
        found.unknown += 1
    elif BY_NAME[row.probe].version != row.probe_version:
        found.older += 1
    elif differs := tuple(_differences(row)):
        where = f"{row.address} {row.transport} {row.port}"
        found.deviations.append(
            Deviation(str(row.pk), row.probe, row.probe_version, where, differs)
        )
    else:
        found.same += 1


def _differences(row: Observation) -> Iterator[str]:
    try:
        again = parse_again(row.probe, row.exchanges)
    except Exception as error:  # noqa: BLE001 - a parser's mistake is what is looked for
        # The same mistake was made when the answer came in.
        if row.outcome != Outcome.ERROR:
            yield f"the parser fails: {type(error).__name__}"
        return
    # An answer that was cut off at the cap is kept, and not believed.
    cut = row.outcome == Outcome.ANOMALY and again.outcome is Outcome.IDENTIFIED
    if again.outcome.value != row.outcome and not cut:
        yield f"outcome {row.outcome} is now {again.outcome.value}"
    if again.level != row.level:
        yield f"level {row.level} is now {again.level}"
    facts = dict(again.facts)
    for name in sorted({*row.facts, *facts}):
        if row.facts.get(name) != facts.get(name):
            yield name
