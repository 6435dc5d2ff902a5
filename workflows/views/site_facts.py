"""What a roll-up reads of each site: one row for each, kept with the newest revision."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass

from exposure.services.site_figures import SiteCount
from tenants.rollup import rollup_rows

# One short walk for each customer, as all facts of the roll-up. Who is entitled to counts
# alone gets no name out of the database.
SITES = """
SELECT here.id, named.site, newest.engine, newest.policy_hash, newest.created_at,
  kept.units, kept.low, kept.high, kept.moved, kept.lines, kept.reached,
  named.line, named.change, kept.change_removes, kept.checked_at
FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id)
CROSS JOIN LATERAL (
  SELECT id, name FROM exposure_site WHERE workspace_id = here.id
) site
LEFT JOIN LATERAL (
  SELECT id, engine, policy_hash, created_at FROM exposure_pathrevision
  WHERE workspace_id = here.id ORDER BY number DESC LIMIT 1
) newest ON true
LEFT JOIN exposure_siteexposure kept ON kept.workspace_id = here.id
  AND kept.revision_id = newest.id AND kept.site_id = site.id
CROSS JOIN LATERAL (
  SELECT CASE WHEN %(names)s THEN site.name ELSE '' END,
    CASE WHEN %(names)s THEN kept.worst_line ELSE '' END,
    CASE WHEN %(names)s THEN kept.change_label ELSE '' END
) named (site, line, change)
"""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """One site; `computed_at` is None before any revision, `count` before it was counted.

    Names are "" for who may read counts alone.
    """

    name: str
    engine: str
    policy_hash: str
    computed_at: dt.datetime | None
    count: SiteCount | None


def sites_by_workspace(*, names: bool) -> dict[uuid.UUID, list[SiteFacts]]:
    """Return the sites of every workspace of the roll-up scope, in no order."""
    found: dict[uuid.UUID, list[SiteFacts]] = defaultdict(list)
    for key, name, engine, policy, at, *count in rollup_rows(SITES, {"names": names}):
        found[key].append(
            SiteFacts(
                name=name,
                engine=engine or "",
                policy_hash=policy or "",
                computed_at=at,
                count=SiteCount(*count) if count[-1] is not None else None,
            )
        )
    return found
