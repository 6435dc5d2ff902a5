"""Writes a sealed backup of one workspace."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DomainError
from tenants.management.passphrase import add_passphrase, passphrase
from tenants.models import Workspace
from tenants.portable.backup import written
from tenants.portable.container import seal
from tenants.scope import workspace_scope
from tenants.services import ledger


class Command(BaseCommand):
    """The file is complete or not there; the customer reads of it in the ledger."""

    help = (
        "Write one workspace, with its secrets, into a file sealed with a passphrase."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to write where."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, help="its slug")
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Write."""
        target: Path = options["file"]
        place = Workspace.objects.select_related("provider").filter(
            slug=options["workspace"]
        )
        workspace = place.first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']}.")
        if target.exists():
            raise CommandError(f"{target} is there already.")
        secret = passphrase(options["passphrase_file"], twice=True)
        try:
            size = _write(target, seal(written(workspace), secret))
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        with workspace_scope(workspace.pk):
            ledger.append(
                "data.backed_up",
                about="data",
                text="The operator wrote a backup of this workspace.",
                change=ledger.Change(after={"bytes": size}),
            )
        self.stdout.write(f"{target}: {size} bytes. Keep the passphrase elsewhere.")


def _write(target: Path, pieces: Iterator[bytes]) -> int:
    part = target.with_name(target.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            size = sum(out.write(piece) for piece in pieces)
            out.flush()
            os.fsync(out.fileno())
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size
