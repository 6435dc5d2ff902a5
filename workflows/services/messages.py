"""One event in the words of a mail and in the fields of a webhook."""

from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import select_template
from django.utils import timezone

from common.words import ACT
from tenants.models import Workspace
from tenants.services.branding import brand_of, sender_of
from workflows.models import ChannelKind, Delivery, Event
from workflows.transports.base import Message

# What happened, for the subject of a mail: it must name no device and no address.
HEADLINES = {
    "decision.proposed": "a treatment is proposed",
    "decision.signed": "one side has signed",
    "decision.changes_requested": "changes are asked for",
    "decision.rejected": "a treatment was rejected",
    "decision.approved": "a treatment is agreed",
    "decision.returned": "a treatment goes back for changes",
    "decision.disputed": "the sides do not agree",
    "decision.withdrawn": "a proposal was withdrawn",
    "decision.voided": "a decision is void",
    "change.fix_claimed": "somebody says it is done",
    "evidence.improved": "the evidence is better than what was signed",
    "finding.routed": "a new exposure needs a joint decision",
    "finding.closed": "closed by a re-test",
    "finding.disproved": "disproved",
    "finding.reopened": "it was found again",
    "retest.requested": "a re-test is under way",
    "retest.completed": "a re-test did not close it",
    "scan.finished": "the run has finished",
    "scan.stopped": "the run was stopped",
    "scan.failed": "the run has failed",
    "scan.scope_drift": "a name moved out of the authorised ranges",
    "scope.stop_ordered": "discovery was stopped, in whole or in part",
    "scope.stop_lifted": "a stop of discovery was lifted",
    "discovery.device_changed": "a device does not answer as before, runs are stopped",
    "integration.disabled": "a channel was switched off",
    "webhook.test": "a test message",
    "access.granted": "somebody was given access",
    "access.revoked": "somebody's access ended",
    "access.impersonation_started": "the provider looks with somebody's eyes",
    "audit.verification_failed": "the ledger does not hold",
    "run.not_started": "a scheduled run did not start",
    "audit.checkpoint": "a checkpoint to keep",
}
OTHERWISE = "something happened"


def compose(delivery: Delivery, *, workspace: Workspace) -> Message:
    """Return the message of a delivery: the same one at every attempt."""
    event, channel = delivery.event, delivery.channel
    url = urljoin(settings.SITE_URL, event.path)
    words = _Words(event, workspace=workspace, url=url)
    is_mail = channel.kind == ChannelKind.EMAIL
    return Message(
        id=str(delivery.pk),
        event_type=event.type,
        occurred_at=event.at,
        workspace_name=workspace.name,
        subject=words.part("subject.txt") if is_mail else "",
        text=words.part("body.txt") if is_mail else "",
        html=words.part("body.html") if is_mail else "",
        sender=sender_of(workspace.provider) if is_mail else "",
        recipient=channel.member.email if channel.member else channel.url,
        payload={**event.data, "object": event.object_ref, "url": url},
        sequence=event.sequence,
    )


class _Words:
    """The mail about one event; each group of events may have templates of its own."""

    def __init__(self, event: Event, *, workspace: Workspace, url: str) -> None:
        self._group = event.type.partition(".")[0]
        self._zone = ZoneInfo(workspace.time_zone)
        act = ACT.get(event.data.get("band", ""))
        self._context = {
            "ref": event.object_ref,
            "headline": HEADLINES.get(event.type, OTHERWISE),
            "customer": workspace.name,
            "product": brand_of(workspace.provider).name,
            "act": act.label if act else "",
            "version": event.data.get("version", ""),
            "at": event.at,
            "url": url,
            "text": event.text if self._group == "access" else "",
            "note": event.data.get("note", ""),
        }

    def part(self, name: str) -> str:
        """Return one rendered part, such as "body.txt"."""
        groups = (self._group, "default")
        template = select_template([f"emails/{group}/{name}" for group in groups])
        with timezone.override(self._zone):
            return str(template.render(self._context)).strip()
