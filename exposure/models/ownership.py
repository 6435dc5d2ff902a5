"""How the owner of a name or range showed that it is theirs."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.scope import Authorisation, ScopeEntry
from tenants.models import StoredFile
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class ProofKind(models.TextChoices):
    """How ownership is shown."""

    DNS = "dns", "DNS record"
    HTTP = "http", "File on a web server"
    LETTER = "letter", "Letter"


class OwnershipProof(WorkspaceOwned):
    """One way in which one entry is, or is to be, proven.

    The token is no secret: it is published by whoever controls the name or address.
    """

    SITE = Sited("entry")

    entry = models.ForeignKey(
        ScopeEntry, on_delete=models.CASCADE, db_constraint=False, related_name="proofs"
    )
    kind = models.CharField(max_length=6, choices=ProofKind.choices)
    token = models.CharField(max_length=32, blank=True, default="")
    address = models.GenericIPAddressField(
        null=True, blank=True, help_text="Where the file of a range is"
    )
    asked_at = models.DateTimeField(null=True, blank=True)  # a check is to be made
    checked_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=200, blank=True, default="")
    proven_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="entry", name="proof_entry"),
            models.UniqueConstraint(
                fields=["workspace", "entry", "kind"], name="proof_once_per_kind"
            ),
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return self.get_kind_display()


class OwnershipLetter(WorkspaceOwned):
    """A letter that says whose entries these are; two people of the customer vouch."""

    SITE = Sited("authorisation")

    authorisation = models.ForeignKey(
        Authorisation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="letters",
    )
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, db_constraint=False)
    covers = models.JSONField(default=list)  # the entries' values, as texts
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("letter_key"),
            WorkspaceFK(field="authorisation", name="letter_authorisation"),
            WorkspaceFK(field="file", name="letter_file"),
        ]

    def __str__(self) -> str:
        """Return what it covers."""
        return ", ".join(self.covers)


class LetterApproval(WorkspaceOwned):
    """One person of the customer vouches for a letter."""

    SITE = Sited("letter")

    letter = models.ForeignKey(
        OwnershipLetter,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="approvals",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="letter", name="approval_letter"),
            models.UniqueConstraint(
                fields=["workspace", "letter", "by"],
                name="approval_once_per_person",
                violation_error_message="You have approved this letter.",
            ),
        ]

    def __str__(self) -> str:
        """Return who vouched."""
        return str(self.by)
