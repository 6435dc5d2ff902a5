"""Carries one delivery out: claimed by one UPDATE, tried until sent or given up."""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from django.utils import timezone

from common.errors import DomainError
from tenants.models import Membership, Workspace
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services.jobs import enqueue
from workflows.logic.retry import next_attempt
from workflows.models import Channel, ChannelKind, Delivery, DeliveryState
from workflows.services.channels import about_channels, client, secret_of
from workflows.services.events import record
from workflows.services.messages import compose
from workflows.transports.base import Message, Transport, TransportError
from workflows.transports.email import EmailTransport
from workflows.transports.webhook import WebhookTransport

LEASE = dt.timedelta(seconds=60)  # four times what one attempt may take
MAX_ANSWER, MAX_REASON = 200, 200


@dataclass(frozen=True, slots=True)
class _Errand:
    """What one attempt needs, so that nothing is held open while it is under way."""

    delivery_id: uuid.UUID
    leased_until: dt.datetime
    message: Message
    transport: Transport


def deliver(delivery_id: uuid.UUID) -> None:
    """Make one attempt, if the delivery is due and nobody else is at it.

    The attempt itself runs outside any transaction. A worker that dies leaves the
    lease behind; when it has run out, the delivery is due again.
    """
    with workspace_scope():
        errand = _claim(delivery_id)
    if errand is None:
        return
    try:
        sent = errand.transport.send(errand.message)
    except TransportError as error:
        with workspace_scope():
            _note_failure(errand, error)
    else:
        with workspace_scope():
            _note_success(errand, sent.detail)


def _claim(delivery_id: uuid.UUID) -> _Errand | None:
    """Take the lease; None when there is nothing to do (now, or ever again)."""
    delivery = (
        Delivery.objects.filter(pk=delivery_id, channel__enabled=True)
        .select_related("event", "channel__member")
        .first()
    )
    now = timezone.now()
    if delivery is None or delivery.state != DeliveryState.WAITING:
        return None
    if delivery.due_at is None or delivery.due_at > now:
        return None
    # Whoever moves due_at has the lease.
    mine = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
    if not mine.update(due_at=now + LEASE):
        return None
    delivery.due_at = now + LEASE
    return _errand(delivery)


def _errand(delivery: Delivery) -> _Errand | None:
    if refused := _why_not(delivery):
        _give_up(delivery, refused)
        return None
    workspace = Workspace.objects.get(pk=current_workspace_id())
    try:
        transport = _transport(delivery.channel)
    except DomainError as error:
        _give_up(delivery, str(error))
        return None
    assert delivery.due_at is not None  # noqa: S101 - it was leased just now
    return _Errand(
        delivery_id=delivery.pk,
        leased_until=delivery.due_at,
        message=compose(delivery, workspace=workspace),
        transport=transport,
    )


def _why_not(delivery: Delivery) -> str:
    """Return why the person behind a channel may not hear this any more; "" if they may."""
    channel = delivery.channel
    if channel.member_id is None:
        return ""
    members = Membership.objects.current().filter(workspace_id=current_workspace_id())
    member = members.filter(user_id=channel.member_id).first()
    if member is None:
        return "This person is no member of the workspace any more."
    if not member.covers(delivery.event.site_id):
        return "This person does not read about this site any more."
    return ""


def _transport(channel: Channel) -> Transport:
    if channel.kind == ChannelKind.EMAIL:
        return EmailTransport()
    return WebhookTransport([secret_of(channel)], client())


def _note_success(errand: _Errand, detail: str) -> None:
    delivery = Delivery.objects.select_for_update().get(pk=errand.delivery_id)
    if delivery.state == DeliveryState.WAITING:
        delivery.sent_at = timezone.now()
        _note(delivery, detail, state=DeliveryState.SENT, due_at=None)


def _note_failure(errand: _Errand, error: TransportError) -> None:
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("channel")
        .get(pk=errand.delivery_id)
    )
    if delivery.due_at != errand.leased_until:
        return  # the lease ran out and somebody else is at it
    if error.permanent:
        _give_up(delivery, str(error))
        if delivery.channel.kind == ChannelKind.WEBHOOK:
            _switch_off(delivery.channel, str(error))
        return
    again = next_attempt(
        delivery.attempts + 1,
        now=timezone.now(),
        random=secrets.SystemRandom(),
        retry_after=error.retry_after,
    )
    if again is None:
        _give_up(delivery, f"{error} That was the last try.")
        return
    _note(delivery, str(error), state=DeliveryState.WAITING, due_at=again)
    enqueue(
        "workflows.deliver",
        args={"delivery_id": str(delivery.pk)},
        key=str(delivery.pk),
        run_after=again,
    )


def _give_up(delivery: Delivery, answer: str) -> None:
    _note(delivery, answer, state=DeliveryState.FAILED, due_at=None)


def _note(
    delivery: Delivery, answer: str, *, state: str, due_at: dt.datetime | None
) -> None:
    answer = answer[:MAX_ANSWER]
    tried = {"at": timezone.now().isoformat(), "answer": answer}
    delivery.state, delivery.answer, delivery.due_at = state, answer, due_at
    delivery.attempts += 1
    delivery.tries = [*delivery.tries, tried]
    delivery.save(
        update_fields=["state", "answer", "due_at", "attempts", "tries", "sent_at"]
    )


def _switch_off(channel: Channel, reason: str) -> None:
    """Stop sending where trying again cannot help: gone, or not to be reached by us."""
    channel.enabled, channel.disabled_reason = False, reason[:MAX_REASON]
    channel.save(update_fields=["enabled", "disabled_reason"])
    record(
        "integration.disabled",
        text=f"{channel.name} was switched off. {reason}",
        about=about_channels(),
        data={"channel": str(channel.pk), "state": "disabled"},
    )
