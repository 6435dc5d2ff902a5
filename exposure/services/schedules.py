"""Schedules: what is looked at without anybody asking, and why it was not."""

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from common.canonical import canonical_sha256
from common.errors import Conflict, InvalidInput
from exposure.logic.cadence import Cadence, Every
from exposure.logic.check_sets import new_critical, versions
from exposure.logic.profiles import PROFILES
from exposure.models import Authorisation, Run, Schedule
from exposure.services.pausing import clock, mind_paused_runs
from exposure.services.runs import NotAuthorised, next_opening, start_run
from exposure.services.scope import why_not_now
from tenants.models import Membership
from tenants.scope import workspace_scope
from tenants.services import ledger


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants: how carefully, and when."""

    profile: str
    cadence: Cadence
    on_new_check: bool


def plan(  # noqa: PLR0913 - one plan, all that a form asks
    *,
    profile: str,
    every: str,
    at: dt.time,
    zone: str,
    weekday: int = 0,
    day: int = 1,
    on_new_check: bool = True,
) -> Plan:
    """Return a plan. Raises InvalidInput for a time zone that does not exist."""
    if zone not in available_timezones():
        raise InvalidInput("zone", "There is no such time zone.")
    if profile not in PROFILES:
        raise InvalidInput("profile", "Choose a profile.")
    cadence = Cadence(Every(every), at, zone, weekday=weekday, day=day)
    return Plan(profile, cadence, on_new_check)


@transaction.atomic
def add(authorisation_id: uuid.UUID, *, plan: Plan, by: Membership) -> Schedule:
    """Let runs of an authorisation start by the clock."""
    authorisation = Authorisation.objects.get(pk=authorisation_id)
    schedule = Schedule(
        site_id=authorisation.site_id, authorisation=authorisation, created_by=by.user
    )
    _apply(schedule, plan)
    schedule.save()
    _record("schedule.added", schedule, by=by, text=f"Runs {schedule}, {_how(plan)}.")
    return schedule


@transaction.atomic
def change(schedule_id: uuid.UUID, *, plan: Plan, by: Membership) -> Schedule:
    """Give a schedule another profile or time; it is due by the new one."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
    _apply(schedule, plan)
    schedule.save()
    text = f"Runs now {schedule}, {_how(plan)}."
    _record("schedule.changed", schedule, by=by, text=text)
    return schedule


@transaction.atomic
def switch(schedule_id: uuid.UUID, *, on: bool, by: Membership) -> Schedule:
    """Switch a schedule on or off; what it started meanwhile goes on."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
    if schedule.enabled == on:
        return schedule
    schedule.enabled, schedule.trouble, schedule.trouble_at = on, "", None
    schedule.next_at = schedule.due_after(timezone.now())
    schedule.save(update_fields=["enabled", "trouble", "trouble_at", "next_at"])
    action, word = ("on", "again") if on else ("off", "no more")
    _record(f"schedule.{action}", schedule, by=by, text=f"Runs {word} {schedule}.")
    return schedule


def mind() -> None:
    """Do what the clock asks of the current workspace: called every minute.

    A start that was missed, because nothing ran at its time, is made up once.
    """
    now = timezone.now()
    with workspace_scope():
        mind_paused_runs(now=now)
        pks = list(Schedule.objects.filter(enabled=True).values_list("pk", flat=True))
    for pk in pks:
        with workspace_scope():
            row = Schedule.objects.select_for_update(of=("self",))
            schedule = row.select_related("authorisation").get(pk=pk)
            _bring_forward(schedule, now=now)
            if schedule.next_at is not None and schedule.next_at <= now:
                _start(schedule, now=now)


def _bring_forward(schedule: Schedule, *, now: dt.datetime) -> None:
    """Make a schedule due now if a graver check has come since the site's last run.

    Once for each set of checks, whatever comes of it: else a refused start would be
    tried, and told, every minute.
    """
    known = canonical_sha256(versions())
    if not schedule.on_new_check or schedule.checks_seen == known:
        return
    last = Run.objects.filter(site=schedule.site_id).order_by("-number").first()
    schedule.checks_seen = known
    if last is not None and last.checks and new_critical(last.checks):
        schedule.next_at = now
    schedule.save(update_fields=["checks_seen", "next_at"])


def _start(schedule: Schedule, *, now: dt.datetime) -> None:
    authorisation = schedule.authorisation
    valid = not why_not_now(authorisation, now=now)
    opening = next_opening(authorisation, now=now) if valid else None
    if opening is not None:
        # Not missed, only later: in its next allowed hour.
        schedule.next_at = opening
        _trouble(schedule, f"It waits for the hours to open at {clock(opening)}.", now)
        return
    schedule.next_at = schedule.due_after(now)
    try:
        run = start_run(
            authorisation.pk, by=None, profile=schedule.looks, schedule=schedule
        )
    except (NotAuthorised, Conflict) as error:
        _trouble(schedule, str(error), now)
        _record(
            "run.not_started",
            schedule,
            by=None,
            text=f"The scheduled run did not start. {error}",
        )
        return
    schedule.last_at, schedule.trouble, schedule.trouble_at = run.requested_at, "", None
    schedule.save(update_fields=["next_at", "last_at", "trouble", "trouble_at"])


def _trouble(schedule: Schedule, text: str, now: dt.datetime) -> None:
    schedule.trouble, schedule.trouble_at = text[:300], now
    schedule.save(update_fields=["next_at", "trouble", "trouble_at"])


def _apply(schedule: Schedule, plan: Plan) -> None:
    cadence = plan.cadence
    schedule.profile, schedule.on_new_check = plan.profile, plan.on_new_check
    schedule.every, schedule.at, schedule.zone = cadence.every, cadence.at, cadence.zone
    schedule.weekday, schedule.day = cadence.weekday, cadence.day
    schedule.checks_seen = schedule.checks_seen or canonical_sha256(versions())
    schedule.next_at = schedule.due_after(timezone.now())


def _how(plan: Plan) -> str:
    return f"profile {PROFILES[plan.profile].label.lower()}"


def _record(
    action: str, schedule: Schedule, *, by: Membership | None, text: str
) -> None:
    ledger.append(
        action,
        about=f"schedule of {schedule.authorisation.reference}",
        by=by,
        text=text,
        site_id=schedule.site_id,
    )
