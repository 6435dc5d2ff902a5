"""The facts of the roll-up: one query each over all customers of a provider."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from exposure.logic.priority import Band
from exposure.models import COUNTED, FindingState
from exposure.services.figures import urgency_of
from tenants.rollup import rollup_rows
from workflows.views.progress import MOST_POINTS, Point, observed
from workflows.views.site_facts import SiteFacts, sites_by_workspace

# Each customer is looked up by itself: then every look is one short walk in an index that
# begins with the workspace, and the policy is asked once for each.

EXPOSURE = """
SELECT here.id, point.created_at, point.exposure_units, point.reachable_lines, (
  SELECT min(finished_at) FROM exposure_run WHERE workspace_id = here.id
) FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id) CROSS JOIN LATERAL (
  SELECT number, created_at, exposure_units, reachable_lines
  FROM exposure_pathrevision WHERE workspace_id = here.id
  ORDER BY number DESC LIMIT %(points)s
) point ORDER BY here.id, point.number
"""

# A revision of before this figure was kept is read: it names for each asset how often
# packets reach it. Beside it, to how many safety systems a way is known.
REACHED = """
SELECT here.id, coalesce(newest.reached_assets, (
  SELECT count(*) FROM jsonb_array_elements(
    convert_from(newest.result, 'UTF8')::jsonb -> 'assets'
  ) AS asset WHERE (asset ->> 'reached')::float > 0
)), (
  SELECT count(*) FROM jsonb_each(newest.summary -> 'safety') AS system
  WHERE system.value = 'true'::jsonb
) FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id) CROSS JOIN LATERAL (
  SELECT reached_assets, result, summary
  FROM exposure_pathrevision WHERE workspace_id = here.id
  ORDER BY number DESC LIMIT 1
) newest
"""

COUNTS = """
SELECT here.id, found.now, found.unproposed FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id) CROSS JOIN LATERAL (
  SELECT sum(number) FILTER (WHERE state = ANY (%(counted)s) AND urgency = %(now)s) AS now,
    sum(number) FILTER (WHERE state = %(open)s AND urgency > 0 AND NOT in_hand)
      AS unproposed
  FROM exposure_tally WHERE workspace_id = here.id
) found
"""

WAITS = """
SELECT here.id, waits.* FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id)
CROSS JOIN LATERAL (
  SELECT place.slot, count(*), min(proposed_at), min(wanted_by)
  FROM workflows_decision CROSS JOIN LATERAL unnest(waits_for) AS place (slot)
  WHERE workspace_id = here.id AND state IN ('proposed', 'partly_answered')
  GROUP BY 1
) waits
"""

RUNS = """
SELECT here.id, newest.* FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id) CROSS JOIN LATERAL (
  SELECT number, state, coalesce(finished_at, started_at, requested_at)
  FROM exposure_run WHERE workspace_id = here.id ORDER BY number DESC LIMIT 1
) newest
"""

# An authorisation that nobody has signed permits nothing and has no end.
AUTHORISATIONS = """
SELECT here.id, signed.until FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id) CROSS JOIN LATERAL (
  SELECT max(valid_until) FILTER (WHERE signed_at IS NOT NULL) AS until
  FROM exposure_authorisation WHERE workspace_id = here.id
) signed
"""


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for one side: how many, since when, and until when it is wanted."""

    count: int
    since: dt.datetime
    wanted_by: dt.datetime


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run; `at` is when it ended, or began if it goes on."""

    number: int
    state: str
    at: dt.datetime


@dataclass(slots=True)
class Facts:
    """What the roll-up knows about one customer; None is what was never computed."""

    sites: list[SiteFacts] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    reachable_lines: int | None = None
    reached_assets: int | None = None
    safety_reached: int = 0
    now: int = 0
    waits: dict[str, Waits] = field(default_factory=dict)
    proposals: int = 0
    last_run: LastRun | None = None
    authorised_to: dt.datetime | None = None


def facts_by_workspace(*, names: bool) -> dict[uuid.UUID, Facts]:
    """Return the facts of every workspace of the roll-up scope that is open.

    Without `names` its sites, lines and changes have none.
    """
    found: dict[uuid.UUID, Facts] = defaultdict(Facts)
    for key, sites in sites_by_workspace(names=names).items():
        found[key].sites = sites
    _add_plant(found)
    _add_work(found)
    return found


def _add_plant(found: dict[uuid.UUID, Facts]) -> None:
    for key, at, units, lines, ran in rollup_rows(EXPOSURE, {"points": MOST_POINTS}):
        found[key].points = observed([*found[key].points, Point(at, units)], ran)
        found[key].reachable_lines = lines
    for key, assets, safety in rollup_rows(REACHED):
        found[key].reached_assets, found[key].safety_reached = assets, safety
    for key, *run in rollup_rows(RUNS):
        found[key].last_run = LastRun(*run)
    for key, until in rollup_rows(AUTHORISATIONS):
        found[key].authorised_to = until


def _add_work(found: dict[uuid.UUID, Facts]) -> None:
    for key, now, unproposed in rollup_rows(COUNTS, _counted()):
        found[key].now, found[key].proposals = now or 0, unproposed or 0
    for key, slot, *rest in rollup_rows(WAITS):
        found[key].waits[slot] = Waits(*rest)


def _counted() -> dict[str, Any]:
    return {
        "counted": [str(state) for state in COUNTED],
        "open": str(FindingState.OPEN),
        "now": urgency_of(Band.IMMEDIATE),
    }
