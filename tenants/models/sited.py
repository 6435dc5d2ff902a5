"""Which site a row is about: each tenant table says so, and readers are limited by it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from tenants.scope import ScopeMissing, site_limit


@dataclass(frozen=True, slots=True)
class AllSites:
    """Every reader of the workspace sees these rows, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sited:
    """A row is seen by who sees what `by` points at.

    `by` is a foreign key, or a column that holds the id of a site; with `of`, the id of
    a row of that model. Where it is empty the row is about no site: everybody sees it,
    unless `empty` says that nobody with a limit does. `same` names relations that the
    database keeps at the same site; like `by` they may be joined.
    """

    by: str
    of: str = ""
    empty: bool = True
    same: tuple[str, ...] = ()


SiteRule = AllSites | Sited
SITE_ITSELF = Sited("id")


def in_sight(model: type[models.Model]) -> models.Q:
    """Return the filter of the site scope that is open; without one it filters nothing.

    Subqueries instead of joins, so that a row can still be locked, changed and counted.
    Raises ScopeMissing for a model that does not say which site its rows are about.
    """
    sites = site_limit()
    rule: SiteRule | None = getattr(model, "SITE", None)
    if sites is None or isinstance(rule, AllSites):
        return models.Q()
    if rule is None:
        raise ScopeMissing(f"{model.__name__} does not say which site it is about.")
    field: Any = model._meta.get_field(rule.by)
    target = apps.get_model(rule.of) if rule.of else field.related_model
    if target is None or getattr(target, "SITE", None) == SITE_ITSELF:
        seen = models.Q(**{f"{field.attname}__in": sorted(sites)})
    else:
        rows = target._default_manager.values("pk")
        seen = models.Q(**{f"{field.name}__in": rows})
    if field.null and rule.empty:
        seen |= models.Q(**{f"{field.attname}__isnull": True})
    return seen
