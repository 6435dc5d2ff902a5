"""What follows once an asset is taken, in the worlds of the newest answer."""

import pytest
from pytest_django import Settings

from exposure.models import Asset, Finding, Line, Site
from exposure.services import paths, rebuild
from exposure.services.onward import onward_from
from tenants.scope import site_scope
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 1024


@pytest.fixture
def press(finding: Finding) -> Asset:
    """A weak press of another site, reached from Thornby's cell if a rule is open."""
    site = factories.make_site("Ridgemoor")
    zone = factories.make_zone(site, "Press")
    asset = factories.make_asset(
        zone, "PLC-R1", line=factories.make_line(site, "Stamping"), sends_packets=False
    )
    inside = factories.make_service(
        asset,
        finding.service.first_run,
        port=44818,
        address="127.77.2.12",
        vantage=factories.make_vantage("Sensor", zone),
    )
    factories.make_finding(inside, check_id="enip-open", title="PLC-R1 obeys anyone")
    factories.make_conduit(
        site, "Cell to press", from_zone=finding.asset.zone, to_zone=zone
    )
    Asset.objects.filter(pk=finding.asset_id).update(sends_packets=True)
    rebuild.rebuild_paths()
    return asset


def answer_now() -> paths.PathAnswer:
    answer = paths.latest()
    assert answer is not None
    return answer


def test_its_line_is_lost_for_certain_and_the_rest_is_as_the_paths_say(
    press: Asset,
) -> None:
    answer = answer_now()

    radius = onward_from(answer, str(press.pk))

    assert radius is not None
    assert radius.lines.before == answer.analysis.exposure
    shares = {row.line_id: row for row in radius.lines.lines}
    stamping = shares.pop(str(press.line_id))
    assert stamping.reach_before < stamping.reach_after == 1.0
    assert [row.after - row.before for row in shares.values()] == [0.0]
    assert radius.assets == ()


def test_it_names_what_is_reached_and_taken_from_there(
    press: Asset, finding: Finding
) -> None:
    radius = onward_from(answer_now(), str(finding.asset_id))

    assert radius is not None
    (row,) = radius.assets
    assert row.asset_id == str(press.pk)
    assert 0 < row.controlled <= row.reached < 1


def test_a_reader_of_one_site_is_told_of_nothing_elsewhere(
    press: Asset, finding: Finding
) -> None:
    with site_scope([finding.asset.site_id]):
        answer = answer_now()
        own = onward_from(answer, str(finding.asset_id))
        other = onward_from(answer, str(press.pk))
        mine = {str(pk) for pk in Line.objects.values_list("pk", flat=True)}

    assert own is not None
    assert own.assets == ()
    assert {row.line_id for row in own.lines.lines} == mine
    assert own.lines.before == answer.analysis.exposure
    assert other is None


def test_an_asset_that_the_answer_does_not_know_yet_has_none(press: Asset) -> None:
    zone = factories.make_zone(Site.objects.get(name="Ridgemoor"), "New")
    new = factories.make_asset(zone, "PLC-NEW", address="127.77.2.99")

    assert onward_from(answer_now(), str(new.pk)) is None
