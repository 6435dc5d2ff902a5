"""The scheduler process: sends due jobs to the broker and fires the clock's ticks."""

import logging
import select
import signal
import time
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections
from kombu.exceptions import OperationalError

from tenants.services import dispatch, jobs
from tenants.services.master_key import check_at_start

log = logging.getLogger(__name__)
SENT_LEASE_SECONDS = 60
PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """Run until told to stop; every loop can be repeated or lost without harm."""

    help = "Dispatch the job table to the workers."
    stopping = False

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Loop: sweep, tick, send, then wait for the next notification."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        check_at_start()
        due_at = dict.fromkeys(settings.JOB_TICKS, 0.0)
        while not self.stopping:
            try:
                self._once(due_at)
            except DatabaseError as error:
                log.warning("The database does not answer, trying again: %s", error)
                connections["dispatch"].close()
                time.sleep(PAUSE_SECONDS)

    def _once(self, due_at: dict[Any, float]) -> None:
        now = time.monotonic()
        for tick, due in due_at.items():
            if due <= now:
                dispatch.tick(tick.task, queue=settings.JOB_QUEUES[tick.task])
                due_at[tick] = now + tick.seconds
                dispatch.prune()
        dispatch.sweep()
        while self._send():
            pass
        self._wait()

    def _send(self) -> bool:
        """Send one batch; True when there may be more."""
        batch = dispatch.claim(lease_seconds=SENT_LEASE_SECONDS)
        for position, job in enumerate(batch):
            try:
                current_app.send_task(
                    job.task,
                    args=[str(job.workspace_id), str(job.id)],
                    queue=job.queue,
                    retry=False,
                )
            except OperationalError as error:
                log.warning("The broker does not answer, jobs wait: %s", error)
                dispatch.release(batch[position:])
                time.sleep(PAUSE_SECONDS)
                return False
        return len(batch) == dispatch.BATCH

    def _wait(self) -> None:
        """Sleep until a job is announced, a second at most."""
        connection = connections["dispatch"]
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {jobs.CHANNEL}")
        raw = connection.connection
        if raw is not None:
            select.select([raw.fileno()], [], [], PAUSE_SECONDS)
            for _ in raw.notifies(timeout=0):
                pass

    def _stop(self, *_: Any) -> None:
        self.stopping = True
