"""The roll-up scope: a provider reads across the customers it works for, and no others."""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from tenants.models.memberships import PROVIDER_ROLES, Membership
from tenants.models.users import User
from tenants.scope import ScopeMissing, bound_workspace_id
from tenants.services.roles import ROLLUP

SETTING = "app.workspace_ids"


def provider_memberships(user: User) -> list[Membership]:
    """Return where the person works for the provider, with workspace and group, by name.

    A roll-up counts whole workspaces, so one of which the person may read some sites
    only is left out.
    """
    rows = (
        Membership.objects.current()
        .select_related("workspace__provider", "workspace__group")
        .filter(user=user, role__in=PROVIDER_ROLES, site_ids=[])
    )
    return list(rows.order_by("workspace__name"))


@contextlib.contextmanager
def rollup_scope(workspace_ids: Iterable[uuid.UUID]) -> Iterator[None]:
    """Open one transaction that reads the tenant tables of these workspaces, only them.

    The role may select and nothing else, and its policy lets through the ids of the
    setting. So the ids must come from memberships, never from a request. Raises
    ScopeMissing inside the scope of one workspace.
    """
    if bound_workspace_id() is not None:
        raise ScopeMissing("A transaction works for one workspace only.")
    ids = "{" + ",".join(str(uuid.UUID(str(each))) for each in workspace_ids) + "}"
    with transaction.atomic():
        _run("SELECT set_config(%s, %s, true)", [SETTING, ids])
        _run(f"SET LOCAL ROLE {ROLLUP}")
        yield
        # A savepoint keeps both until the outer transaction ends; an error takes them back.
        _run("SET LOCAL ROLE NONE")
        _run("SELECT set_config(%s, '{}', true)", [SETTING])


def rollup_rows(
    sql: str, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of one query; call it inside `rollup_scope`.

    The text of the query is written by us; values go in as named parameters.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _run(sql: str, parameters: list[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
