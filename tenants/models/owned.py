"""The base of every row that belongs to a customer."""

import uuid
from typing import Any, TypeVar

from django.db import models

from common.ids import uuid7
from tenants.scope import current_workspace_id

Row = TypeVar("Row", bound=models.Model)


class WorkspaceManager(models.Manager[Row]):
    """Answers only inside a workspace scope, and only from that workspace."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[Row]:
        """Return the rows of the current workspace; outside a scope raise ScopeMissing."""
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class WorkspaceOwned(models.Model):
    """A row of one customer; the database refuses it to everybody else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        "tenants.Workspace",
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # every index of a tenant table starts with the workspace
        editable=False,
    )

    objects = WorkspaceManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save in the current workspace; a row of another one is refused."""
        scope: uuid.UUID = current_workspace_id()
        if self.workspace_id is None:
            self.workspace_id = scope
        if self.workspace_id != scope:
            raise ValueError("A row can be saved in its own workspace only.")
        super().save(*args, **kwargs)


def workspace_key(name: str) -> models.UniqueConstraint:
    """Return the unique (workspace, id) that composite foreign keys point at."""
    return models.UniqueConstraint(fields=["workspace", "id"], name=name)
