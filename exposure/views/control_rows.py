"""What the pages of controls show."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from exposure.logic.controls import Standing, standing_at
from exposure.models import Control, ControlTest
from exposure.services import controls

UrlOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ControlMark:
    """How a control stands; see exposure/controls/_standing.html."""

    name: str
    url: str
    standing: Standing
    tested_at: dt.datetime | None
    until: dt.datetime | None
    retired_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control; the fields are described in exposure/controls/list.html."""

    mark: ControlMark
    site: str
    on: str
    ref: str
    does: str
    how_tested: str
    cadence_days: int
    owner: str
    side: str


def known_controls() -> QuerySet[Control]:
    """Return the controls that the reader may see: those in place first, by plant."""
    rows = controls.with_newest_test().select_related(
        "site", "conduit", "finding__asset", "owner"
    )
    return rows.order_by(
        F("retired_at").desc(nulls_first=True), "site__name", "name", "pk"
    )


def control_row(row: Control, *, url: str) -> ControlRow:
    """Return what is shown of a row of `known_controls`."""
    finding = row.finding
    return ControlRow(
        mark=control_mark(row, url=url),
        site=row.site.name,
        on=f"{finding.ref} on {finding.asset.name}" if finding else str(row.conduit),
        ref=finding.ref if finding else "",
        does=row.does,
        how_tested=row.how_tested,
        cadence_days=row.cadence_days,
        owner=row.owner.name,
        side=row.get_side_display(),
    )


def control_mark(row: Control, *, url: str) -> ControlMark:
    """Return how a control with its newest test stands now."""
    facts = controls.facts_of(row)
    return ControlMark(
        name=row.name,
        url=url,
        standing=standing_at(facts, timezone.now()),
        tested_at=facts.tested_at,
        until=facts.until,
        retired_at=row.retired_at,
    )


def marks_in_place(url_of: UrlOf) -> dict[uuid.UUID | None, list[ControlMark]]:
    """Return the controls that are in place by the conduit or finding they are on."""
    found: dict[uuid.UUID | None, list[ControlMark]] = defaultdict(list)
    rows = controls.with_newest_test().filter(retired_at=None)
    for row in rows.order_by("name", "pk"):
        mark = control_mark(row, url=url_of(str(row.pk)))
        found[row.conduit_id or row.finding_id].append(mark)
    return found


def tests_of(row: Control, *, most: int) -> QuerySet[ControlTest]:
    """Return the newest tests of a control, the newest first."""
    rows: Any = row.tests.select_related("tested_by")
    ordered: QuerySet[ControlTest] = rows.order_by("-tested_at", "-noted_at", "-pk")
    return ordered[:most]
