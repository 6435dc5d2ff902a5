"""Makes a workspace again from a sealed backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DomainError
from tenants.management.passphrase import add_passphrase, passphrase
from tenants.portable.checked import check
from tenants.portable.container import lines_of
from tenants.portable.restore import restore
from tenants.scope import workspace_scope
from tenants.services import ledger
from tenants.services.workspaces import SLUG


class Command(BaseCommand):
    """Reads the file twice: all of it is checked before anything is written."""

    help = "Make one workspace again from the file that backup_workspace wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to read, and where it goes."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="slug", default="", help="another slug")
        parser.add_argument("--provider", default="", help="the slug of its provider")
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Check, write, and tell what was made."""
        slug = options["slug"]
        if slug and not SLUG.fullmatch(slug):
            raise CommandError("A slug takes small letters, digits and hyphens.")
        secret = passphrase(options["passphrase_file"], twice=False)
        try:
            with options["file"].open("rb") as stream:
                checked = check(lines_of(stream, secret))
                stream.seek(0)
                done = restore(
                    lines_of(stream, secret),
                    checked,
                    slug=slug,
                    provider=options["provider"],
                )
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        with workspace_scope(done.workspace.pk):
            ledger.append(
                "workspace.restored",
                about="workspace",
                text=f"The operator made this workspace again from a backup of {checked.at}.",
                change=ledger.Change(after={"rows": done.rows, "backup": checked.at}),
            )
        self.stdout.write(
            f"{done.workspace.slug}: {done.rows} rows, {len(checked.files)} files, "
            f"{done.made_accounts} new accounts without a password, {done.left_out} "
            "places of people left out who do not work for this provider."
        )
