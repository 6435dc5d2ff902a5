"""The page about one line: what ends every way to it, or what would open one."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import (
    ChangeCost,
    Endpoint,
    Finding,
    FindingState,
    Line,
    Run,
    RunTarget,
)
from exposure.services import rebuild
from tenants.models import User
from tests.exposure.views.conftest import MOST_QUERIES, Visit
from tests.plans import make_cost


@pytest.fixture
def pasteuriser(paths: Line) -> Line:
    """The line that anybody on the internet stops."""
    return Line.objects.get(name="Pasteuriser 2")


def at(line: Line, query: str = "") -> str:
    return f"paths/to/{line.pk}/{query}"


def ending_of(page: Any) -> Any:
    return page.context["ending"]


def test_it_names_the_fewest_changes_and_what_they_cost(
    visit: Visit,
    otto: User,
    pasteuriser: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, at(pasteuriser))  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        page = visit(otto, at(pasteuriser))

    found, text = ending_of(page), page.content.decode()
    assert found.claim == "One change ends every way to Pasteuriser 2"
    assert found.proof == "proven: no smaller set does"
    assert [each.label for each in found.changes] == ["Fix SL-1 on PLC-P21"]
    assert found.changes[0].url in text
    assert "Pasteuriser 2 stands still 4 h, 16\N{NO-BREAK SPACE}800 €" in text
    assert "hours are assumed" in text
    assert "Every route to Pasteuriser 2" in text
    assert [row.name for row in page.context["routes"].passes] == ["PLC-P21"]
    assert 'id="routes"' not in visit(otto, at(pasteuriser), htmx=True).content.decode()


def test_the_page_of_paths_loads_it_when_it_is_looked_at(
    visit: Visit, otto: User, pasteuriser: Line
) -> None:
    page = visit(otto, "paths/?grade=evidenced").content.decode()
    piece = visit(otto, at(pasteuriser, "?grade=evidenced"), htmx=True).content.decode()

    assert f'hx-get="/w/northmill/{at(pasteuriser, "?grade=evidenced")}"' in page
    assert "<!doctype" not in piece
    assert "Fewest changes that end every way" in piece


def test_what_the_plant_says_of_a_change_counts_at_once(
    visit: Visit, otto: User, pasteuriser: Line
) -> None:
    finding = Finding.objects.get(asset__name="PLC-P21")
    visit(otto, at(pasteuriser))

    make_cost(finding, by=otto)
    cheaper = ending_of(visit(otto, at(pasteuriser)))
    ChangeCost.objects.update(cannot="It is sealed.")
    page = visit(otto, at(pasteuriser))

    assert cheaper.changes[0].hours == 2.0
    assert ending_of(page).changes == []
    assert ending_of(page).stays == ["PLC-P21"]
    assert "No set of changes ends every way" in page.content.decode()


def test_a_line_without_a_way_says_what_would_open_one_beside_the_reasons(
    visit: Visit, otto: User, pasteuriser: Line
) -> None:
    Finding.objects.filter(asset__name="PLC-P21").update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    page = visit(otto, at(pasteuriser))

    text = page.content.decode()
    assert ending_of(page).claim == "No way to Pasteuriser 2 is known"
    assert ending_of(page).opens == [
        ("SL-1 on PLC-P21, closed, opens again and gives control.",)
    ]
    assert ending_of(page).proof == "proven"
    assert "SL-1</span> on <span" in text
    assert "no open finding there gives control" in text
    assert ("Pasteuriser 2", f"/w/northmill/{at(pasteuriser)}") in visit(
        otto, "paths/"
    ).context["safe"]


def test_a_line_that_is_newer_than_the_paths_says_so(
    visit: Visit, otto: User, pasteuriser: Line
) -> None:
    new = Line.objects.create(site=pasteuriser.site, name="<b>New</b>", hourly_cost=1)

    for htmx in (False, True):
        page = visit(otto, at(new), htmx=htmx).content.decode()
        assert "Nothing is computed for it yet" in page
        assert "<b>New" not in page


def test_a_line_without_a_way_says_what_keeps_outsiders_out_and_its_last_test(
    visit: Visit, otto: User, pasteuriser: Line
) -> None:
    closed = Finding.objects.filter(asset__name="PLC-P21")
    closed.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()
    run, ended = Run.objects.get(), timezone.now() - dt.timedelta(days=200)
    Run.objects.update(finished_at=ended)
    vantage = closed.get().service.vantage
    address = closed.get().service.address
    endpoint = Endpoint.objects.filter(asset__name="PLC-P21").first()
    if endpoint is None:
        asset = closed.get().asset
        Endpoint.objects.create(asset=asset, address=address)
    RunTarget.objects.create(
        run=run, vantage=vantage, address=address, state="done", open_ports=[502]
    )

    page = visit(otto, at(pasteuriser))

    (barrier,) = ending_of(page).barriers
    assert barrier.words.startswith("PLC-P21 is reached on port ")
    assert barrier.tested.is_old
    assert f"run {run.number} looked at {address} and port 502 answered" in (
        barrier.tested.words
    )
    assert "Older than 90 days: test again." in page.content.decode()
