"""The page that says what follows once one asset is taken."""

import uuid

from pytest_django import DjangoAssertNumQueries

from exposure.logic.paths.blast import BlastRadius
from exposure.logic.paths.results import AssetResult
from exposure.logic.paths.snapshot import AssetRow, LineRow, PlantSnapshot
from exposure.logic.paths.whatif import Comparison, LineChange
from exposure.models import Asset, Finding, FindingState, Line
from exposure.services import rebuild
from exposure.views.onward_page import MOST, OnwardPage, onward_page
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit


def where(name: str) -> str:
    return f"paths/from/{Asset.objects.get(name=name).pk}/"


def page_of(
    *assets: AssetResult, after: float = 0.0, taken_now: float = 0.5
) -> OnwardPage:
    line = LineChange("l", 0.0, after / 10, 0.0, after)
    plant = PlantSnapshot(
        zones=(),
        lines=(LineRow("l", "Filler 1", 10),),
        assets=tuple(AssetRow(row.asset_id, row.asset_id, "") for row in assets),
        conduits=(),
        services=(),
        findings=(),
    )
    radius = BlastRadius("a", assets, Comparison(0.0, after, (line,)))
    return onward_page(
        radius, plant, taken_now=taken_now, asset_url=str, onward_url=str
    )


def test_it_names_lines_and_assets_with_their_shares(
    visit: Visit, otto: User, paths: Line
) -> None:
    Finding.objects.filter(check_id="hmi-no-login").update(grade="E2")
    rebuild.rebuild_paths()

    response = visit(otto, where("HMI-F1"))

    page = response.content.decode()
    onward = response.context["onward"]
    first = onward.lines[0]
    assert "What follows once" in page
    assert (first.name, first.before < first.after) == ("Filler 1", True)
    assert [row.name for row in onward.lines] == ["Filler 1", "Pasteuriser 2"]
    assert [row.name for row in onward.assets] == ["PLC-F11"]
    assert "1 line would be lost more often" in page
    assert "1 other asset can be taken from it. Now it is taken in 0." in page
    assert f'href="/w/northmill/{where("PLC-F11")}"' in page
    assert f"/w/northmill/plant/?asset={Asset.objects.get(name='PLC-F11').pk}#" in page


def test_what_is_taken_anyway_moves_no_figure_and_says_so(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, where("HMI-F1"))

    assert "taken in every world now already" in response.content.decode()
    assert all(row.before == row.after for row in response.context["onward"].lines)


def test_an_asset_from_which_nothing_follows_says_so(
    visit: Visit, otto: User, paths: Line
) -> None:
    factories.make_asset(factories.make_zone(paths.site, "Store"), "SPARE-1")
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    page = visit(otto, where("SPARE-1")).content.decode()

    assert "No line would be lost more often" in page
    assert "nobody outside takes it now" in page
    assert "No asset is reached from it" in page
    assert "No line is lost in any world" in page


def test_before_anything_was_computed_it_says_so(
    visit: Visit, otto: User, finding: Finding
) -> None:
    response = visit(otto, f"paths/from/{finding.asset_id}/")

    assert response.status_code == 200
    assert "Nothing is computed for it yet" in response.content.decode()


def test_an_unknown_asset_is_not_found(visit: Visit, otto: User, paths: Line) -> None:
    assert visit(otto, f"paths/from/{uuid.uuid4()}/").status_code == 404


def test_the_plant_and_the_hops_lead_to_it(
    visit: Visit, otto: User, paths: Line
) -> None:
    for page in ("plant/", "paths/"):
        text = visit(otto, page).content.decode()
        assert f'href="/w/northmill/{where("PLC-P21")}"' in text, page


def test_seldom_and_nearly_always_are_not_rounded_to_never_and_always() -> None:
    rows = page_of(AssetResult("b", 0.999, 0.001), AssetResult("c", 1.0, 0.0)).assets

    assert [(row.reached, row.taken) for row in rows] == [
        ("> 0.99", "< 0.01"),
        ("1", "0"),
    ]


def test_a_foothold_in_every_world_may_still_become_more() -> None:
    assert "already, so no" in page_of(taken_now=1.0).lead
    assert "already." in page_of(taken_now=1.0, after=10.0).lead


def test_of_very_many_assets_it_says_how_many_are_not_shown() -> None:
    page = page_of(*(AssetResult(f"a{n}", 1.0, 1.0) for n in range(MOST + 3)))

    assert len(page.assets) == MOST
    assert page.more_assets == 3
    assert f"{MOST + 3} other assets can be taken" in page.lead


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, where("HMI-F1"))

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, where("HMI-F1"))


def test_without_assumed_ways_it_counts_again_and_stays_so_from_asset_to_asset(
    visit: Visit, otto: User, paths: Line
) -> None:
    Finding.objects.filter(check_id="hmi-no-login").update(grade="E2")
    rebuild.rebuild_paths()

    everything = visit(otto, where("HMI-F1"))
    evidenced = visit(otto, f"{where('HMI-F1')}?grade=evidenced")

    assert [row.name for row in everything.context["onward"].assets] == ["PLC-F11"]
    assert evidenced.context["onward"].assets == []
    assert [row.label for row in evidenced.context["views"] if row.current] == [
        "Without assumed"
    ]
    onward = visit(otto, "paths/?grade=evidenced").context["hops"][0].onward_url
    assert onward.endswith("?grade=evidenced")
