"""The base of every row that belongs to a customer."""

import uuid
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from common.ids import uuid7
from tenants.models.sited import SITE_ITSELF, AllSites, Sited, SiteRule, in_sight
from tenants.scope import current_workspace_id, site_limit

Row = TypeVar("Row", bound=models.Model)


class WorkspaceQuerySet(models.QuerySet[Row]):
    """Rows of a workspace; what they point at is read through the managers too."""

    def select_related(self, *fields: Any) -> Self:
        """Read related rows along; for a reader of some sites by queries of their own.

        A join takes whatever the key points at. A prefetch asks the manager, so a row of
        another site is not there: None, or an AttributeError where a row must be.
        """
        if site_limit() is None:
            return super().select_related(*fields)
        paths = {each: _in_sight_along(self.model, each) for each in fields if each}
        joined = [path for path in paths.values() if path]
        rows = super().select_related(*joined) if joined else self.all()
        apart = [each for each, path in paths.items() if path != each]
        return rows.prefetch_related(*apart) if apart else rows


class WorkspaceManager(models.Manager[Row]):
    """Answers only inside a workspace scope, and only from that workspace.

    Inside a site scope as well it answers only with rows of those sites.
    """

    use_in_migrations = False
    _queryset_class = WorkspaceQuerySet

    def get_queryset(self) -> models.QuerySet[Row]:
        """Return the rows of the current workspace; outside a scope raise ScopeMissing."""
        here = models.Q(workspace_id=current_workspace_id())
        return super().get_queryset().filter(here, in_sight(self.model))


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

    # Every tenant table names its own; a test fails for one that does not.
    SITE: ClassVar[SiteRule | None] = None

    objects = WorkspaceManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save in the current workspace; a row of another one, or of a site out of
        sight, is refused.
        """
        scope: uuid.UUID = current_workspace_id()
        if self.workspace_id is None:
            self.workspace_id = scope
        if self.workspace_id != scope:
            raise ValueError("A row can be saved in its own workspace only.")
        if self._state.adding and not self._is_in_sight():
            raise ValueError("A row can be added to the sites in scope only.")
        super().save(*args, **kwargs)

    def _is_in_sight(self) -> bool:
        """Whether the site that the row itself names is within the site scope.

        Rows that hang on another one need no look: that one was read by the manager.
        """
        sites, rule = site_limit(), self.SITE
        if sites is None or rule is None or isinstance(rule, AllSites) or rule.of:
            return True
        field: Any = self._meta.get_field(rule.by)
        named = getattr(self, field.attname)
        target = field.related_model
        is_site = target is None or getattr(target, "SITE", None) == SITE_ITSELF
        return named is None or not is_site or named in sites


def _in_sight_along(model: type[models.Model], path: str) -> str:
    """Return how far a path such as "asset__zone" leads to rows that the reader may see.

    Who sees a row sees what its site comes from, what the database keeps at the same
    site, and what is no tenant's.
    """
    names: list[str] = []
    for name in path.split("__"):
        rule = getattr(model, "SITE", None)
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a relation
        own = isinstance(rule, Sited) and name in (rule.by, *rule.same)
        if issubclass(model, WorkspaceOwned) and not own:
            break
        names.append(name)
    return "__".join(names)


def workspace_key(name: str) -> models.UniqueConstraint:
    """Return the unique (workspace, id) that composite foreign keys point at."""
    return models.UniqueConstraint(fields=["workspace", "id"], name=name)
