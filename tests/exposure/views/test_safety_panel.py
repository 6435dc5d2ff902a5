"""The safety systems on the page of attack paths."""

import pytest

from exposure.models import AssetKind, Line, Run, Zone
from exposure.services import rebuild
from tenants.models import Role, User, Workspace
from tests import factories
from tests.exposure.views.conftest import Visit


@pytest.fixture
def safe(paths: Line, run: Run) -> Line:
    """A safety system in the cell of Filler 1, a silent one, and one at Ridgemoor."""
    cell = Zone.objects.get(name="Cell 1")
    near = factories.make_asset(cell, "SIS-F1", kind=AssetKind.SIS, sends_packets=False)
    factories.make_service(
        near,
        run,
        port=502,
        address="127.77.2.20",
        vantage=factories.make_vantage("Sensor", cell),
    )
    zone = factories.make_zone(paths.site, "Safety")
    Zone.objects.filter(pk=zone.pk).update(is_safety=True)
    factories.make_asset(zone, "RELAY-9", kind=AssetKind.OTHER, sends_packets=False)
    other = factories.make_zone(factories.make_site("Ridgemoor"), "Press")
    far = factories.make_asset(other, "SIS-RIDGE", kind=AssetKind.SIS)
    inside = factories.make_vantage("Press sensor", other)
    factories.make_service(far, run, port=502, address="127.77.2.21", vantage=inside)
    rebuild.rebuild_paths()
    return paths


def test_each_says_in_how_many_worlds_it_is_reached_or_that_no_way_is_known(
    visit: Visit, otto: User, safe: Line
) -> None:
    response = visit(otto, "paths/")

    part = response.context["safety"]
    told = {row.name: (row.reached, row.note) for row in part.rows}
    assert part.rows[0].name == "SIS-F1"
    assert told["SIS-F1"][0].endswith(" of 512 worlds")
    assert part.rows[0].is_reached
    assert told["RELAY-9"][0] == "No port of it is known"
    assert "it may be reached all the same" in told["RELAY-9"][1]
    assert told["SIS-RIDGE"][0] == "Not reached by any known way"
    assert (part.reached, part.total) == (1, 3)
    assert "1 of 3 reached" in response.content.decode()


def test_without_what_is_assumed_it_is_counted_again(
    visit: Visit, otto: User, safe: Line
) -> None:
    rows = visit(otto, "paths/?grade=evidenced").context["safety"].rows

    assert not [row for row in rows if row.is_reached]


def test_one_that_was_described_since_is_not_counted_yet(
    visit: Visit, otto: User, safe: Line
) -> None:
    factories.make_asset(Zone.objects.get(name="Press"), "SIS-NEW", kind=AssetKind.SIS)

    rows = visit(otto, "paths/").context["safety"].rows

    assert [row.reached for row in rows if row.name == "SIS-NEW"] == ["Not counted yet"]


def test_a_reader_of_one_site_is_told_of_its_systems_only(
    visit: Visit, northmill: Workspace, safe: Line
) -> None:
    rita = factories.make_user("rita@northmill.example", "Rita Voss")
    factories.make_member(northmill, rita, role=Role.AUDITOR, site_ids=[safe.site_id])

    response = visit(rita, "paths/")

    names = {row.name for row in response.context["safety"].rows}
    assert names == {"SIS-F1", "RELAY-9"}
    assert "SIS-RIDGE" not in response.content.decode()


def test_a_plant_without_one_has_no_panel(
    visit: Visit, otto: User, paths: Line
) -> None:
    assert 'id="safety"' not in visit(otto, "paths/").content.decode()
