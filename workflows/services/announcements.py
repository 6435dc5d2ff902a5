"""Turns what happened into deliveries: one for each channel that wants and may hear it."""

import datetime as dt
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tenants.models import Membership
from tenants.scope import current_workspace_id, site_scope
from tenants.services.jobs import enqueue
from workflows.models import Channel, Delivery, DeliveryState, Event
from workflows.services.channels import (
    ALARMS,
    TEST,
    inform_owners,
    inform_provider,
)

LOOK_BACK = dt.timedelta(days=30)
BATCH = 500


@transaction.atomic
def announce() -> int:
    """Create the deliveries that are missing and wake those that are due.

    Returns how many were created. Run twice, it tells nothing twice: the database
    keeps one delivery per event and channel. A delivery whose job was lost is woken
    here as well.
    """
    inform_owners()
    if _is_alarmed():
        inform_provider()
    members = _members()
    made = 0
    for channel in Channel.objects.filter(enabled=True):
        if channel.member_id is None:
            made += _tell(channel, since=channel.created_at)
        elif (member := members.get(channel.member_id)) is not None:
            # A mail channel is made by the first event it tells, so the membership
            # counts; and nobody hears of a site that they may not read about.
            with site_scope(member.site_ids):
                made += _tell(channel, since=member.created_at)
    _wake()
    return made


def _members() -> dict[UUID, Membership]:
    """Map everybody who may read this workspace now to what they may."""
    rows = Membership.objects.current().filter(workspace_id=current_workspace_id())
    return {row.user_id: row for row in rows}


def _tell(channel: Channel, *, since: dt.datetime) -> int:
    events = (
        Event.objects.filter(
            _wanted(channel), at__gte=max(since, timezone.now() - LOOK_BACK)
        )
        .exclude(type=TEST)
        .exclude(deliveries__channel=channel)
        .order_by("at", "id")[:BATCH]
    )
    rows = [
        Delivery(
            workspace_id=channel.workspace_id,
            event=event,
            channel=channel,
            due_at=event.at,
        )
        for event in events
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _is_alarmed() -> bool:
    since = timezone.now() - LOOK_BACK
    return Event.objects.filter(type__in=ALARMS, at__gte=since).exists()


def _wanted(channel: Channel) -> Q:
    """Match what the channel wants: types or prefixes, all when it names none.

    A person hears every alarm, whatever else the channel was set to.
    """
    wants = [*channel.wants, *(ALARMS if channel.wants and channel.member_id else ())]
    return reduce(or_, (Q(type__startswith=each) for each in wants), Q())


def _wake() -> None:
    due = Delivery.objects.filter(
        state=DeliveryState.WAITING, due_at__lte=timezone.now(), channel__enabled=True
    )
    for pk in due.order_by("due_at").values_list("pk", flat=True)[:BATCH]:
        enqueue("workflows.deliver", args={"delivery_id": str(pk)}, key=str(pk))
