"""Changes of a plan that no window dates, between the freezes round them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.paths.plans.freezing import Span


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """A change that no window dates, and the time that freezes leave for it.

    `begins` None: now; `ends` None: no freeze follows.
    """

    label: str
    zone: str
    begins: dt.datetime | None
    ends: dt.datetime | None


def frozen_rows(
    spans: Mapping[str, Span],
    *,
    labels: Mapping[str, str],
    places: Mapping[str, Sequence[str]],
    zones: Mapping[str, str],
) -> list[FrozenRow]:
    """Return the changes that have to wait for the end of a freeze, or be over by one."""
    rows = []
    for change, span in spans.items():
        known = (zones[each] for each in places.get(change, ()) if each in zones)
        zone = next(known, "UTC")
        rows.append(FrozenRow(labels[change], zone, span.begins, span.ends))
    return rows
