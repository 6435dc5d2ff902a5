"""The facts of the roll-up: one query each over all customers of a provider."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from exposure.logic.priority import Band
from exposure.models import COUNTED, FindingState
from tenants.rollup import rollup_rows
from workflows.logic.lifecycle import LIVE, OPEN
from workflows.views.progress import MOST_POINTS, Point, observed

SITES = "SELECT workspace_id, count(*) FROM exposure_site GROUP BY 1"

EXPOSURE = """
SELECT workspace_id, created_at, exposure_units, reachable_lines, (
  SELECT min(finished_at) FROM exposure_run run
  WHERE run.workspace_id = newest.workspace_id
) FROM (
  SELECT workspace_id, number, created_at, exposure_units, reachable_lines,
    row_number() OVER (PARTITION BY workspace_id ORDER BY number DESC) AS place
  FROM exposure_pathrevision
) newest WHERE place <= %(points)s ORDER BY workspace_id, number
"""

# The stored answer is JSON; it names for each asset how often packets reach it.
REACHED = """
SELECT workspace_id, (
  SELECT count(*) FROM jsonb_array_elements(
    convert_from(result, 'UTF8')::jsonb -> 'assets'
  ) AS asset WHERE (asset ->> 'reached')::float > 0
) FROM (
  SELECT DISTINCT ON (workspace_id) workspace_id, result
  FROM exposure_pathrevision ORDER BY workspace_id, number DESC
) newest
"""

NOW = """
SELECT finding.workspace_id, count(*)
FROM workflows_case item
JOIN exposure_finding finding
  ON finding.id = item.finding_id AND finding.workspace_id = item.workspace_id
WHERE finding.state = ANY (%(counted)s) AND item.band = %(now)s
GROUP BY 1
"""

WAITS = """
SELECT decision.workspace_id, place.slot, count(*), min(decision.proposed_at), min(item.decide_by)
FROM workflows_decision decision
JOIN workflows_case item
  ON item.id = decision.case_id AND item.workspace_id = decision.workspace_id
CROSS JOIN LATERAL unnest(item.slots) AS place (slot)
WHERE decision.state = ANY (%(open)s) AND NOT EXISTS (
  SELECT FROM workflows_signature signature
  WHERE signature.decision_id = decision.id
    AND signature.workspace_id = decision.workspace_id AND signature.slot = place.slot
)
GROUP BY 1, 2
"""

PROPOSALS = """
SELECT finding.workspace_id, count(*)
FROM workflows_case item
JOIN exposure_finding finding
  ON finding.id = item.finding_id AND finding.workspace_id = item.workspace_id
WHERE finding.state = %(state)s AND NOT EXISTS (
  SELECT FROM workflows_decision decision
  WHERE decision.case_id = item.id AND decision.workspace_id = item.workspace_id
    AND decision.state = ANY (%(live)s)
)
GROUP BY 1
"""

RUNS = """
SELECT DISTINCT ON (workspace_id)
  workspace_id, number, state, coalesce(finished_at, started_at, requested_at)
FROM exposure_run ORDER BY workspace_id, number DESC
"""

# An authorisation that nobody has signed permits nothing and has no end.
AUTHORISATIONS = """
SELECT workspace_id, max(valid_until) FILTER (WHERE signed_at IS NOT NULL)
FROM exposure_authorisation GROUP BY 1
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
    """What the roll-up knows about one customer."""

    sites: int = 0
    points: list[Point] = field(default_factory=list)
    reachable_lines: int = 0
    reached_assets: int = 0
    now: int = 0
    waits: dict[str, Waits] = field(default_factory=dict)
    proposals: int = 0
    last_run: LastRun | None = None
    authorised_to: dt.datetime | None = None


def facts_by_workspace() -> dict[uuid.UUID, Facts]:
    """Return the facts of every workspace of the roll-up scope that is open."""
    found: dict[uuid.UUID, Facts] = defaultdict(Facts)
    _add_plant(found)
    _add_work(found)
    return found


def _add_plant(found: dict[uuid.UUID, Facts]) -> None:
    for key, count in rollup_rows(SITES):
        found[key].sites = count
    for key, at, units, lines, ran in rollup_rows(EXPOSURE, {"points": MOST_POINTS}):
        found[key].points = observed([*found[key].points, Point(at, units)], ran)
        found[key].reachable_lines = lines
    for key, count in rollup_rows(REACHED):
        found[key].reached_assets = count
    for key, *run in rollup_rows(RUNS):
        found[key].last_run = LastRun(*run)
    for key, until in rollup_rows(AUTHORISATIONS):
        found[key].authorised_to = until


def _add_work(found: dict[uuid.UUID, Facts]) -> None:
    for key, count in rollup_rows(NOW, _now()):
        found[key].now = count
    for key, slot, *rest in rollup_rows(WAITS, {"open": sorted(OPEN)}):
        found[key].waits[slot] = Waits(*rest)
    for key, count in rollup_rows(PROPOSALS, _unproposed()):
        found[key].proposals = count


def _now() -> dict[str, Any]:
    return {"counted": [str(state) for state in COUNTED], "now": str(Band.IMMEDIATE)}


def _unproposed() -> dict[str, Any]:
    return {"state": str(FindingState.OPEN), "live": sorted(LIVE)}
