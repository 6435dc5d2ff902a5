"""Gives workspaces a new data key and seals their secrets with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exposure.services import source_grants
from tenants.models import Workspace
from tenants.scope import workspace_scope
from tenants.services import checkpoints, files
from tenants.services.secrets import replace_key
from tenants.services.sign_on import providers
from workflows.services import channels


class Command(BaseCommand):
    """One transaction a workspace: a new key with everything sealed anew, or nothing."""

    help = "Make a new data key for one workspace or all, and seal secrets with it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --workspace."""
        parser.add_argument("--workspace", help="the slug of one workspace")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Rotate; a file's own key is sealed anew, its content stays as it was written."""
        rows = Workspace.objects.order_by("slug")
        if options["workspace"]:
            rows = rows.filter(slug=options["workspace"])
            if not rows:
                raise CommandError(f"There is no workspace {options['workspace']}.")
        for workspace in rows:
            with workspace_scope(workspace.pk):
                name = replace_key()
                count = (
                    channels.reseal()
                    + source_grants.reseal()
                    + checkpoints.reseal()
                    + files.reseal()
                    + providers.reseal()
                )
            self.stdout.write(f"{workspace.slug}: key {name} seals {count} secrets.")
