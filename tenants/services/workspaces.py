"""Creates the workspace of a customer."""

import datetime as dt
import re
import zoneinfo

from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput
from common.plain_text import reads_as_stored
from tenants.models import Staff, Workspace
from tenants.models.workspaces import ProviderRole
from tenants.scope import workspace_scope
from tenants.services import ledger
from tenants.services.people import open_access

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
MAX_NAME = 120
FIRST = dt.timedelta(hours=24)


@transaction.atomic
def create(name: str, *, slug: str, time_zone: str, by: Staff) -> Workspace:
    """Create a workspace and let its maker in for a day, to set it up.

    Raises InvalidInput for a field and Conflict for an address that is taken, whoever
    has it.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", f"Give it a name of at most {MAX_NAME} characters.")
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            "slug", "The address takes small letters, digits and hyphens, at most 50."
        )
    if time_zone not in zoneinfo.available_timezones():
        raise InvalidInput("time_zone", "Choose a time zone such as Europe/Vienna.")
    try:
        with transaction.atomic():
            made = Workspace.objects.create(
                provider=by.provider, name=name, slug=slug, time_zone=time_zone
            )
    except IntegrityError as error:
        raise Conflict(f"The address {slug} is taken. Choose another one.") from error
    with workspace_scope(made.pk):
        ledger.append(
            "workspace.created",
            about="workspace",
            by=by.user,
            text=f"{by.user} created the workspace {name}.",
            change=ledger.Change(after={"name": name, "time_zone": time_zone}),
        )
    role = "analyst" if by.role == ProviderRole.ANALYST else "manager"
    open_access(made, to=by.user, role=role, time=FIRST, reason="Sets it up.", by=by)
    return made
