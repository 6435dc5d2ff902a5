"""The workspace of a customer: created, opened to its people, and guarded."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Collection

from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from tenants.access import may
from tenants.models import Closure, Membership, Portal, Role, Staff, Workspace
from tenants.models.workspaces import ProviderRole
from tenants.rights import Right
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


@transaction.atomic
def require_second_factor(roles: Collection[str], *, by: Membership) -> None:
    """Let these roles in with a second factor only; those who have none set one up.

    Raises NotAllowed without the right and InvalidInput for an unknown role.
    """
    if not may(by, Right.SECURE):
        raise NotAllowed("An administrator of the customer says who needs one.")
    if not set(roles) <= set(Role):
        raise InvalidInput("roles", "Choose among the roles.")
    place = Workspace.objects.select_for_update().get(pk=by.workspace_id)
    before, place.second_factor_roles = place.second_factor_roles, sorted(set(roles))
    place.save(update_fields=["second_factor_roles"])
    ledger.append(
        "workspace.second_factor",
        about="workspace",
        by=by,
        text=f"{by.user} changed who needs a second factor.",
        change=ledger.Change(
            before={"roles": before}, after={"roles": place.second_factor_roles}
        ),
    )


@transaction.atomic
def set_portal(workspace: Workspace, level: str, *, by: Staff) -> None:
    """Open or close the portal to the customer's people; the provider decides."""
    if level not in Portal.values:
        raise InvalidInput("portal", "Choose off, read or full.")
    with workspace_scope(workspace.pk):
        if Closure.objects.filter(called_off_at=None).exists():
            raise Conflict("A deletion was asked for: until then it is read only.")
        before, workspace.portal = workspace.portal, level
        workspace.save(update_fields=["portal"])
        ledger.append(
            "workspace.portal",
            about="workspace",
            by=by.user,
            text=f"{by.user} set the portal to: {Portal(level).label}",
            change=ledger.Change(before={"portal": before}, after={"portal": level}),
        )
