"""Identity providers: who vouches for people, and for which workspaces."""

from typing import Any, ClassVar

from django.db import models

from common.ids import uuid7
from tenants.models.workspaces import Provider, Workspace


class IdentityKind(models.TextChoices):
    """Which protocol an identity provider speaks."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class IdentityProvider(models.Model):
    """The sign-in of a customer or of a provider.

    Whoever runs it can sign in as anybody it vouches for, so a session that it opened
    gets into the workspaces of its owner and into no other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=4, choices=IdentityKind.choices)
    slug = models.SlugField(unique=True)  # stands in the address of its sign-in
    name = models.CharField(max_length=80)
    owner_workspace = models.ForeignKey(
        Workspace,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="identity_providers",
    )
    owner_provider = models.ForeignKey(
        Provider,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="identity_providers",
    )
    # OIDC: the issuer; SAML: the entity id.
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=200, blank=True, default="")
    sealed_secret = models.BinaryField(blank=True, default=b"")
    # SAML: where to sign in, and the certificate (PEM) its answers are signed with.
    sign_in_url = models.URLField(max_length=500, blank=True, default="")
    certificate = models.TextField(blank=True, default="")
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="an_identity_provider_has_one_owner",
                condition=models.Q(
                    owner_workspace__isnull=True, owner_provider__isnull=False
                )
                | models.Q(owner_workspace__isnull=False, owner_provider__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Return the name people choose it by."""
        return self.name

    def covers(self, workspace: Workspace) -> bool:
        """Whether a session that it opened gets into the workspace."""
        if self.owner_workspace_id is not None:
            return self.owner_workspace_id == workspace.pk
        return self.owner_provider_id == workspace.provider_id
