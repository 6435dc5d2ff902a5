"""Keys of the API, and the answers that a repeated request gets again."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites
from tenants.rls import WorkspaceFK


class ApiKey(WorkspaceOwned):
    """A way in for a program, in the name of whoever made it, for a time.

    Only a hash of the secret is kept. `handle` stands in the secret and is shown, so
    that people recognise a key.
    """

    SITE = AllSites("Everybody reads which keys open the workspace.")

    name = models.CharField(max_length=80)
    handle = models.CharField(max_length=8)
    token_hash = models.CharField(max_length=64)
    # Words of tenants.key_scopes.KeyScope.
    scopes = ArrayField(models.CharField(max_length=24))
    # Ids of sites; empty means every site that its maker answers for.
    site_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The maker's membership: with it the key is over, also if the person comes again.
    place_id = models.UUIDField()
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # The hour (UTC) of the last request: more often it is not written.
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("api_key_key"),
            models.UniqueConstraint(
                fields=["workspace", "handle"], name="one_api_key_per_handle"
            ),
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_live_api_key_per_name",
                violation_error_message="A key with this name is there already.",
            ),
            models.CheckConstraint(
                name="an_api_key_may_something", condition=~models.Q(scopes=[])
            ),
        ]

    def __str__(self) -> str:
        """Return the key's name."""
        return self.name


class ApiAnswer(WorkspaceOwned):
    """What an act answered, for the same request sent again with the same name."""

    SITE = AllSites("An answer is given again to the key that got it, to nobody else.")

    key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    name = models.CharField(max_length=200)  # the Idempotency-Key
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True, default="")  # JSON
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="key", name="api_answer_key"),
            models.UniqueConstraint(
                fields=["workspace", "key", "name"], name="one_answer_per_name"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # what is a day old is forgotten
            models.Index(fields=["workspace", "created_at"], name="api_answer_age"),
        ]

    def __str__(self) -> str:
        """Return the request's name."""
        return self.name
