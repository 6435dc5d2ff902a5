"""What every step of a search for names works with."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from exposure.logic.scope import ScopeRule
from exposure.models import Authorisation, NameSearch
from exposure.services.name_scope import NameScope
from exposure.services.scope import rule_of
from exposure.services.zone_checks import Desk
from tenants.scope import workspace_scope


@dataclass(frozen=True, slots=True)
class Job:
    """A search, the scope it began with, and how it is stopped."""

    search: NameSearch
    scope: NameScope
    should_stop: Callable[[], bool]

    @property
    def at(self) -> dt.datetime:
        """Return when the search began: the time of everything that it finds."""
        assert self.search.started_at is not None  # noqa: S101 - set by whoever begins
        return self.search.started_at

    def desk(self) -> Desk:
        """Return what is needed to talk to a zone's own servers."""
        with workspace_scope():
            entry = (
                self.search.authorisation.entries.select_related("vantage")
                .order_by("vantage__zone_id", "added_at", "id")
                .last()
            )
        assert entry is not None  # noqa: S101 - a zone is in scope, so there is an entry
        return Desk(self.rule, self.should_stop, entry.vantage, self.search.run)

    def rule(self) -> ScopeRule:
        """Return the fence as it stands now: an exclusion holds from the next packet."""
        with workspace_scope():
            row = Authorisation.objects.get(pk=self.search.authorisation_id)
            return rule_of(row)

    def count(self, **more: int) -> None:
        """Add to the figures that people see."""
        for name, number in more.items():
            self.search.counts[name] = self.search.counts.get(name, 0) + number
        self.search.save(update_fields=["counts"])
