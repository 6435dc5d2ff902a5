"""The rows of the table of steps: what each rests on, since when, and what breaks it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from common.words import PROOF
from exposure.logic.path_map import PathMap
from exposure.logic.paths.hops import CERTAIN
from exposure.logic.paths.on_hop import changes_on
from exposure.logic.paths.reasons import day_in_words
from exposure.logic.paths.results import CauseRow, FoundPath
from exposure.logic.paths.sight import STEP
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.techniques import techniques_of
from exposure.logic.paths.weakest import rests_on, trust_in
from exposure.services.making import Making
from exposure.services.paths import PathAnswer
from exposure.services.said_by import Said, SaidBy
from exposure.views.path_words import cut_words

UrlOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where things are: addresses by id, of a finding by its reference."""

    finding: UrlOf
    asset: UrlOf
    onward: UrlOf
    credential: UrlOf
    vendor: UrlOf
    plant: str


@dataclass(frozen=True, slots=True)
class RestRow:
    """One cause of a hop; the fields are described in exposure/paths/_hops.html."""

    word: str
    label: str
    url: str
    known: str


@dataclass(frozen=True, slots=True)
class HopRow:
    """One hop as text; the fields are described in exposure/paths/_hops.html."""

    number: int
    from_name: str
    to_name: str
    to_url: str
    onward_url: str
    to_level: str
    how: str
    proof: str
    rests_on: list[RestRow]
    techniques: tuple[str, ...]
    cut: str
    best: bool


def hop_rows(
    drawn: PathMap, answer: PathAnswer, pages: Pages, *, known: Mapping[str, Making]
) -> list[HopRow]:
    """Return the hops of the selected path; what is worst known of each comes first."""
    if drawn.selected is None:
        return []
    analysis, hops = answer.analysis, drawn.selected.hops
    causes = {cause.id: cause for cause in analysis.causes}
    best = drawn.cut.change_id if drawn.cut else ""
    lines = {row.id: row.name for row in answer.snapshot.lines}
    levels = _levels(answer.snapshot, {hop.to_id for hop in hops})
    said_by, links = SaidBy(answer, hops), Links(answer.snapshot, pages)
    rows = []
    for hop in hops:
        on_hop = changes_on(hop, analysis.changes, causes)
        to_asset = hop.to_kind == "asset"
        named = to_asset and hop.how != STEP
        rests = [
            RestRow(
                cause.word,
                capfirst(cause.label),
                links.of(cause),
                known_words(said_by.of(cause, hop)),
            )
            for cause in rests_on(hop, causes)
        ]
        rows.append(
            HopRow(
                number=hop.number,
                from_name=hop.from_name,
                to_name=hop.to_name,
                to_url=pages.asset(hop.to_id) if named else "",
                onward_url=pages.onward(hop.to_id) if named else "",
                to_level=levels.get(hop.to_id, "") if to_asset else "Level 0",
                how=hop.how,
                proof=rests[0].word if rests else CERTAIN,
                rests_on=rests,
                techniques=techniques_of(hop, causes, answer.plant.vendor_accesses),
                cut=cut_words(on_hop, known, lines),
                best=any(change.id == best for change in on_hop),
            )
        )
    return rows


def known_words(said: Said) -> str:
    """Return since when, and from whom, in words.

    >>> known_words(Said("2026-11-03", "2026-11-14", "second, independent check"))
    'since 3 November 2026; second, independent check of 14 November 2026'
    >>> known_words(Said("2026-11-03", by="seen from Cell 1"))
    'since 3 November 2026; seen from Cell 1'
    """
    since = f"since {day_in_words(said.since)}" if said.since else ""
    of = f" of {day_in_words(said.shown)}" if said.shown else ""
    return "; ".join(filter(None, (since, f"{said.by}{of}")))


def trust_words(path: FoundPath, causes: Mapping[str, CauseRow]) -> tuple[str, str]:
    """Return the confidence in a path as one word, and why it is not more."""
    trust = trust_in(path, causes)
    if trust.hop is None or trust.cause is None:
        return str(trust.confidence), "all of it follows from the plant itself"
    known = PROOF[trust.cause.word].label.lower()
    why = f"weakest: step {trust.hop.number}, {trust.cause.label}, {known}"
    return str(trust.confidence), why


def _levels(snapshot: PlantSnapshot, ids: Collection[str]) -> dict[str, str]:
    zones = {zone.id: zone for zone in snapshot.zones}
    return {
        asset.id: f"Level {zones[asset.zone_id].level:g}"
        for asset in snapshot.assets
        if asset.id in ids and asset.zone_id in zones
    }


class Links:
    """The page that says more of a cause; "" for what the reader has no page of."""

    def __init__(self, snapshot: PlantSnapshot, pages: Pages) -> None:
        """Take the plant as the reader sees it."""
        self._pages = pages
        self._refs = {row.id: row.ref for row in snapshot.findings}
        self._conduits = {row.id for row in snapshot.conduits}
        self._services = {row.id: row.asset_id for row in snapshot.services}
        self._credentials = {row.id for row in snapshot.credentials}
        self._vendors = {row.id for row in snapshot.vendor_accesses}

    def of(self, cause: CauseRow) -> str:
        """Return its address."""
        key, pages = cause.subject_id, self._pages
        if cause.kind == "finding" and key in self._refs:
            return pages.finding(self._refs[key])
        if cause.kind == "conduit" and key in self._conduits:
            return f"{pages.plant}#conduits"
        if cause.kind == "service" and key in self._services:
            return pages.asset(self._services[key])
        if cause.kind == "credential" and key in self._credentials:
            return pages.credential(key)
        if cause.kind == "vendor" and key in self._vendors:
            return pages.vendor(key)
        return ""
