"""The dispatcher: moves due jobs to the broker, a fair share for each workspace."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connections

# Jobs of these queues talk to devices. One of each at a time per customer: a re-test
# beside a run would otherwise open a second connection to the same controller.
NETWORK = "discovery"
ELSEWHERE = "vantage-%"  # the queues of workers in other places, one each
IN_FLIGHT = 6  # jobs per workspace at the broker: a busy customer delays nobody
BATCH = 200


class Due(NamedTuple):
    """A claimed job, ready to be sent."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    task: str
    queue: str


CLAIM = """
WITH busy AS (
  SELECT workspace_id, count(*) AS n FROM tenants_job WHERE state IN (1, 2) GROUP BY 1
), waiting AS (
  SELECT DISTINCT workspace_id FROM tenants_job WHERE state = 0 AND run_after <= now()
), pick AS (
  SELECT due.id FROM waiting LEFT JOIN busy USING (workspace_id)
  CROSS JOIN LATERAL (
    SELECT id FROM tenants_job one
    WHERE workspace_id = waiting.workspace_id AND state = 0 AND run_after <= now()
      AND ((queue <> %(network)s AND queue NOT LIKE %(elsewhere)s) OR NOT EXISTS (
        SELECT 1 FROM tenants_job other
        WHERE other.workspace_id = one.workspace_id AND other.queue = one.queue
          AND (other.state IN (1, 2) OR (other.state = 0 AND other.run_after <= now()
            AND (other.run_after, other.id) < (one.run_after, one.id)))))
    ORDER BY run_after, id
    LIMIT greatest(%(share)s - coalesce(busy.n, 0), 0)
    FOR UPDATE SKIP LOCKED
  ) due LIMIT %(batch)s
)
UPDATE tenants_job job
SET state = 1, lease_until = now() + make_interval(secs => %(lease)s)
FROM pick WHERE job.id = pick.id
RETURNING job.id, job.workspace_id, job.task, job.queue
"""

# A worker that died holds no lock: when its lease runs out, the job is due again, and
# that was an attempt. One that was sent and never begun only lost its message: it is
# due at once and has tried nothing. A twin with the same key may wait already; then
# only the key is dropped.
SWEEP = """
UPDATE tenants_job SET
  state = 0, key = '', lease_until = NULL,
  attempts = attempts + CASE WHEN state = 2 THEN 1 ELSE 0 END,
  error = CASE WHEN state = 2 THEN 'The worker stopped in the middle.' ELSE error END,
  run_after = now() + CASE WHEN state = 2
    THEN make_interval(secs => least(300, power(2, attempts))) ELSE interval '0' END
WHERE state IN (1, 2) AND lease_until < now()
RETURNING id
"""
RELEASE = "UPDATE tenants_job SET state = 0, key = '', lease_until = NULL WHERE id = ANY(%s) AND state = 1"
TICK = """
INSERT INTO tenants_job
  (id, workspace_id, task, queue, args, key, state, attempts, run_after, error, created_at)
SELECT gen_random_uuid(), id, %(task)s, %(queue)s, '{}', 'tick', 0, 0, now(), '', now()
FROM tenants_workspace
ON CONFLICT DO NOTHING
"""
# The clock's own work, some thousands of rows a day; the rest is kept as long as each
# workspace says, see `workflows.services.keeping`.
PRUNE = """
DELETE FROM tenants_job
WHERE state = 3 AND key IN ('tick', 'flow') AND finished_at < now() - interval '1 day'
"""


def claim(*, lease_seconds: int) -> list[Due]:
    """Mark due jobs as sent and return them, at most IN_FLIGHT per workspace."""
    with connections["dispatch"].cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "share": IN_FLIGHT,
                "batch": BATCH,
                "lease": lease_seconds,
                "network": NETWORK,
                "elsewhere": ELSEWHERE,
            },
        )
        return [Due(*row) for row in cursor.fetchall()]


def release(jobs: Sequence[Due]) -> None:
    """Give jobs back that the broker did not take."""
    with connections["dispatch"].cursor() as cursor:
        cursor.execute(RELEASE, [[job.id for job in jobs]])


def sweep() -> int:
    """Put jobs back whose lease ran out; return how many."""
    with connections["dispatch"].cursor() as cursor:
        cursor.execute(SWEEP)
        return int(cursor.rowcount)


def tick(task: str, *, queue: str) -> None:
    """Enqueue a job for every workspace, unless one waits already."""
    with connections["dispatch"].cursor() as cursor:
        cursor.execute(TICK, {"task": task, "queue": queue})


def prune() -> None:
    """Forget the clock's own jobs that were done a day ago."""
    with connections["dispatch"].cursor() as cursor:
        cursor.execute(PRUNE)
