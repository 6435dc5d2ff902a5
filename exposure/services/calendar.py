"""Changes of hours: what is signed, and blackouts, which hold at once."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.logic.hours import in_words
from exposure.logic.ics import CalendarRefused, Event, read_calendar
from exposure.models import Authorisation, Blackout, Line, Site, WeeklyHours
from exposure.services.hours import weekly_of, zone_of
from exposure.services.scope import record, unsign
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger

MOST_WEEKLY = 30
MOST_AHEAD = 2000  # blackouts of a plant that are not over
LONGEST = dt.timedelta(days=400)


@transaction.atomic
def add_hours(
    authorisation_id: uuid.UUID,
    *,
    days: Iterable[int],
    begins: dt.time,
    ends: dt.time,
    by: Membership,
) -> WeeklyHours:
    """Add weekly hours; the customer then signs again. Raises InvalidInput.

    Hours that end no later than they begin last until the next morning.
    """
    _check_operator(by)
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    chosen = "".join(str(day) for day in sorted({*days}))
    if not chosen or set(chosen) - set("0123456"):
        raise InvalidInput("days", "Choose at least one day.")
    if begins == ends:
        raise InvalidInput("ends", "These hours have no length.")
    if authorisation.weekly_hours.count() >= MOST_WEEKLY:
        raise InvalidInput("days", f"At most {MOST_WEEKLY} lines of hours.")
    try:
        with transaction.atomic():
            row = authorisation.weekly_hours.create(
                days=chosen, begins=begins, ends=ends
            )
    except IntegrityError as error:
        raise InvalidInput("days", "These hours are there already.") from error
    unsign(authorisation)
    text = f"Added hours: {in_words(weekly_of(row))}."
    record(authorisation, "scope.hours_added", by=by, text=text)
    return row


@transaction.atomic
def remove_hours(hours_id: uuid.UUID, *, by: Membership) -> Authorisation:
    """Remove weekly hours; the customer then signs again."""
    _check_operator(by)
    row = WeeklyHours.objects.select_related("authorisation__site").get(pk=hours_id)
    authorisation, said = row.authorisation, in_words(weekly_of(row))
    row.delete()
    unsign(authorisation)
    record(authorisation, "scope.hours_removed", by=by, text=f"Removed hours: {said}.")
    return authorisation


@transaction.atomic
def set_zone(site_id: uuid.UUID, *, zone: str, by: Membership) -> Site:
    """Say by which clock a plant works; who signed its hours signs again."""
    _check_operator(by)
    if zone not in zoneinfo.available_timezones():
        raise InvalidInput("zone", "Choose a time zone such as Europe/Vienna.")
    site = Site.objects.select_for_update().get(pk=site_id)
    if zone == zone_of(site):
        return site
    site.time_zone = zone
    site.save(update_fields=["time_zone"])
    for row in Authorisation.objects.filter(site=site).select_for_update():
        unsign(row)
        record(row, "scope.zone_changed", by=by, text=f"{site} works by {zone}.")
    return site


@transaction.atomic
def add_blackout(
    site_id: uuid.UUID,
    *,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    by: Membership,
    line_id: uuid.UUID | None = None,
) -> Blackout:
    """Send nothing to a plant for a time, from the next packet on if it has begun.

    With a line the whole plant is left alone all the same: not every address is known
    to belong to a line. Raises NotAllowed and InvalidInput.
    """
    _check_restricts(by)
    site = Site.objects.get(pk=site_id)
    _check_span(begins_at, ends_at)
    _check_room(site, more=1)
    line = _line(site, line_id)
    row = Blackout.objects.create(
        site=site,
        line=line,
        begins_at=begins_at.replace(microsecond=0),
        ends_at=ends_at.replace(microsecond=0),
        reason=reason,
        added_by=by.user,
    )
    _note("scope.blackout_added", site, by=by, text=f"Blackout of {site}: {reason}.")
    return row


@transaction.atomic
def lift_blackout(blackout_id: uuid.UUID, *, by: Membership) -> Blackout:
    """Take a blackout back: it gives hours, so the customer does it, and nobody else."""
    row = Blackout.objects.select_related("site").get(pk=blackout_id)
    if not may(by, Right.AUTHORISE) or not by.covers(row.site_id):
        raise NotAllowed("Only the customer's owners and approvers lift a blackout.")
    row.delete()
    _note(
        "scope.blackout_lifted",
        row.site,
        by=by,
        text=f"Lifted the blackout of {row.site}: {row.reason}.",
    )
    return row


@transaction.atomic
def import_calendar(
    site_id: uuid.UUID,
    content: bytes,
    *,
    by: Membership,
    line_id: uuid.UUID | None = None,
) -> int:
    """Make a blackout of every event ahead in a calendar file; return how many.

    All of the file or nothing of it. Events of an earlier import with the same beginning
    are renewed; none is taken away, because a file may be cut short. Raises NotAllowed
    and InvalidInput with the reason in words.
    """
    _check_restricts(by)
    site = Site.objects.select_for_update().get(pk=site_id)
    line, now = _line(site, line_id), timezone.now()
    try:
        events = read_calendar(content, zone=zone_of(site), now=now)
    except CalendarRefused as error:
        raise InvalidInput("file", str(error)) from error
    _check_room(site, more=len(events))
    for event in events:
        Blackout.objects.update_or_create(
            site=site, source=event.source, defaults=_values(event, line, by)
        )
    count = len(events)
    _note(
        "scope.calendar_imported",
        site,
        by=by,
        text=f"Imported {count} blackouts of {site}.",
    )
    return count


def _values(event: Event, line: Line | None, by: Membership) -> dict[str, object]:
    return {
        "line": line,
        "begins_at": event.begins,
        "ends_at": event.ends,
        "reason": event.reason,
        "added_by": by.user,
    }


def _check_operator(by: Membership) -> None:
    if not may(by, Right.OPERATE):
        raise NotAllowed("Your role may not edit the scope.")


def _check_restricts(by: Membership) -> None:
    if not may(by, Right.RESTRICT):
        raise NotAllowed("Your role may not close hours.")


def _check_span(begins_at: dt.datetime, ends_at: dt.datetime) -> None:
    if ends_at <= begins_at:
        raise InvalidInput("ends_at", "A blackout ends after it begins.")
    if ends_at <= timezone.now():
        raise InvalidInput("ends_at", "This time is over.")
    if ends_at - begins_at > LONGEST:
        raise InvalidInput("ends_at", f"At most {LONGEST.days} days.")


def _check_room(site: Site, *, more: int) -> None:
    ahead = site.blackouts.filter(ends_at__gt=timezone.now()).count()
    if ahead + more > MOST_AHEAD:
        raise InvalidInput("file", f"A plant has at most {MOST_AHEAD} blackouts ahead.")


def _line(site: Site, line_id: uuid.UUID | None) -> Line | None:
    if line_id is None:
        return None
    line = Line.objects.filter(site=site, pk=line_id).first()
    if line is None:
        raise InvalidInput("line", "Choose a line of this plant.")
    return line


def _note(action: str, site: Site, *, by: Membership, text: str) -> None:
    ahead = site.blackouts.filter(ends_at__gt=timezone.now())
    ledger.append(
        action,
        about=f"hours of {site}"[:80],
        by=by,
        text=text,
        change=ledger.Change(after={"blackouts_ahead": ahead.count()}),
        site_id=site.pk,
    )
