"""How tests back Northmill up, let it go, and bring it back."""

import io
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tenants.models import Membership, Workspace
from tenants.scope import bind_workspace
from tenants.services import closing
from tests.data_rights.conftest import Cast, asked_for_deletion

PASSPHRASE = "seven quiet valves turn left"


def restored(source: Path, secret: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command(
        "restore_workspace", source, passphrase_file=secret, stdout=out, **options
    )
    return out.getvalue()


def delete(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    with bind_workspace(cast.northmill.pk):
        assert closing.delete_when_due() is not None


def keep_accounts(cast: Cast) -> None:
    """Let Northmill's people keep their accounts when the workspace goes."""
    other = Workspace.objects.create(
        provider=cast.northmill.provider, slug="thirdplace", name="Third"
    )
    for user in (cast.ida, cast.otto):
        Membership.objects.create(workspace=other, user=user, role="auditor")


def section(lines: list[Any], name: str) -> int:
    """Return where the rows of a section begin."""
    return 1 + next(
        at
        for at, line in enumerate(lines)
        if isinstance(line, dict) and line.get("section") == name
    )
