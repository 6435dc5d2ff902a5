"""A decision is frozen and versioned; signatures are bound to its exact bytes."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from exposure.models import Plan
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK
from workflows.models.cases import Case


class Kind(models.TextChoices):
    """What is done about a finding."""

    REMEDIATE = "remediate", "Fix it"
    REMOVE_EXPOSURE = "remove_exposure", "Take it off the network"
    COMPENSATE = "compensate", "Compensate"
    SCHEDULE = "schedule", "Wait for a window"
    ACCEPT = "accept", "Accept"
    TRANSFER = "transfer", "Vendor acts"


class DecisionState(models.TextChoices):
    """Where a decision is; the moves are in `workflows.logic.lifecycle`."""

    PROPOSED = "proposed", "Proposed"
    PARTLY_ANSWERED = "partly_answered", "Partly answered"
    APPROVED = "approved", "Approved"
    CLAIMED = "claimed", "Said to be done"
    COMPLETED = "completed", "Completed"
    REJECTED = "rejected", "Rejected"
    DISPUTED = "disputed", "Disputed"
    RETURNED = "returned", "Changes asked for"
    WITHDRAWN = "withdrawn", "Withdrawn"
    VOIDED = "voided", "Void"


class Decision(WorkspaceOwned):
    """One frozen proposal; the next one is a new version."""

    SITE = Sited("case")

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="decisions"
    )
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(
        max_length=16, choices=DecisionState.choices, default=DecisionState.PROPOSED
    )
    action = models.TextField()
    technical_basis = models.TextField()
    safety_effect = models.TextField()
    downtime_minutes = models.PositiveIntegerField()
    lost_meanwhile = models.CharField(max_length=300)
    undo = models.CharField(max_length=300)
    window_start = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    units_before = models.FloatField()
    units_after = models.FloatField()
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    # Exactly what is signed: the bytes are stored, hashes are over the bytes.
    decision_bytes = models.BinaryField()
    decision_hash = models.CharField(max_length=64)
    evidence_bytes = models.BinaryField()
    evidence_hash = models.CharField(max_length=64)
    ended_reason = models.CharField(max_length=300, blank=True, default="")
    # The plan that it was sent from, and which change of it; empty: from none.
    plan = models.ForeignKey(
        Plan,
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    plan_change = models.CharField(max_length=200, blank=True, default="")
    # Who has not answered, and until when it is wanted: kept beside the case's and the
    # signatures' own words, so that a roll-up reads one index.
    waits_for = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    wanted_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("decision_key"),
            WorkspaceFK(field="case", name="decision_case"),
            WorkspaceFK(field="plan", name="decision_plan", on_delete="NO ACTION"),
            models.UniqueConstraint(
                fields=["workspace", "case", "version"], name="decision_version"
            ),
            models.UniqueConstraint(
                fields=["workspace", "case"],
                condition=models.Q(
                    state__in=["proposed", "partly_answered", "approved", "claimed"]
                ),
                name="one_live_decision_per_case",
                violation_error_message="Another proposal of this case is open.",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # who is waited for, in lists and over all customers
            models.Index(
                fields=["workspace", "case"],
                include=["id", "proposed_at", "waits_for", "wanted_by"],
                condition=models.Q(state__in=["proposed", "partly_answered"]),
                name="decision_open",
            ),
        ]

    def __str__(self) -> str:
        """Return the version and what is proposed."""
        return f"Version {self.version}: {self.action}"


class Answer(models.TextChoices):
    """What one side says to a proposal."""

    SIGN = "sign", "Signed"
    CHANGES = "changes", "Asks for changes"
    REJECT = "reject", "Rejected"


class Signature(WorkspaceOwned):
    """One side's answer to one version. Append-only; a void one stays visible."""

    SITE = Sited("decision")

    decision = models.ForeignKey(
        Decision,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="signatures",
    )
    slot = models.CharField(max_length=8)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    printed_name = models.CharField(max_length=120)
    role = models.CharField(max_length=12)
    side = models.CharField(max_length=2)
    comment = models.TextField(blank=True, default="")
    evidence_hash = models.CharField(max_length=64)
    decision_hash = models.CharField(max_length=64)
    payload = models.BinaryField()
    payload_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="decision", name="signature_decision"),
            models.UniqueConstraint(
                fields=["workspace", "decision", "slot"],
                name="one_answer_per_slot",
                violation_error_message="This side has already answered.",
            ),
            models.UniqueConstraint(
                fields=["workspace", "decision", "person"],
                name="one_person_one_slot",
                violation_error_message="One person answers for one side only.",
            ),
        ]

    def __str__(self) -> str:
        """Return who said what."""
        return f"{self.printed_name} ({self.slot}): {self.answer}"
