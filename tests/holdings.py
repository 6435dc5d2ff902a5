"""Makes names that were found, for tests that do not search for them."""

from typing import Any

from django.utils import timezone

from exposure.models import Holding, NameRecord, Sighting, Site


def make_holding(site: Site, value: str, **values: Any) -> Holding:
    """Make a name with one record, found in a log of certificates."""
    now = timezone.now()
    values.setdefault("shown", value)
    held = Holding.objects.create(
        site=site, kind="name", value=value, first_seen=now, last_seen=now, **values
    )
    NameRecord.objects.create(
        holding=held,
        type="TXT",
        value=f"of {held.shown}",
        ttl=60,
        first_seen=now,
        last_seen=now,
    )
    Sighting.objects.create(
        holding=held,
        source="crt.sh",
        detail=f"asked about {held.shown}",
        first_seen=now,
        last_seen=now,
    )
    return held
