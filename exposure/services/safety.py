"""Which devices are safety systems, for whoever asks."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from exposure.models import Asset, AssetKind, PathRevision


@dataclass(frozen=True, slots=True)
class SafetySystem:
    """A device that is one by its kind, or stands in a safety zone."""

    id: str
    name: str


def rows() -> QuerySet[Asset]:
    """Return the safety systems of the reader's sites, by name."""
    is_one = Q(kind=AssetKind.SIS) | Q(zone__is_safety=True)
    return Asset.objects.filter(is_one).order_by("name", "pk")


def systems() -> list[SafetySystem]:
    """Return the safety systems of the reader's sites, by name."""
    return [
        SafetySystem(str(pk), name) for pk, name in rows().values_list("pk", "name")
    ]


def reached_in(revision: PathRevision) -> list[str]:
    """Return the names of the reader's safety systems to which a revision knows a way."""
    known = (revision.summary or {}).get("safety", {})
    ids = [key for key, is_known in known.items() if is_known]
    return list(rows().filter(pk__in=ids).values_list("name", flat=True)) if ids else []
