"""Models of workflows."""

from workflows.models.cases import Case
from workflows.models.channels import Channel, ChannelKind, Delivery, DeliveryState
from workflows.models.decisions import (
    Answer,
    Decision,
    DecisionState,
    Kind,
    Signature,
)
from workflows.models.events import Event

__all__ = [
    "Answer",
    "Case",
    "Channel",
    "ChannelKind",
    "Decision",
    "DecisionState",
    "Delivery",
    "DeliveryState",
    "Event",
    "Kind",
    "Signature",
]
