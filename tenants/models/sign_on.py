"""Single sign-on: the identity providers of a workspace, and whom they speak for."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites
from tenants.rls import WorkspaceFK


class IdentityKind(models.TextChoices):
    """The protocol that an identity provider speaks."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML"


class SecondFactor(models.TextChoices):
    """When a sign-in through an identity provider counts as one with a second factor."""

    NEVER = "never", "Never: it counts as one factor"
    CLAIMED = "claimed", "When it says that it asked for a second factor"
    ALWAYS = "always", "Always: it never lets anybody in without one"


class IdentityProvider(WorkspaceOwned):
    """The customer's own sign-in. Its secret is sealed with the workspace's data key.

    Issuer and client stay what they were: identities are bound to them.
    """

    SITE = AllSites("Everybody reads through what the workspace is entered.")

    kind = models.CharField(max_length=4, choices=IdentityKind.choices)
    name = models.CharField(max_length=80)
    issuer = models.CharField(max_length=500)  # OIDC: issuer; SAML: entity id
    client_id = models.CharField(max_length=255, blank=True, default="")
    sealed_secret = models.BinaryField(default=bytes)
    sso_url = models.CharField(max_length=500, blank=True, default="")
    certificates = models.TextField(blank=True, default="")  # PEM, one after the other
    second_factor = models.CharField(
        max_length=8, choices=SecondFactor.choices, default=SecondFactor.NEVER
    )
    # Some OpenID providers never say whether they have verified an address.
    vouches_for_mail = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("identity_provider_in_workspace"),
            models.UniqueConstraint(
                fields=["workspace", "issuer", "client_id"],
                name="one_identity_provider_per_client",
                violation_error_message="This identity provider is set up already.",
            ),
        ]

    def __str__(self) -> str:
        """Return its name and protocol."""
        return f"{self.name} ({self.get_kind_display()})"

    @property
    def method(self) -> str:
        """How signatures name this way of signing in, such as "oidc:https://..."."""
        return f"{self.kind}:{self.issuer}"


class Identity(WorkspaceOwned):
    """One subject of one identity provider is one person of this workspace."""

    SITE = AllSites("Administrators read all links, everybody else the own one.")

    provider = models.ForeignKey(
        IdentityProvider,
        on_delete=models.CASCADE,
        related_name="identities",
        db_constraint=False,
        db_index=False,
    )
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    email = models.EmailField(max_length=254)  # as the provider said it when linked
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="provider", name="identity_provider"),
            models.UniqueConstraint(
                fields=["workspace", "provider", "subject"],
                name="one_person_per_subject",
            ),
            models.UniqueConstraint(
                fields=["workspace", "provider", "user"],
                name="one_subject_per_person",
            ),
        ]

    def __str__(self) -> str:
        """Return the person and the subject."""
        return f"{self.user_id}: {self.subject}"
