"""Seals everything anew after the master key was replaced."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.models import Workspace
from tenants.scope import workspace_scope
from tenants.services import account_secrets, installation_key
from tenants.services.master_key import (
    WrongMasterKey,
    check_master_key,
    forget_other_keys,
    remember_master_key,
)
from tenants.services.secrets import reseal_keys


class Command(BaseCommand):
    """Works through one workspace after the other; may be broken off and repeated."""

    help = (
        "Seal all keys with SIGHTLINE_MASTER_KEY while the one before it is given as "
        "SIGHTLINE_MASTER_KEY_PREVIOUS. Afterwards the previous one is needed no more."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Seal data keys and account secrets anew, then forget the key before."""
        if not settings.MASTER_KEYS_BEFORE:
            raise CommandError("Give the old key as SIGHTLINE_MASTER_KEY_PREVIOUS.")
        try:
            check_master_key()
        except WrongMasterKey as error:
            raise CommandError(str(error)) from error
        remember_master_key()
        count = 0
        for workspace in Workspace.objects.order_by("pk"):
            with workspace_scope(workspace.pk):
                count += reseal_keys()
        accounts = account_secrets.reseal()
        installation_key.reseal()
        forget_other_keys()
        self.stdout.write(
            f"Sealed {count} data keys and {accounts} account secrets anew. "
            "SIGHTLINE_MASTER_KEY_PREVIOUS can be removed."
        )
