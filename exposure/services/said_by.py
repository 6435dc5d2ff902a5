"""Since when the causes of a path are known, and who says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from exposure.logic.paths.results import CauseRow, Hop
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import Credential, Evidence, EvidenceKind, VendorAccess
from exposure.services.paths import PathAnswer

UNSAID = {
    "same_zone": "nobody has said whether anything filters here",
    "phishing": "the scoring policy assumes it",
}
NOBODY = "nobody is named"


@dataclass(frozen=True, slots=True)
class Said:
    """How old our knowledge is, and whose.

    `since` and `shown` are days ("2026-11-14") or "": when it was first known, and when
    it was last shown to hold. `by` says who says so, or what showed it; "" where that is
    not known, or not the reader's.
    """

    since: str = ""
    shown: str = ""
    by: str = ""


class SaidBy:
    """What is known of the causes of some hops, as far as the reader may see it.

    Days of ports and the sources of conduits are those of the revision. Of a weakness
    its evidence up to the revision counts; who described a sign-in or a vendor's access
    is read from its row as it is today. At most three queries.
    """

    def __init__(self, answer: PathAnswer, hops: Iterable[Hop]) -> None:
        causes = {row.id: row for row in answer.analysis.causes}
        used = [causes[key] for hop in hops for key in hop.cause_ids if key in causes]
        ids: dict[str, set[str]] = defaultdict(set)
        for cause in used:
            ids[cause.kind].add(cause.subject_id)
        self._plant: PlantSnapshot = answer.snapshot
        self._services = {
            row.id: row for row in answer.snapshot.services if row.id in ids["service"]
        }
        self._conduits = {row.id: row for row in answer.snapshot.conduits}
        self._zones = {row.id: row.name for row in answer.snapshot.zones}
        self._proven = _proven(ids["finding"], answer) if ids["finding"] else {}
        self._sources: dict[str, str] = {}
        for kind, model in (("credential", Credential), ("vendor", VendorAccess)):
            if ids[kind]:
                rows = model._default_manager.filter(pk__in=ids[kind])
                self._sources.update(
                    (str(pk), source) for pk, source in rows.values_list("pk", "source")
                )

    def of(self, cause: CauseRow, hop: Hop) -> Said:
        """Return what is known of one cause of one of the hops."""
        if cause.kind == "service":
            return self._service(cause.subject_id)
        if cause.kind == "conduit":
            return self._conduit(cause, hop)
        if cause.kind == "finding":
            return self._proven.get(cause.subject_id, Said())
        unsaid = UNSAID.get(cause.kind, "")
        return Said(by=self._sources.get(cause.subject_id, unsaid))

    def _service(self, service_id: str) -> Said:
        """What it is called says from where it was seen."""
        row = self._services.get(service_id)
        return Said(row.known_since) if row else Said()

    def _conduit(self, cause: CauseRow, hop: Hop) -> Said:
        """Of a port that was seen open through a conduit, the sighting is the proof."""
        row = self._conduits.get(cause.subject_id)
        if row is None:
            return Said()
        if not cause.id.startswith("seen_"):
            return Said(by=row.source or NOBODY)
        days = [
            each.known_since
            for each in self._plant.services
            if (each.asset_id, each.port, each.seen_from)
            == (hop.to_id, hop.port, row.from_zone_id)
        ]
        seen = self._seen_from(row.from_zone_id)
        return Said(min(days, default=""), by=f"{seen}; {row.source}".rstrip("; "))

    def _seen_from(self, zone_id: str) -> str:
        if not zone_id:
            return "seen from the internet"
        return f"seen from {self._zones[zone_id]}" if zone_id in self._zones else "seen"


def _proven(finding_ids: Iterable[str], answer: PathAnswer) -> Mapping[str, Said]:
    """Return the first and the last item of evidence of each that says it holds."""
    rows = (
        Evidence.objects.filter(
            finding__in=finding_ids, holds=True, at__lte=answer.revision.created_at
        )
        .order_by("at", "id")
        .values_list("finding", "at", "kind")
    )
    found: dict[str, Said] = {}
    for finding_id, at, kind in rows:
        day, key = timezone.localdate(at).isoformat(), str(finding_id)
        first = found[key].since if key in found else day
        found[key] = Said(first, day, str(EvidenceKind(kind).label).lower())
    return found
