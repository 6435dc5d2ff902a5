"""When a plant may be looked at: what stands in the rows, as one pure answer."""

import datetime as dt

from django.utils import timezone

from exposure.logic.hours import Closed, Opening, Weekly
from exposure.models import Authorisation, Site, WeeklyHours
from exposure.services import halts


def zone_of(site: Site) -> str:
    """Return the time zone of a plant; where it names none, the workspace's."""
    return site.time_zone or site.workspace.time_zone


def weekly_of(row: WeeklyHours) -> Weekly:
    """Return one row of weekly hours."""
    days = frozenset(int(day) for day in row.days)
    return Weekly(days, row.begins, row.ends)


def opening_of(authorisation: Authorisation) -> Opening:
    """Return the hours in which this authorisation holds, with the plant's blackouts."""
    weekly = tuple(weekly_of(row) for row in authorisation.weekly_hours.all())
    ahead = list(
        authorisation.site.blackouts.filter(ends_at__gt=timezone.now()).order_by(
            "begins_at", "id"
        )
    )
    return Opening(
        zone=zone_of(authorisation.site) if weekly or ahead else "UTC",
        weekly=weekly,
        blackouts=tuple(
            Closed(row.begins_at, row.ends_at, row.reason) for row in ahead
        ),
    )


def next_opening(authorisation: Authorisation, now: dt.datetime) -> dt.datetime | None:
    """Return the first moment from `now` on at which something may be sent.

    `now` itself when it is allowed already. None when no such moment is known: not
    signed, over before the next hours, or stopped until somebody lifts it.
    """
    if authorisation.signed_at is None:
        return None
    if halts.standing_for(authorisation.site_id).reason:
        return None
    begins = max(now, authorisation.valid_from)
    return opening_of(authorisation).next_opening(
        begins, before=authorisation.valid_until
    )
