"""Channels and deliveries as rows of the notifications page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse

from tenants.access import MemberRequest, may
from tenants.rights import Right
from workflows.models import Channel, ChannelKind, Delivery, DeliveryState

TROUBLE = "out_of_cycle"
HEARS = {
    "decision.": "decisions",
    "finding.": "exposures",
    "retest.": "re-tests",
    "scan.": "runs",
    "access.": "access",
    "audit.": "the ledger",
    "change.": "changes",
    "evidence.": "evidence",
}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel; the addresses of its buttons are "" when the reader may not."""

    name: str
    kind: str
    address: str
    events: str
    state: str
    band: str
    test_url: str = ""
    switch_url: str = ""
    switch_word: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send, and what came back."""

    number: int
    at: dt.datetime
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event for one channel, with every try."""

    event: str
    channel: str
    ref: str
    ref_url: str
    answer: str
    band: str
    tries: int
    at: dt.datetime
    next_at: dt.datetime | None
    attempts: Sequence[Attempt]


def channel_row(request: MemberRequest, channel: Channel) -> ChannelRow:
    """Return one channel, with the buttons this member may press."""
    reason = channel.disabled_reason or "Switched off"
    row = {
        "name": channel.name,
        "kind": channel.get_kind_display(),
        "address": _address(channel),
        "events": _hears(channel),
        "state": "On" if channel.enabled else reason,
        "band": "" if channel.enabled else TROUBLE,
    }
    if not may(request.membership, Right.NOTIFY):
        return ChannelRow(**row)
    where = [request.workspace.slug, channel.pk]
    switch = "disable_channel" if channel.enabled else "enable_channel"
    return ChannelRow(
        **row,
        test_url=reverse("workflows:test_channel", args=where)
        if channel.enabled
        else "",
        switch_url=reverse(f"workflows:{switch}", args=where),
        switch_word="Switch off" if channel.enabled else "Switch on",
    )


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """Return one delivery."""
    event = delivery.event
    attempts = [
        Attempt(place, dt.datetime.fromisoformat(each["at"]), str(each["answer"]))
        for place, each in enumerate(delivery.tries, start=1)
    ]
    state = DeliveryState(delivery.state)
    waiting = state is DeliveryState.WAITING
    refused = state is DeliveryState.FAILED or (waiting and delivery.attempts > 0)
    return DeliveryRow(
        event=event.type,
        channel=delivery.channel.name,
        ref=event.object_ref if event.path else "",
        ref_url=event.path,
        answer=delivery.answer or state.label,
        band=TROUBLE if refused else "",
        tries=delivery.attempts,
        at=delivery.sent_at or event.at,
        next_at=delivery.due_at if waiting and delivery.attempts else None,
        attempts=attempts,
    )


def _address(channel: Channel) -> str:
    """Name the host only: the rest of an address may hold somebody's token."""
    if channel.kind == ChannelKind.EMAIL:
        return channel.member.email if channel.member else ""
    parts = urlsplit(channel.url)
    return f"{parts.scheme}://{parts.netloc}/…" if parts.path else channel.url


def _hears(channel: Channel) -> str:
    if not channel.wants:
        return "everything"
    return ", ".join(HEARS.get(each, each) for each in channel.wants)
