"""The small contract of every way out: a transport sends, or says what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from common.errors import DomainError


@dataclass(frozen=True)
class Message:
    """One event on its way to one recipient; the same at every attempt.

    `id` is the delivery's id: receivers use it to recognise a second delivery.
    `recipient` is a mail address or a web address, `sender` the From line of a mail
    (empty: ours). `payload` holds JSON values and is
    what a program gets, `text` and `html` are what a person gets. `sequence` numbers
    the events about one object, because their order of arrival is not promised.
    """

    id: str
    event_type: str
    occurred_at: datetime
    workspace_name: str
    subject: str
    text: str
    html: str
    recipient: str
    sender: str = ""
    payload: Mapping[str, object] = field(default_factory=dict)
    sequence: int = 0


@dataclass(frozen=True)
class Sent:
    """The message has been taken over; `detail` says by whom, for the timeline."""

    detail: str


class TransportError(DomainError):
    """The message was not taken over.

    `permanent`: trying again cannot help. `retry_after`: seconds that the receiver
    asked us to wait, None if it did not ask.
    """

    def __init__(
        self, message: str, *, permanent: bool, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Transport(Protocol):
    """One way out. A new one is one file with this method."""

    def send(self, message: Message) -> Sent:
        """Hand the message over once, or raise TransportError."""
        ...
