"""Sends a message as a signed JSON call to the address of a customer's program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from common.canonical import NotCanonical, canonical_bytes
from common.exchange import OutgoingFailed
from common.outgoing import OutgoingClient, OutgoingRefused, Response
from workflows.logic.retry import parse_retry_after
from workflows.logic.webhook_signature import SignatureInvalid, sign
from workflows.transports.base import Message, Sent, TransportError

API_VERSION = "1"
MAX_BODY = 20_000  # bytes
USER_AGENT = "Sightline-Webhooks/1"
GONE = 410


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class WebhookTransport:
    """Posts to one endpoint, signed with its secrets (two of them in a rotation)."""

    secrets: Sequence[str] = field(repr=False)
    client: OutgoingClient = field(default_factory=OutgoingClient)
    now: Callable[[], datetime] = utc_now

    def send(self, message: Message) -> Sent:
        """Post the message once; only a status of 2xx counts as delivered.

        410 Gone is permanent, a redirect is a failure: nobody signed for its target.
        What the receiver wrote in its answer is shown to nobody.
        """
        now = self.now()
        body = body_of(message)
        try:
            headers = sign(body, message_id=message.id, at=now, secrets=self.secrets)
            answer = self.client.post(
                message.recipient,
                body=body,
                headers={
                    "Content-Type": "application/json",
                    "User-Agent": USER_AGENT,
                    **headers,
                },
            )
        except (OutgoingRefused, SignatureInvalid) as error:
            raise TransportError(str(error), permanent=True) from error
        except OutgoingFailed as error:
            raise TransportError(str(error), permanent=False) from error
        return _outcome(answer, now)


def body_of(message: Message) -> bytes:
    """Return the JSON body: the same bytes at every attempt, under 20 kB."""
    try:
        body = canonical_bytes(
            {
                "api_version": API_VERSION,
                "data": dict(message.payload),
                "id": message.id,
                "sequence": message.sequence,
                "tenant": message.workspace_name,
                "timestamp": message.occurred_at.astimezone(UTC).isoformat(),
                "type": message.event_type,
            }
        )
    except NotCanonical as error:
        raise TransportError(str(error), permanent=True) from error
    if len(body) >= MAX_BODY:
        raise TransportError("The call would be larger than 20 kB.", permanent=True)
    return body


def _outcome(answer: Response, now: datetime) -> Sent:
    if 200 <= answer.status <= 299:
        return Sent(f"The receiver answered {answer.status}.")
    if answer.status == GONE:
        raise TransportError("The receiver says it is gone (410).", permanent=True)
    if 300 <= answer.status <= 399:
        raise TransportError(
            f"The receiver sends elsewhere ({answer.status}); we do not follow.",
            permanent=False,
        )
    asked = answer.headers.get("retry-after", "")
    raise TransportError(
        f"The receiver answered {answer.status}.",
        permanent=False,
        retry_after=parse_retry_after(asked, now=now) if asked else None,
    )
