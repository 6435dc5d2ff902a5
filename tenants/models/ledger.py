"""The ledger: what happened, chained so that nobody can change it unseen.

The application only puts entries into `LedgerPending`. A trigger of the database
chains them when the transaction commits, so the lock on the head is short, nothing
forks, and a change without its entry cannot commit. See docs/ledger.md.
"""

from typing import Any, ClassVar

from django.db import models

from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites, Sited


class LedgerHead(WorkspaceOwned):
    """How long the chain of a workspace is, and its newest hash."""

    SITE = AllSites("There is one chain; its length says nothing of a site.")

    size = models.BigIntegerField(default=0)
    head = models.BinaryField(default=b"")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace"], name="one_ledger_head"),
        ]

    def __str__(self) -> str:
        """Return the number of entries."""
        return f"{self.size} entries"


class LedgerPending(WorkspaceOwned):
    """An entry of a transaction that has not committed yet; always empty from outside."""

    SITE = AllSites("Nobody reads it but the database.")

    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    object_ref = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True, blank=True)
    site_id = models.UUIDField(null=True, blank=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        """Return the action."""
        return self.action


class LedgerEntry(WorkspaceOwned):
    """One entry: its exact bytes, and the chain's hash up to here. Append-only."""

    SITE = Sited("site_id")

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    object_ref = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True, blank=True)
    site_id = models.UUIDField(null=True, blank=True)
    line = models.BinaryField()
    chain = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="ledger_seq"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the ledger page filters by what, by what about, and by whom
            models.Index(fields=["workspace", "action", "-seq"], name="ledger_action"),
            models.Index(
                fields=["workspace", "object_ref", "-seq"], name="ledger_object"
            ),
            models.Index(fields=["workspace", "actor_id", "-seq"], name="ledger_actor"),
        ]

    def __str__(self) -> str:
        """Return the number and the action."""
        return f"{self.seq}: {self.action}"


class LedgerDetail(WorkspaceOwned):
    """The readable part of the entry with the same id; erasable, the chain stays valid."""

    SITE = Sited("id", of="tenants.LedgerEntry")

    salt = models.BinaryField()
    body = models.BinaryField()  # RFC 8785 bytes of an object, see docs/ledger.md

    def __str__(self) -> str:
        """Return the entry's id."""
        return str(self.pk)


class LedgerKey(WorkspaceOwned):
    """The key that signs a workspace's checkpoints; the private half is sealed."""

    SITE = AllSites("There is one chain and one key.")

    name = models.CharField(max_length=200)
    public = models.BinaryField()
    sealed_private = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace"], name="one_ledger_key"),
        ]

    def __str__(self) -> str:
        """Return the key's name."""
        return self.name


class Checkpoint(WorkspaceOwned):
    """A signed statement of the ledger's size and root. Append-only."""

    SITE = AllSites("It signs the whole chain: a size and a hash.")

    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()  # a C2SP signed note
    peaks = models.BinaryField()  # subtree hashes, so that the next one starts here
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "size"], name="one_checkpoint"
            ),
        ]

    def __str__(self) -> str:
        """Return the size."""
        return f"checkpoint {self.size}"


class LedgerCheck(WorkspaceOwned):
    """What a verification said. Append-only."""

    SITE = AllSites("It speaks of numbers of entries, not of what they say.")

    at = models.DateTimeField()
    size = models.BigIntegerField()
    holds = models.BooleanField()
    problems = models.JSONField(default=list)  # sentences, the first hundred
    seconds = models.FloatField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "-at"], name="ledger_check_latest"),
        ]

    def __str__(self) -> str:
        """Return the outcome."""
        return f"{self.size} entries: {'hold' if self.holds else 'do not hold'}"
