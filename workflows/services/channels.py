"""Who is told: owners by mail unless they say otherwise, programs by webhook."""

import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from common.errors import InvalidInput, NotAllowed
from common.outgoing import OutgoingClient, OutgoingRefused
from tenants.access import may
from tenants.models import Membership, Role
from tenants.models.memberships import PROVIDER_ROLES
from tenants.rights import Right
from tenants.scope import current_workspace_id
from tenants.services import ledger
from tenants.services.secrets import open_secret, seal_secret
from workflows.logic.webhook_signature import new_secret, parse_secret
from workflows.models import Channel, ChannelKind, Delivery, Event
from workflows.services.events import About, record

OWNERS_HEAR = ("decision.", "finding.", "retest.", "scan.", "access.")
AUDITORS_HEAR = ("audit.", "access.")
# What everybody who gets mail hears, whatever else they want to hear.
ALARMS = ("discovery.device_changed", "scope.stop_ordered", "scope.stop_lifted")
TEST = "webhook.test"
MAX_NAME, MAX_URL = 120, 500


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A new endpoint with its secret, which is shown this once and never again."""

    channel: Channel
    secret: str = field(repr=False)


@transaction.atomic
def add_email(member: Membership) -> Channel:
    """Let a member hear by mail; once is enough.

    Owners hear about decisions, findings, runs and access, auditors about the ledger
    and access.
    """
    channel, _ = Channel.objects.get_or_create(
        member=member.user,
        defaults={
            "kind": ChannelKind.EMAIL,
            "name": str(member.user),
            "wants": list(
                AUDITORS_HEAR if member.role == Role.AUDITOR else OWNERS_HEAR
            ),
        },
    )
    return channel


def inform_owners() -> None:
    """Give owners and auditors who have none a mail channel: they are told by default."""
    known = Channel.objects.filter(member__isnull=False).values("member")
    owners = (
        Membership.objects.current()
        .select_related("user")
        .filter(
            workspace_id=current_workspace_id(), role__in=[Role.OWNER, Role.AUDITOR]
        )
    )
    for member in owners.exclude(user__in=known):
        add_email(member)


def inform_provider() -> None:
    """Give the provider's people who have none a mail channel for alarms alone."""
    known = Channel.objects.filter(member__isnull=False).values("member")
    rows = Membership.objects.current().select_related("user")
    for member in rows.filter(
        workspace_id=current_workspace_id(), role__in=PROVIDER_ROLES
    ).exclude(user__in=known):
        Channel.objects.get_or_create(
            member=member.user,
            defaults={
                "kind": ChannelKind.EMAIL,
                "name": str(member.user),
                "wants": list(ALARMS),
            },
        )


@transaction.atomic
def add_webhook(url: str, *, name: str, by: Membership, secret: str = "") -> NewWebhook:
    """Send every event to an address from now on, signed with a secret.

    The secret is a new one unless the receiver has chosen it already. Raises
    NotAllowed without the right, InvalidInput when the address can never be
    sent to, such as one on a private network, and SignatureInvalid for a secret
    that nothing can be signed with.
    """
    _check_right(by)
    url, name = url.strip(), " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME:
        raise InvalidInput("name", f"Give it a name of at most {MAX_NAME} characters.")
    if len(url) > MAX_URL:
        raise InvalidInput("url", f"At most {MAX_URL} characters.")
    try:
        client().check(url)
    except OutgoingRefused as error:
        raise InvalidInput("url", str(error)) from error
    secret = secret or new_secret()
    parse_secret(secret)
    channel = Channel(kind=ChannelKind.WEBHOOK, name=name, url=url)
    channel.sealed_secret = seal_secret(secret.encode(), context=_place(channel))
    channel.save()
    _record("channel.added", channel, by=by, text=f"Added the webhook {name}.")
    return NewWebhook(channel, secret)


def secret_of(channel: Channel) -> str:
    """Return the secret of a webhook, for signing; raises SealBroken if it cannot."""
    return open_secret(bytes(channel.sealed_secret), context=_place(channel)).decode()


def reseal() -> int:
    """Seal the secrets of all webhooks with the key in use; return how many."""
    rows = list(Channel.objects.select_for_update().filter(kind=ChannelKind.WEBHOOK))
    for channel in rows:
        secret = secret_of(channel).encode()
        channel.sealed_secret = seal_secret(secret, context=_place(channel))
        channel.save(update_fields=["sealed_secret"])
    return len(rows)


@transaction.atomic
def send_test(channel_id: uuid.UUID, *, by: Membership) -> Event:
    """Send a test event to one channel and to no other."""
    _check_right(by)
    channel = Channel.objects.get(pk=channel_id)
    event = record(
        TEST,
        text=f"{by.user} sent a test to {channel.name}.",
        about=about_channels(),
        actor=by.user,
        data={"state": "test"},
    )
    Delivery.objects.create(event=event, channel=channel, due_at=event.at)
    return event


@transaction.atomic
def enable(channel_id: uuid.UUID, *, by: Membership) -> Channel:
    """Switch a channel on; what it missed meanwhile is sent, back to thirty days."""
    return _switch(channel_id, by=by, reason="", on=True)


@transaction.atomic
def disable(channel_id: uuid.UUID, *, by: Membership) -> Channel:
    """Switch a channel off until somebody switches it on."""
    return _switch(channel_id, by=by, reason=f"Switched off by {by.user}.", on=False)


def client() -> OutgoingClient:
    """Return the only way out: public addresses, and what this instance opened."""
    return OutgoingClient(private=settings.WEBHOOK_ALLOWED_PRIVATE_RANGES)


def about_channels() -> About:
    """Return what an event about a channel points at."""
    return About(object_ref="notifications", path="notifications/")


def _switch(channel_id: uuid.UUID, *, by: Membership, reason: str, on: bool) -> Channel:
    _check_right(by)
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    channel.enabled, channel.disabled_reason = on, reason[:200]
    channel.save(update_fields=["enabled", "disabled_reason"])
    word = "on" if on else "off"
    _record("channel.switched", channel, by=by, text=f"Switched {channel.name} {word}.")
    return channel


def _record(action: str, channel: Channel, *, by: Membership, text: str) -> None:
    shown = {"kind": channel.kind, "enabled": channel.enabled}
    ledger.append(
        action,
        about=f"channel {channel.pk}",
        by=by,
        text=text,
        change=ledger.Change(after=shown),
    )


def _check_right(by: Membership) -> None:
    if not may(by, Right.NOTIFY):
        raise NotAllowed("Your role may not edit notifications.")


def _place(channel: Channel) -> str:
    return f"workspace:{current_workspace_id()}/channel:{channel.pk}/secret"
