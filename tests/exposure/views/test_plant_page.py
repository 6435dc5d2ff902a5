"""The page of zones and assets."""

import pytest
from pytest_django import DjangoAssertNumQueries

from common.ids import uuid7
from exposure.models import Asset, Finding, FindingState, Line, Service, ServiceState
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit


def test_it_says_that_the_plant_is_not_described(visit: Visit, ana: User) -> None:
    page = visit(ana, "plant/").content.decode()

    assert "The plant is not described yet" in page


def test_levels_go_from_the_internet_down(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, "plant/")

    assert [level.name for level in response.context["levels"]] == [
        "Level 2",
        "Level 1",
    ]
    assert response.context["claim"] == "3 assets in 3 zones"


def test_an_asset_shows_what_answers_and_what_is_open(
    visit: Visit, otto: User, finding: Finding
) -> None:
    response = visit(otto, "plant/")

    asset = response.context["levels"][0].zones[0].assets[0]
    page = response.content.decode()
    assert [service.port for service in asset.services] == ["102"]
    assert asset.exposed
    assert f'id="asset-{asset.id}"' in page
    assert f'href="/w/northmill/exposures/{finding.ref}/"' in page


def test_a_closed_finding_and_a_gone_service_are_not_open(
    visit: Visit, otto: User, finding: Finding
) -> None:
    Finding.objects.update(state=FindingState.CLOSED)
    Service.objects.update(state=ServiceState.GONE)

    response = visit(otto, "plant/")

    asset = response.context["levels"][0].zones[0].assets[0]
    assert asset.findings == []
    assert not asset.exposed
    assert "no longer answers" in response.content.decode()


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("anomaly", "answers, but not as RDP should"),
        ("silent", "open, what it speaks is not known"),
    ],
)
def test_a_service_that_no_probe_could_name_says_so(
    outcome: str, words: str, visit: Visit, otto: User, finding: Finding
) -> None:
    seen = finding.service.observation
    seen.pk, seen.probe, seen.outcome = uuid7(), "rdp", outcome
    seen.save(force_insert=True)
    Service.objects.update(protocol="tcp", product="", observation=seen)

    assert words in visit(otto, "plant/").content.decode()


def test_an_asset_nobody_placed_stands_apart(
    visit: Visit, otto: User, finding: Finding
) -> None:
    Asset.objects.create(site=finding.asset.site, name="127.77.1.9", described=False)

    response = visit(otto, "plant/")

    assert [row.name for row in response.context["unplaced"]] == ["127.77.1.9"]
    assert "in no zone" in response.context["claim"]


def test_a_line_says_what_a_stop_costs(
    visit: Visit, otto: User, finding: Finding
) -> None:
    response = visit(otto, "plant/")

    line = response.context["lines"][0]
    assert (line.cost_per_hour, line.points) == (4200, 10)
    assert line.consequence.startswith("Harm to people: critical.")


def test_it_asks_the_database_little_however_big_the_plant_is(
    visit: Visit,
    otto: User,
    paths: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    zone = factories.make_zone(paths.site, "Store", level=0)
    for number in range(40):
        factories.make_asset(zone, f"PLC-{number}", address=f"127.77.3.{number + 1}")

    visit(otto, "plant/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, "plant/")


def test_a_large_plant_comes_in_pages_that_hold_every_asset_once(
    visit: Visit, otto: User, finding: Finding
) -> None:
    zone = factories.make_zone(finding.asset.site, "Cell 9", level=2)
    line = factories.make_line(finding.asset.site, "Filler 9")
    for number in range(60):
        factories.make_asset(zone, f"IO-{number:02}", line=line)
    factories.make_zone(finding.asset.site, "Empty cell", level=1)

    first, second = (visit(otto, f"plant/?page={page}") for page in (1, 2))

    shown = [
        [
            asset.name
            for level in page.context["levels"]
            for held in level.zones
            for asset in held.assets
        ]
        for page in (first, second)
    ]
    assert len(shown[0]) == 50
    assert sorted(shown[0] + shown[1]) == sorted(
        Asset.objects.values_list("name", flat=True)
    )
    assert first.context["claim"] == second.context["claim"]
    assert first.context["lead"] == second.context["lead"]
    assert "Empty cell" in first.content.decode()
    assert "Empty cell" not in second.content.decode()
    assert "and 48 more" in first.content.decode()
    last = Asset.objects.get(name="IO-59")
    there = visit(otto, f"plant/?asset={last.pk}")
    assert f'id="asset-{last.pk}"' in there.content.decode()
    nowhere = visit(otto, f"plant/?asset={uuid7()}&page=2")
    assert nowhere.context["page"].number == 2
