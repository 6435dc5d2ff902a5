"""Groups of a provider: made, renamed, filled with customers, dissolved."""

from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from tenants.access import staff_may
from tenants.models import (
    Group,
    Staff,
    User,
    Workspace,
)
from tenants.rights import ProviderRight
from tenants.scope import workspace_scope
from tenants.services import ledger, provider_record
from tenants.services.ledger import Change
from tenants.services.workspaces import MAX_NAME, SLUG


@transaction.atomic
def make(name: str, *, slug: str, by: Staff) -> Group:
    """Make a group without customers.

    Raises NotAllowed, InvalidInput for a field, and Conflict for an address that is
    taken, whoever has it.
    """
    check_may(by)
    name = _name(name)
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            "slug", "The address takes small letters, digits and hyphens, at most 50."
        )
    try:
        with transaction.atomic():
            made = Group.objects.create(provider=by.provider, name=name, slug=slug)
    except IntegrityError as error:
        raise Conflict(f"The address {slug} is taken. Choose another one.") from error
    _note(made, "group.made", f"made the group {name}", by=by.user)
    return made


@transaction.atomic
def rename(group: Group, name: str, *, by: Staff) -> None:
    """Give a group another name; each customer in it reads so in its ledger."""
    check_may(by)
    hold(group)
    before, group.name = group.name, _name(name)
    group.save(update_fields=["name"])
    did = f"renamed the group {before} to {group.name}"
    _note(group, "group.renamed", did, by=by.user)
    for workspace in group.workspaces.order_by("pk"):
        _tell(workspace, "group.renamed", did, by=by.user)


@transaction.atomic
def remove(group: Group, *, by: Staff) -> None:
    """Dissolve a group: nobody sees anything of its customers any more."""
    check_may(by)
    hold(group)
    for workspace in group.workspaces.order_by("pk"):
        place(workspace, None, by=by)
    _note(group, "group.removed", f"dissolved the group {group.name}", by=by.user)
    group.delete()


@transaction.atomic
def place(workspace: Workspace, group: Group | None, *, by: Staff) -> None:
    """Put a customer into a group, or into none.

    What the customer agreed to share was meant for the earlier group, so it ends.
    """
    check_may(by)
    if {workspace.provider_id, getattr(group, "provider_id", by.provider_id)} != {
        by.provider_id
    }:
        raise NotAllowed("A group holds customers of its own provider only.")
    if group is not None:
        hold(group)
    row = Workspace.objects.select_for_update(of=("self",)).get(pk=workspace.pk)
    if row.group_id == getattr(group, "pk", None):
        return
    row.group, row.shares_with_group = group, False
    row.save(update_fields=["group", "shares_with_group"])
    to = f"the group {group.name}" if group else "no group"
    _tell(row, "group.placed", f"put the workspace into {to}", by=by.user)
    provider_record.note(
        by.provider,
        "group.placed",
        about=f"workspace {row.pk}",
        by=by.user,
        text=f"{by.user} put {row.name} into {to}.",
    )


def hold(group: Group) -> None:
    """Lock a group until the change is done; raises Conflict if it is gone."""
    if Group.objects.select_for_update().filter(pk=group.pk).first() is None:
        raise Conflict("This group was dissolved meanwhile.")


def check_may(by: Staff) -> None:
    """Raise NotAllowed unless the employee looks after groups."""
    if not staff_may(by, ProviderRight.GROUPS):
        raise NotAllowed(f"Your role may not {ProviderRight.GROUPS.label}.")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", f"Give it a name of at most {MAX_NAME} characters.")
    return name


def _note(group: Group, action: str, did: str, *, by: User) -> None:
    provider_record.note(
        group.provider,
        action,
        about=f"group {group.pk}",
        by=by,
        text=f"{by} {did}.",
        change=Change(after={"name": group.name, "address": group.slug}),
    )


def _tell(workspace: Workspace, action: str, did: str, *, by: User) -> None:
    with workspace_scope(workspace.pk):
        ledger.append(action, about="group", by=by, text=f"{by} {did}.")
