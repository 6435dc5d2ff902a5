"""workspace_task: a Celery task that works for one customer, by one job row."""

import contextlib
import contextvars
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, connections

from tenants.models.jobs import Job
from tenants.scope import bind_workspace
from tenants.services import jobs

log = logging.getLogger(__name__)
Work = Callable[..., None]
_job: contextvars.ContextVar[Job | None] = contextvars.ContextVar("job", default=None)


class LeaseLost(RuntimeError):
    """The job was given to another worker; this one must stop."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known of a task: its work, and what to do when it cannot be done."""

    work: Work
    on_dead: Work | None


REGISTRY: dict[str, Registered] = {}


def workspace_task(name: str, *, on_dead: Work | None = None) -> Callable[[Work], Work]:
    """Make `work(**args)` a task that always runs bound to the job's workspace.

    The work opens short `workspace_scope()` transactions of its own. `on_dead` gets
    the same arguments after the last attempt, so that nothing stays half-said.
    """

    def decorate(work: Work) -> Work:
        REGISTRY[name] = Registered(work, on_dead)

        def carry(workspace_id: str, job_id: str) -> None:
            run_job(uuid.UUID(workspace_id), uuid.UUID(job_id))

        shared_task(name=name)(carry)
        return work

    return decorate


def run_job(workspace_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Do one job if it is still to be done; the row says so, not the broker."""
    with bind_workspace(workspace_id):
        job = jobs.start(job_id)
        if job is None:
            log.info("Job %s was done already or belongs to another workspace.", job_id)
            return
        if jobs.is_hopeless(job):
            _give_up(job)
            return
        token = _job.set(job)
        try:
            REGISTRY[job.task].work(**job.args)
        except LeaseLost:
            log.warning("Job %s %s went to another worker.", job.task, job_id)
        except (
            Exception
        ) as error:  # the edge of the worker: any failure is written down
            log.exception("Job %s %s failed.", job.task, job_id)
            jobs.fail(job, f"{type(error).__name__}: {error}")
        else:
            jobs.finish(job)
        finally:
            _job.reset(token)


def keep_lease() -> None:
    """Renew the lease of the running job; raises LeaseLost if it is no longer ours.

    Does nothing outside a job, so that services can be called directly.
    """
    job = _job.get()
    if job is not None and not jobs.renew(job):
        raise LeaseLost(job.task)


@contextlib.contextmanager
def lease_kept() -> Iterator[None]:
    """Renew the lease from a thread, around work that cannot stop to do so itself.

    Raises LeaseLost at the end if the job was given to another worker meanwhile. Does
    nothing outside a job.
    """
    job = _job.get()
    if job is None:
        yield
        return
    over, here = threading.Event(), contextvars.copy_context()
    thread = threading.Thread(target=here.run, args=(_renew, job, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    keep_lease()


def _renew(job: Job, over: threading.Event) -> None:
    try:
        while not over.wait(settings.JOB_LEASE_SECONDS / 4):
            with contextlib.suppress(DatabaseError):
                jobs.renew(job)
    finally:
        connections.close_all()


def _give_up(job: Job) -> None:
    log.error("Job %s %s is given up: %s", job.task, job.pk, job.error)
    on_dead = REGISTRY[job.task].on_dead
    if on_dead is not None:
        on_dead(**job.args)
    jobs.bury(job)
