"""Figures kept for lists and overviews: written once, so that no page adds them up.

Lists sort by columns of the finding, roll-ups add few rows. All of it follows from the
findings and the newest path revision, and the rebuild writes it anew.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from exposure.logic.paths.model import Cause
from exposure.logic.paths.results import CauseRow, Hop, PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.ways import Ways
from exposure.logic.priority import Band
from exposure.models import COUNTED, Asset, Finding, PathRevision
from exposure.services import paths
from exposure.services.counting import BeingCounted, NotCounted
from tenants.scope import current_workspace_id, site_limit

# Locks the rows in the order of their numbers, as everybody does who takes several.
TELL = """
WITH told AS (
  SELECT * FROM unnest(
    %(ids)s::uuid[], %(through)s::float8[], %(steps)s::int2[], %(lines)s::text[]
  ) AS row (id, through, steps, lines)
), changed AS (
  SELECT f.id, coalesce(told.through, 0) AS through, told.steps,
    coalesce(told.lines, '{}')::uuid[] AS line_ids
  FROM exposure_finding f LEFT JOIN told ON told.id = f.id
  WHERE f.workspace_id = %(workspace)s
    AND (f.through, f.steps, f.line_ids) IS DISTINCT FROM
      (coalesce(told.through, 0), told.steps, coalesce(told.lines, '{}')::uuid[])
  ORDER BY f.number FOR UPDATE OF f
)
UPDATE exposure_finding f
SET through = changed.through, steps = changed.steps, line_ids = changed.line_ids
FROM changed WHERE f.id = changed.id AND f.workspace_id = %(workspace)s
"""

# Ways that have not changed are left alone: most of a plant stays as it was.
LEAD = """
INSERT INTO exposure_way (id, workspace_id, finding_id, hops)
SELECT gen_random_uuid(), %(workspace)s, row.id, row.hops
FROM unnest(%(ids)s::uuid[], %(hops)s::jsonb[]) AS row (id, hops)
ON CONFLICT (workspace_id, finding_id) DO UPDATE SET hops = excluded.hops
WHERE exposure_way.hops IS DISTINCT FROM excluded.hops
"""
LOSE = """
DELETE FROM exposure_way
WHERE workspace_id = %(workspace)s AND finding_id <> ALL (%(ids)s::uuid[])
"""

# Counting and forgetting happen in one statement, so from one picture of the tables: what
# somebody else adds meanwhile is neither counted nor forgotten.
RECOUNT = """
WITH forgotten AS (
  DELETE FROM exposure_tally WHERE workspace_id = %(workspace)s
)
INSERT INTO exposure_tally (id, workspace_id, state, urgency, in_hand, number)
SELECT gen_random_uuid(), workspace_id, state, urgency, in_hand, count(*)
FROM exposure_finding WHERE workspace_id = %(workspace)s
GROUP BY workspace_id, state, urgency, in_hand
"""

TURN = (
    "SELECT pg_advisory_xact_lock(hashtextextended('figures of ' || %(workspace)s, 0))"
)
FORGET = "DELETE FROM exposure_occurrence WHERE workspace_id = %(workspace)s"
LIST = """
INSERT INTO exposure_occurrence (id, workspace_id, check_id, title, product, protocol,
  port, words, services, exposures, grade, urgency, last_seen)
SELECT gen_random_uuid(), workspace_id, '', '', product, protocol, port, lower(product),
  count(*), 0, '', 0, max(last_seen)
FROM exposure_service WHERE workspace_id = %(workspace)s AND state <> 'gone'
GROUP BY workspace_id, product, protocol, port
UNION ALL
SELECT gen_random_uuid(), f.workspace_id, f.check_id, said.title, s.product, s.protocol,
  s.port, lower(concat_ws(E'\\n', s.product, said.title, f.check_id)), 0, count(*),
  max(f.grade), max(f.urgency), max(s.last_seen)
FROM exposure_finding f
JOIN exposure_asset a ON a.id = f.asset_id AND a.workspace_id = f.workspace_id
JOIN exposure_service s ON s.id = f.service_id AND s.workspace_id = f.workspace_id
CROSS JOIN LATERAL (SELECT left(btrim(replace(f.title, a.name, '')), 200)) said (title)
WHERE f.workspace_id = %(workspace)s AND f.state = ANY (%(counted)s)
GROUP BY f.workspace_id, f.check_id, said.title, s.product, s.protocol, s.port
"""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What overviews show of one line; `steps` is None when no way is known."""

    id: str
    name: str
    units: float
    steps: int | None
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest path revision, as far as overviews show it."""

    revision: PathRevision
    sentence: str
    lines: tuple[LineFigures, ...]


def newest() -> Newest | None:
    """Return the figures of the newest revision; None before the first one."""
    row = paths.newest_revision()
    if row is None:
        return None
    # What a reader of some sites may see of it is not kept, but read from the answer.
    limited = site_limit() is not None
    try:
        kept = _read_again(row) if limited or not row.summary else row.summary
    except (BeingCounted, NotCounted) as error:
        kept = _own_part(row, str(error))
    lines = [
        LineFigures(**{**line, "assets": tuple(line["assets"])})
        for line in kept["lines"]
    ]
    return Newest(row, kept["sentence"], tuple(lines))


def _read_again(revision: PathRevision) -> dict[str, Any]:
    """Return the figures of a revision from its answer, as the reader may see it."""
    answer = paths.answer_of(revision)
    return summary_of(answer.analysis, answer.snapshot)


def _own_part(revision: PathRevision, sentence: str) -> dict[str, Any]:
    """Return what is kept for everybody about the lines of the reader, and no more.

    Their exposure and their ways are the same whoever reads; what controls a line is
    named when the reader may see it. `sentence` says why nothing is said of the whole.
    """
    mine = paths.lines_here() or frozenset()
    lines = [
        row for row in (revision.summary or {}).get("lines", ()) if row["id"] in mine
    ]
    named = {name for row in lines for name in row["assets"]}
    known = set(Asset.objects.filter(name__in=named).values_list("name", flat=True))
    own = [
        {**row, "assets": [name for name in row["assets"] if name in known]}
        for row in lines
    ]
    return {"sentence": sentence, "lines": own}


def summary_of(analysis: PathAnalysis, snapshot: PlantSnapshot) -> dict[str, Any]:
    """Return what is kept of an answer for overviews: the sentence, and each line."""
    controllers: dict[str, list[str]] = defaultdict(list)
    for asset in snapshot.assets:
        for line_id in asset.line_ids:
            controllers[line_id].append(asset.name)
    lines = [
        LineFigures(
            id=line.line_id,
            name=line.name,
            units=line.exposure,
            steps=sum(hop.to_kind == "asset" for hop in line.best.hops)
            if line.best
            else None,
            assets=tuple(controllers[line.line_id]),
        )
        for line in sorted(analysis.lines, key=lambda each: -each.exposure)
    ]
    return {"sentence": analysis.sentence, "lines": [asdict(line) for line in lines]}


def reached_assets(analysis: PathAnalysis) -> int:
    """Return how many assets a packet from the internet reaches."""
    return sum(1 for asset in analysis.assets if asset.reached > 0)


def tell_findings(
    analysis: PathAnalysis,
    snapshot: PlantSnapshot,
    *,
    onward: Mapping[str, tuple[str, ...]],
) -> None:
    """Write into each finding what a new answer says of it.

    `onward` names the safety systems (ids) that findings lead on to.
    The caller's transaction stores the revision too, so a list never mixes two answers.
    """
    found = {row.finding_id: row for row in analysis.findings}
    hops = _hops(snapshot, onward)
    rows = [
        (
            uuid.UUID(row.id),
            found[row.id].through if row.id in found else 0.0,
            len(hops.get(row.id, ())) or None,
            f"{{{','.join(found[row.id].line_ids if row.id in found else ())}}}",
        )
        for row in snapshot.findings
    ]
    _run(
        TELL,
        ids=[row[0] for row in rows],
        through=[row[1] for row in rows],
        steps=[row[2] for row in rows],
        lines=[row[3] for row in rows],
    )
    ids = [uuid.UUID(key) for key in hops]
    _run(LOSE, ids=ids)
    _run(LEAD, ids=ids, hops=[json.dumps(way) for way in hops.values()])


def _hops(
    snapshot: PlantSnapshot, onward: Mapping[str, tuple[str, ...]]
) -> dict[str, list[dict[str, Any]]]:
    """Map each finding to which a way is known to its hops, as they are kept.

    The last hop has the `safety` systems that are reached onward from it.
    """
    ways = Ways(snapshot, policy=paths.policy())
    refs = {row.id: row.ref for row in snapshot.findings}
    known = {
        row.id: ways.to(row.id, asset_id=row.asset_id, port=row.port)
        for row in snapshot.findings
    }
    kept = {key: kept_hops(ways, hops, refs) for key, hops in known.items() if hops}
    for key, way in kept.items():
        way[-1]["safety"] = list(onward.get(key, ()))
    return kept


def kept_hops(
    ways: Ways, hops: Iterable[Hop], refs: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return hops as they are kept: what each uses (`ref`), and its `weakest` cause.

    `refs` are those of findings by id; the cause has `kind`, `word` and `label`, and is
    None where a hop needs no luck.
    """
    return [
        {
            **asdict(hop),
            "ref": refs.get(hop.finding_id, ""),
            "weakest": as_kept(ways.weakest_of(hop)),
        }
        for hop in hops
    ]


def as_kept(cause: Cause | CauseRow | None) -> dict[str, str] | None:
    """Return the cause that a hop is known worst by, as it is kept with the hop."""
    if cause is None:
        return None
    return {"kind": cause.kind, "word": cause.word, "label": cause.label}


def refresh() -> None:
    """Count anew what roll-ups add up; for one workspace one does so at a time."""
    _run(TURN)
    _run(RECOUNT)
    _run(FORGET)
    _run(LIST, counted=[str(state) for state in COUNTED])


def set_urgency(finding: Finding, band: str) -> None:
    """Note how soon it is asked to act on a finding; the caller holds its row."""
    finding.urgency = urgency_of(band)
    finding.save(update_fields=["urgency"])


def urgency_of(band: str) -> int:
    """Return the number lists sort by: 1 for Not now to 4 for Now.

    >>> urgency_of("immediate"), urgency_of("defer")
    (4, 1)
    """
    return Band(band).rank + 1


def set_in_hand(finding_id: uuid.UUID, *, in_hand: bool) -> None:
    """Note whether something is proposed or agreed about a finding."""
    Finding.objects.filter(pk=finding_id).exclude(in_hand=in_hand).update(
        in_hand=in_hand
    )


def _run(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace": current_workspace_id(), **values})
