"""Holdings with their sightings: read together, kept together, weighed together."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable

from exposure.logic import attribution as logic
from exposure.logic.names.labels import shown
from exposure.models import (
    Holding,
    HoldingKind,
    HoldingState,
    OwnerAnswer,
    Sighting,
    Site,
)
from exposure.probes.text import harmless

LONGEST_DETAIL = 300


class Book:
    """What is known of some values at a site, and what is to be added.

    Values of different kinds are never the same text, so a value alone finds a holding.
    """

    def __init__(self, site: Site, values: Iterable[str]) -> None:
        """Read what is known; the caller holds the lock of the site."""
        self._site = site
        rows = Holding.objects.filter(site=site, value__in=set(values))
        self._holdings = {(row.kind, row.value): row for row in rows}
        self._sightings: dict[str, list[Sighting]] = defaultdict(list)
        seen = Sighting.objects.filter(holding__in=self._holdings.values())
        for row in seen.select_related("derived_from", "holding"):
            self._sightings[row.holding.value].append(row)
        self._new: dict[uuid.UUID, Holding] = {}
        self._met: dict[uuid.UUID, Holding] = {}
        self._new_sightings: list[Sighting] = []
        self._changed: dict[uuid.UUID, Sighting] = {}

    def best(self, value: str) -> Sighting | None:
        """Return the sighting of a value that is nearest to a root; None if unknown.

        Of those that are equally near, the one whose source is believed most.
        """
        rows = self._sightings.get(value, ())
        return min(
            rows,
            key=lambda row: (row.depth, -logic.weight(row.source), row.first_seen),
            default=None,
        )

    def sight(
        self,
        key: tuple[str, str],
        *,
        source: str,
        origin: Sighting | None,
        seen_at: dt.datetime,
        detail: str,
    ) -> None:
        """Add one sighting, or see a known one again."""
        holding = self._meet(key, seen_at)
        if source != logic.OWNER:  # who answers has not seen it again
            _seen(holding, seen_at)
        text = harmless(detail, limit=LONGEST_DETAIL)
        depth = origin.depth + 1 if origin else 1
        for row in self._sightings[holding.value]:
            if row.source == source and _origin(row) == (origin and origin.holding_id):
                # Never longer: so no trail ever goes round in a circle.
                if depth <= row.depth:
                    row.derived_from, row.depth = origin, depth
                row.last_seen, row.detail = max(row.last_seen, seen_at), text
                self._changed[row.pk] = row
                return
        row = Sighting(
            workspace_id=self._site.workspace_id,
            holding=holding,
            source=source,
            derived_from=origin,
            depth=depth,
            detail=text,
            first_seen=seen_at,
            last_seen=seen_at,
        )
        self._sightings[holding.value].append(row)
        self._new_sightings.append(row)

    def _meet(self, key: tuple[str, str], seen_at: dt.datetime) -> Holding:
        holding = self._holdings.get(key)
        if holding is None:
            kind, value = key
            holding = self._holdings[key] = Holding(
                workspace_id=self._site.workspace_id,
                site=self._site,
                kind=kind,
                value=value,
                shown=shown(value) if kind == HoldingKind.NAME else value,
                first_seen=seen_at,
                last_seen=seen_at,
            )
            self._new[holding.pk] = holding
            return holding
        if holding.pk not in self._new:
            self._met[holding.pk] = holding
        return holding

    def save(self) -> tuple[int, int]:
        """Write everything down; return how many holdings are new, and how many known."""
        again = [row for row in self._changed.values() if not row._state.adding]
        Holding.objects.bulk_create(self._new.values())
        Holding.objects.bulk_update(self._met.values(), ["last_seen", "state"])
        Sighting.objects.bulk_create(self._new_sightings)
        Sighting.objects.bulk_update(
            again, ["derived_from", "depth", "last_seen", "detail"]
        )
        weigh([*self._new.values(), *self._met.values()])
        return len(self._new), len(self._met)


def _seen(holding: Holding, at: dt.datetime) -> None:
    if at <= holding.last_seen:
        return
    holding.last_seen = at
    # A name that is looked up is compared by its records instead.
    if holding.checked_at is None:
        back = holding.state == HoldingState.GONE
        holding.state = HoldingState.CHANGED if back else HoldingState.UNCHANGED


def _origin(row: Sighting) -> uuid.UUID | None:
    return row.derived_from.holding_id if row.derived_from else None


def weigh(holdings: Iterable[Holding]) -> None:
    """Compute how sure we are of some holdings, and keep it."""
    rows = list(holdings)
    trails = trails_of(rows)
    for row in rows:
        row.confidence = {OwnerAnswer.OURS: 1.0, OwnerAnswer.NOT_OURS: 0.0}.get(
            OwnerAnswer(row.answer), logic.confidence(trails[row.pk])
        )
    Holding.objects.bulk_update(rows, ["confidence"])


def trails_of(holdings: Iterable[Holding]) -> dict[uuid.UUID, list[logic.Trail]]:
    """Return every trail of some holdings, the surest first; five reads at most."""
    rows = list(holdings)
    known: dict[uuid.UUID, Sighting] = {}
    own = list(Sighting.objects.filter(holding__in=rows).select_related("holding"))
    layer = own
    for _ in range(logic.MOST_HOPS):
        known |= {row.pk: row for row in layer}
        missing = {row.derived_from_id for row in layer} - {None, *known}
        if not missing:
            break
        above = Sighting.objects.filter(pk__in=missing)
        layer = list(above.select_related("holding"))
    found: dict[uuid.UUID, list[logic.Trail]] = {row.pk: [] for row in rows}
    for row in own:
        found[row.holding_id].append(_trail(row, known))
    for trails in found.values():
        trails.sort(key=logic.of_trail, reverse=True)
    return found


def _trail(last: Sighting, known: dict[uuid.UUID, Sighting]) -> logic.Trail:
    hops: list[logic.Hop] = []
    row: Sighting | None = last
    while row is not None and len(hops) <= logic.MOST_HOPS:
        hops.append(
            logic.Hop(
                key=row.pk,
                value=row.holding.shown,
                source=row.source,
                seen_at=row.last_seen,
                detail=row.detail,
            )
        )
        row = known.get(row.derived_from_id) if row.derived_from_id else None
    return tuple(reversed(hops))
