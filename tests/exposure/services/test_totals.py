"""Exposure-days, open ways, OT assets and how long exposures have been open."""

import datetime as dt
from unittest.mock import patch

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.ids import uuid7
from exposure.models import (
    Finding,
    FindingState,
    PathRevision,
    Service,
    Site,
    SiteExposure,
)
from exposure.services import rebuild
from exposure.services.totals import Dwell, Totals, totals
from tenants.models import next_number
from tenants.scope import site_scope
from tests import factories

NOW = timezone.now()


@pytest.fixture
def steps(finding: Finding, settings: Settings) -> Site:
    """10 units here for 30 days, since 10 days ago 4 here and 2 at Ridgemoor."""
    settings.PATH_WORLDS = 256
    here, there = finding.asset.site, factories.make_site("Ridgemoor")
    with patch.object(timezone, "now", return_value=ago(40)):
        rebuild.rebuild_paths()
    row = PathRevision.objects.get()
    row.pk, row.number, row.exposure_units = uuid7(), next_number("paths"), 6.0
    with patch.object(timezone, "now", return_value=ago(10)):
        row.save(force_insert=True)
    for site, units in ((here, 4.0), (there, 2.0)):
        SiteExposure.objects.create(
            revision=row,
            site=site,
            units=units,
            low=units,
            high=units,
            lines=1,
            reached=1,
            checked_at=NOW,
        )
    return there


def ago(days: int) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


def found() -> Totals:
    answer = totals(now=NOW)
    assert answer is not None
    return answer


def summed(answer: Totals) -> list[float | None]:
    return [each.total if each else None for each in answer.days]


def test_before_the_first_revision_there_are_no_figures(finding: Finding) -> None:
    assert totals(now=NOW) is None


def test_units_are_added_up_over_the_days_they_stood(steps: Site) -> None:
    month, quarter = found().days

    assert month is not None
    assert quarter is not None
    assert (month.total, month.since) == (20 * 10.0 + 10 * 6.0, ago(30))
    assert (quarter.total, quarter.since) == (30 * 10.0 + 10 * 6.0, ago(40))


def test_each_site_has_its_own_and_a_reader_of_one_has_that_alone(steps: Site) -> None:
    sites = {row.name: row for row in found().sites}
    with site_scope([steps.pk]):
        limited = found()

    assert [each.total for each in sites["Thornby plant"].days if each] == [240, 340]
    assert [each.total for each in sites["Ridgemoor"].days if each] == [20, 20]
    assert [row.name for row in limited.sites] == ["Ridgemoor"]
    assert summed(limited) == [20.0, 20.0]
    assert (limited.ways, limited.lines, limited.ot_reached) == (0, 0, 0)
    assert limited.dwell is None


def test_ways_and_ot_assets_are_those_of_the_newest_revision(steps: Site) -> None:
    office = factories.make_zone(Site.objects.get(name="Thornby plant"), "Office", 4)
    run = Service.objects.get().first_run
    for port, kind in ((443, "server"), (444, "plc")):  # one is of OT by its kind
        asset = factories.make_asset(office, kind, kind=kind)
        factories.make_service(asset, run, port=port, address="127.77.1.30")
    rebuild.rebuild_paths()

    answer = found()

    assert (answer.ways, answer.lines, answer.ot_reached) == (1, 1, 2)
    assert PathRevision.objects.order_by("-number")[0].reached_assets == 3


def test_open_for_is_since_it_was_seen_or_came_back(finding: Finding) -> None:
    rebuild.rebuild_paths()
    service = Service.objects.get()
    for number, days in enumerate((90, 8, 4, 2)):
        row = factories.make_finding(service, check_id=f"check-{number}")
        Finding.objects.filter(pk=row.pk).update(detected_at=ago(days))
    Finding.objects.filter(pk=finding.pk).update(state=FindingState.CLOSED)
    # Its item of evidence, the check that saw it again, is of now.
    Finding.objects.filter(check_id="check-0").update(reopen_count=1)

    oldest = Finding.objects.get(check_id="check-1")
    assert found().dwell == Dwell(
        number=4,
        median=dt.timedelta(days=3),
        longest=dt.timedelta(days=8),
        oldest_ref=oldest.ref,
    )
