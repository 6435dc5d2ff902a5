"""Forgets what has been kept long enough, class by class, a batch at a time."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from django.db import connection
from django.db.models.functions import Now

from tenants.models import Invitation, Job
from tenants.models.invitations import InvitationState
from tenants.models.jobs import JobState
from tenants.scope import workspace_scope
from tenants.services import erasing, ledger
from tenants.services.data_policy import days_in_force, hold_now
from tenants.work import keep_lease
from workflows.services import exports

BATCH = 2000  # rows a transaction, so that no lock is long
ENDED = (InvitationState.ACCEPTED, InvitationState.WITHDRAWN)
# Removes at most one batch of what is older than some days; returns how many.
Forget = Callable[[int], int]
FUNCTIONS: Final = {
    "observations": ("exposure_prune_observed", "exposure_prune_changes"),
    "evidence": ("exposure_prune_evidence",),
    "deliveries": ("workflows_prune_told",),
    "visits": ("tenants_prune_visits",),
}


def forget() -> dict[str, int]:
    """Remove what the current workspace keeps no longer; return how many of what.

    Each batch is a transaction of its own. The database decides by its own clock what
    is old enough, and keeps all while there is a hold.
    """
    with workspace_scope():
        if hold_now() is not None:
            return {}
        days = days_in_force()
    told = {}
    for name, step in STEPS.items():
        count = _all(step, days[name])
        if count:
            told[name] = count
    if told:
        _record(told)
    return told


def _all(step: Forget, days: int) -> int:
    whole = 0
    while True:
        keep_lease()
        count = step(days)
        if not count:
            return whole
        whole += count


def _by_functions(*names: str) -> Forget:
    def step(days: int) -> int:
        return sum(_call(name, days) for name in names)

    return step


def _call(name: str, days: int) -> int:
    with workspace_scope(), connection.cursor() as cursor:
        cursor.callproc(name, [days, BATCH])
        return int(cursor.fetchone()[0])


def _jobs(days: int) -> int:
    with workspace_scope():
        before = Now() - dt.timedelta(days=days)
        done = Job.objects.filter(
            state__in=[JobState.DONE, JobState.DEAD], finished_at__lt=before
        )
        return Job.objects.filter(pk__in=done.values("pk")[:BATCH]).delete()[0]


def _invitations(days: int) -> int:
    with workspace_scope():
        before = Now() - dt.timedelta(days=days)
        over = Invitation.objects.filter(expires_at__lt=before)
        ended = Invitation.objects.filter(state__in=ENDED, ended_at__lt=before)
        old = (over | ended).values("pk")[:BATCH]
        return Invitation.objects.filter(pk__in=old).delete()[0]


def _ledger(days: int) -> int:
    return erasing.erase_old(days=days, most=BATCH)


def _exports(_days: int) -> int:
    return exports.remove_expired()


STEPS: Final[dict[str, Forget]] = {
    **{name: _by_functions(*functions) for name, functions in FUNCTIONS.items()},
    "ledger": _ledger,
    "jobs": _jobs,
    "exports": _exports,
    "invitations": _invitations,
}


def _record(told: dict[str, int]) -> None:
    with workspace_scope():
        ledger.append(
            "data.forgotten",
            about="data",
            text="Removed what was kept long enough.",
            change=ledger.Change(after=dict(told)),
        )
