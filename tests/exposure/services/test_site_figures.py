"""What each site adds is kept with the revision, and nobody reads of other sites."""

import datetime as dt

import pytest
from pytest_django import Settings

from exposure.models import (
    Finding,
    FindingState,
    PathRevision,
    Site,
    SiteExposure,
)
from exposure.services import rebuild, site_figures
from tenants.scope import site_scope
from tests import factories


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


def named() -> dict[str, SiteExposure]:
    return {row.site.name: row for row in SiteExposure.objects.select_related("site")}


def test_each_site_has_its_part_worst_first(finding: Finding, harbour: Site) -> None:
    first, second = site_figures.sites()

    assert (first.name, second.name) == (finding.asset.site.name, "Harbour")
    assert first.row is not None
    assert (first.row.units, first.row.lines, first.row.reached) == (10.0, 1, 1)
    assert first.row.worst_line == finding.asset.line.name
    assert (first.change, first.row.change_removes) == (finding.ref, 10.0)
    assert second.row is not None
    assert (second.row.units, second.row.reached, second.change) == (0.0, 0, "")


def test_a_step_says_what_it_moved_at_each_site(
    finding: Finding, harbour: Site
) -> None:
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    rows = {row.name: row.row for row in site_figures.sites()}
    mine, other = rows[finding.asset.site.name], rows["Harbour"]

    assert mine is not None
    assert other is not None
    assert (mine.units, mine.moved) == (0.0, -10.0)
    assert other.moved == 0.0


def test_a_site_that_was_not_counted_says_nothing_and_stands_first(
    harbour: Site,
) -> None:
    factories.make_site("Westmoor")

    first, *_ = site_figures.sites()

    assert (first.name, first.row) == ("Westmoor", None)


def test_the_next_rebuild_fills_in_what_was_never_counted_by_site(
    harbour: Site,
) -> None:
    before = {name: row.units for name, row in named().items()}
    SiteExposure.objects.all().delete()

    rebuild.rebuild_paths()

    assert {name: row.units for name, row in named().items()} == before
    assert PathRevision.objects.count() == 1


def test_each_rebuild_confirms_the_figures_or_they_grow_old(harbour: Site) -> None:
    long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    SiteExposure.objects.update(checked_at=long_ago)
    old = [site_figures.is_stale(row.checked_at) for row in named().values()]

    rebuild.rebuild_paths()

    assert old == [True, True]
    assert not any(site_figures.is_stale(row.checked_at) for row in named().values())


def test_a_reader_of_one_site_reads_of_that_one_only(
    finding: Finding, harbour: Site
) -> None:
    SiteExposure.objects.filter(site=harbour).update(
        change_kind="finding",
        change_subject=str(finding.pk),
        change_label=finding.ref,
        change_removes=1.0,
    )

    with site_scope([harbour.pk]):
        (only,) = site_figures.sites()

    assert (only.name, only.change) == ("Harbour", site_figures.ELSEWHERE)
    with site_scope([finding.asset.site_id]):
        (own,) = site_figures.sites()
    assert own.change == finding.ref
