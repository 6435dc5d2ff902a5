"""Reads every stored conversation again and says where today's parsers differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exposure.services.transcripts import Verified, verify_transcripts
from tenants.models import Workspace
from tenants.scope import bind_workspace

MOST_SHOWN = 50


class Command(BaseCommand):
    """Nothing is sent and nothing is changed; a difference ends it with an error."""

    help = "Read stored conversations again with today's parsers, for one workspace or all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --workspace."""
        parser.add_argument("--workspace", help="the slug of one workspace")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Print one line a workspace, and one for each conversation that differs."""
        rows = Workspace.objects.order_by("slug")
        if options["workspace"]:
            rows = rows.filter(slug=options["workspace"])
            if not rows:
                raise CommandError(f"There is no workspace {options['workspace']}.")
        differing = 0
        for workspace in rows:
            with bind_workspace(workspace.pk):
                found = verify_transcripts()
            self._print(workspace.slug, found)
            differing += len(found.deviations)
        if differing:
            raise CommandError(f"{differing} conversations are read otherwise now.")

    def _print(self, slug: str, found: Verified) -> None:
        self.stdout.write(
            f"{slug}: {found.same} read the same, {len(found.deviations)} differ, "
            f"{found.older} of an older probe (the parser has changed since), "
            f"{found.unheard} without an answer, {found.unknown} of unknown probes"
        )
        for each in found.deviations[:MOST_SHOWN]:
            differs = ", ".join(each.differs)
            self.stdout.write(
                f"  {each.where}: {each.probe}/{each.version} differs in {differs}"
            )
