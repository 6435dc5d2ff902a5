"""Sites by what they add to the exposure, worst first: for a roll-up, and for one customer."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.paths.analyse import ENGINE
from exposure.logic.paths.words import moved_words
from exposure.models import PathRevision
from exposure.services.site_figures import SiteCount
from workflows.views.site_facts import SiteFacts
from workflows.views.wording import counted

NEVER = "The paths were never computed."
NOT_BY_SITE = "Not counted by site yet. The next count does so, within an hour."
NO_LINE = "No line is described here."
OLDER = "Counted by an older version of the engine."


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One row; the fields are described in workflows/_sites.html."""

    name: str
    customer: str
    slug: str
    units: float | None
    low: float
    high: float
    moved: str
    lines: int
    reached: int
    worst: str
    change: str
    removes: float
    computed_at: dt.datetime | None
    stale_at: dt.datetime | None
    engine: str
    policy_hash: str
    note: str


def site_row(
    facts: SiteFacts, *, customer: str = "", slug: str = "", now: dt.datetime
) -> SiteRow:
    """Return the row of one site; without a count, or a line, it has no units."""
    count = facts.count
    known = count is not None and count.lines > 0
    shown = count if count is not None and known else NOTHING
    return SiteRow(
        name=facts.name,
        customer=customer,
        slug=slug,
        units=shown.units if known else None,
        low=shown.low,
        high=shown.high,
        moved=moved_words(shown.moved),
        lines=shown.lines,
        reached=shown.reached,
        worst=shown.worst_line,
        change=shown.change_label,
        removes=shown.change_removes,
        computed_at=facts.computed_at,
        stale_at=count.checked_at
        if count is not None and count.is_stale(now=now)
        else None,
        engine=facts.engine,
        policy_hash=facts.policy_hash,
        note=_note(facts),
    )


NOTHING = SiteCount(
    units=0.0,
    low=0.0,
    high=0.0,
    moved=None,
    lines=0,
    reached=0,
    worst_line="",
    change_label="",
    change_removes=0.0,
    checked_at=dt.datetime.max.replace(tzinfo=dt.UTC),
)


def worst_first(rows: Iterable[SiteRow]) -> list[SiteRow]:
    """Sort by units; what has none comes last, by customer and name."""
    return sorted(
        rows,
        key=lambda row: (
            -(row.units or 0.0),
            row.units is None,
            row.customer,
            row.name,
        ),
    )


def own_sites(
    found: Mapping[str, SiteCount | None],
    newest: PathRevision | None,
    *,
    now: dt.datetime,
) -> list[SiteRow]:
    """Return the rows of the reader's sites in the newest revision, worst first."""
    return worst_first(
        site_row(
            SiteFacts(
                name=name,
                engine=newest.engine if newest else "",
                policy_hash=newest.policy_hash if newest else "",
                computed_at=newest.created_at if newest else None,
                count=count,
            ),
            now=now,
        )
        for name, count in found.items()
    )


def not_counted(rows: Sequence[SiteRow]) -> str:
    """Return how many sites have no units, as a sentence; "" when all have."""
    number = sum(1 for row in rows if row.units is None)
    if not number:
        return ""
    verb = "has" if number == 1 else "have"
    return f"{counted(number, 'site')} of {len(rows)} {verb} no number, which is not 0."


def _note(facts: SiteFacts) -> str:
    if facts.computed_at is None:
        return NEVER
    if facts.count is None:
        return NOT_BY_SITE
    if not facts.count.lines:
        return NO_LINE
    return OLDER if facts.engine != ENGINE else ""
