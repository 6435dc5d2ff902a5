"""The page on which changes are ticked."""

import hashlib

import pytest
from pytest_django import DjangoAssertNumQueries

from exposure.models import Finding, Line
from tenants.models import User
from tests.exposure.views.conftest import MOST_QUERIES, Visit


def tick(finding: Finding) -> str:
    token = hashlib.sha256(f"finding:{finding.pk}".encode()).hexdigest()[:16]
    return f"paths/what-if/?off={token}"


def test_before_anything_was_computed_it_says_so(visit: Visit, ana: User) -> None:
    page = visit(ana, "paths/what-if/").content.decode()

    assert "There is nothing to change" in page


def test_nothing_is_ticked_at_first(visit: Visit, otto: User, paths: Line) -> None:
    page = visit(otto, "paths/what-if/").content.decode()

    assert 'name="off"' in page
    assert "checked" not in page
    assert "together leave" not in page


def test_a_ticked_change_says_what_it_leaves_and_stays_ticked(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    response = visit(otto, tick(finding))

    tried, page = response.context["tried"], response.content.decode()
    assert tried.number == 1
    assert tried.removed > 0
    assert "This change leaves" in page
    assert page.count(" checked") == 1


def test_sorting_keeps_what_is_ticked_and_how_it_is_counted(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    asked = tick(finding)
    response = visit(otto, f"{asked}&grade=evidenced&order=per-hour")

    urls = {row.label: row.url for row in response.context["orders"]}
    token = asked.partition("off=")[2]
    assert urls["Removes"] == f"?grade=evidenced&off={token}#changes"
    assert [row.label for row in response.context["orders"] if row.current] == [
        "Per hour of downtime"
    ]


def test_htmx_gets_the_figures_alone(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    page = visit(otto, tick(finding), htmx=True).content.decode()

    assert page.lstrip().startswith('<div id="what-if"')
    assert "<html" not in page


def test_the_paths_page_has_the_boxes_and_works_without_scripts(
    visit: Visit, otto: User, paths: Line
) -> None:
    page = visit(otto, "paths/?grade=evidenced").content.decode()

    assert 'action="/w/northmill/paths/what-if/"' in page
    assert '<input type="hidden" name="grade" value="evidenced">' in page


@pytest.mark.parametrize(
    "query",
    ["off=%00", "off=finding:%3Cscript%3E", "grade=%3Cb%3E", "off=" + "x" * 5000],
)
def test_what_is_no_change_is_left_out(
    visit: Visit, otto: User, paths: Line, query: str
) -> None:
    response = visit(otto, f"paths/what-if/?{query}")

    assert response.status_code == 200
    assert response.context["tried"].number == 0
    assert "<script>" not in response.content.decode()


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    finding: Finding,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, tick(finding))
    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, tick(finding))
