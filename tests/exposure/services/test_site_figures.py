"""What each site adds is kept with the revision, and nobody reads of other sites."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from exposure.models import (
    Finding,
    FindingState,
    PathRevision,
    Site,
    SiteExposure,
)
from exposure.services import rebuild, site_figures
from exposure.services.change_costs import CostText, say_cost
from exposure.services.site_figures import SiteCount
from tenants.models import User, Workspace
from tenants.scope import current_workspace_id, site_scope
from tests import factories
from tests.exposure.services.conftest import member


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 256


@pytest.fixture
def harbour(finding: Finding) -> Site:
    """A second site with a line that the first one's controller stops, and no way."""
    harbour = factories.make_site("Harbour")
    factories.make_line(harbour, "Crane")
    rebuild.rebuild_paths()
    return harbour


def counts() -> dict[str, SiteCount | None]:
    """What the reader is told, on a row that they read anyway."""
    row = Workspace.objects.annotate(found=site_figures.as_column())
    return site_figures.read(row.get(pk=current_workspace_id()).found)


def named() -> dict[str, SiteExposure]:
    return {row.site.name: row for row in SiteExposure.objects.select_related("site")}


def test_each_site_has_its_part(finding: Finding, harbour: Site) -> None:
    found = counts()

    first, second = found[finding.asset.site.name], found["Harbour"]
    assert first is not None
    assert (first.units, first.lines, first.reached) == (10.0, 1, 1)
    assert first.worst_line == finding.asset.line.name
    assert (first.change_label, first.change_removes) == (finding.ref, 10.0)
    assert second is not None
    assert (second.units, second.reached, second.change_label) == (0.0, 0, "")


def test_what_an_owner_says_cannot_be_made_is_soon_the_best_change_of_no_site(
    finding: Finding, harbour: Site, otto: User
) -> None:
    change = f"patch:finding:{finding.pk}"
    say_cost(change, CostText(cannot="The vendor is gone."), by=member(otto))
    rebuild.rebuild_paths()

    found = counts()[finding.asset.site.name]

    assert found is not None
    assert (found.units, found.change_label) == (10.0, "")
    assert PathRevision.objects.count() == 1
    # Nothing more was said, so nothing is counted by site again.
    assert not site_figures.are_lacking(site_figures.sites_of_lines())


def test_a_step_says_what_it_moved_at_each_site(
    finding: Finding, harbour: Site
) -> None:
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    rows = counts()
    mine, other = rows[finding.asset.site.name], rows["Harbour"]

    assert mine is not None
    assert other is not None
    assert (mine.units, mine.moved) == (0.0, -10.0)
    assert other.moved == 0.0


def test_a_site_that_was_not_counted_has_no_number(harbour: Site) -> None:
    factories.make_site("Westmoor")

    assert counts()["Westmoor"] is None


def test_the_next_rebuild_fills_in_what_was_never_counted_by_site(
    harbour: Site,
) -> None:
    before = {name: row.units for name, row in named().items()}
    SiteExposure.objects.all().delete()

    rebuild.rebuild_paths()

    assert {name: row.units for name, row in named().items()} == before
    assert PathRevision.objects.count() == 1


def test_each_rebuild_confirms_the_figures_or_they_grow_old(harbour: Site) -> None:
    SiteExposure.objects.update(checked_at=timezone.now() - dt.timedelta(days=2))
    old = stale()

    rebuild.rebuild_paths()

    assert old == [True, True]
    assert stale() == [False, False]


def test_a_reader_of_one_site_reads_of_that_one_only(
    finding: Finding, harbour: Site
) -> None:
    SiteExposure.objects.filter(site=harbour).update(
        change_label=finding.ref,
        change_site_id=finding.asset.site_id,
        change_removes=1.0,
    )

    with site_scope([harbour.pk]):
        found = counts()
    with site_scope([finding.asset.site_id]):
        own = counts()

    assert list(found) == ["Harbour"]
    assert found["Harbour"] is not None
    assert found["Harbour"].change_label == site_figures.ELSEWHERE
    mine = own[finding.asset.site.name]
    assert mine is not None
    assert mine.change_label == finding.ref


def stale() -> list[bool]:
    return [row.is_stale(now=timezone.now()) for row in counts().values() if row]
