"""When somebody last looked from a zone at some assets, and what answered."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from exposure.models import Endpoint, RunTarget
from exposure.models.runs import TargetState

MOST_ASSETS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """The day of a look ("2026-11-14") and what it was; both "" for none."""

    day: str = ""
    words: str = ""


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def last_look(origin: str, asset_ids: Collection[str]) -> Look:
    """Return the last finished look at some assets (ids) from a zone ("" internet).

    Runs at the sites of the reader count, and addresses that the assets have now.
    """
    ids = [each for each in sorted(asset_ids)[:MOST_ASSETS] if _is_id(each)]
    if origin and not _is_id(origin):  # a zone at another site has no name and no id
        return Look()
    addresses = Endpoint.objects.filter(asset__in=ids).values("address")
    rows = RunTarget.objects.filter(
        address__in=addresses,
        state=TargetState.DONE,
        vantage__zone=origin or None,
        run__finished_at__isnull=False,
    )
    found = (
        rows.select_related("run").order_by("-run__finished_at", "-answered").first()
    )
    if found is None or found.run.finished_at is None:
        return Look()
    ports = ", ".join(str(port) for port in sorted(found.open_ports)[:8])
    what = f"port {ports} answered" if ports else "nothing answered"
    words = f"run {found.run.number} looked at {found.address} and {what}"
    return Look(found.run.finished_at.date().isoformat(), words)
