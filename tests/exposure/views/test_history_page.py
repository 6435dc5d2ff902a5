"""The page that says how the exposure went."""

import datetime as dt

from pytest_django import DjangoAssertNumQueries

from exposure.models import Finding, FindingState, Line
from exposure.services import rebuild
from exposure.services.history import Step
from exposure.views.history_page import HistoryPage
from exposure.views.history_page import history_page as page_of
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit


def step(units: float = 3.0, *, number: int = 2, **values) -> Step:
    usual = {
        "at": dt.datetime(2026, 11, number, tzinfo=dt.UTC),
        "moved": None,
        "reachable_lines": 1,
        "engine": "paths-2",
        "reason": "The plant or the evidence changed.",
        "because": (),
        "elsewhere": 0,
    }
    return Step(number=number, units=units, **{**usual, **values})


def history_page(steps: list[Step]) -> HistoryPage:
    return page_of(steps, revision_url=str)


def test_it_says_that_nothing_was_computed_yet(
    visit: Visit, ana: User, finding: Finding
) -> None:
    page = visit(ana, "paths/history/").content.decode()

    assert "No path is computed yet" in page
    assert '<svg class="fig"' not in page


def test_a_first_count_has_no_curve_and_says_that_it_is_the_first(
    visit: Visit, otto: User, paths: Line
) -> None:
    page = visit(otto, "paths/history/").content.decode()

    assert "The first picture of the plant." in page
    assert "counted once" in page
    assert '<svg class="fig"' not in page


def test_a_closed_finding_stands_beside_what_it_moved(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    Finding.objects.filter(pk=finding.pk).update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    response = visit(otto, "paths/history/")

    page = response.content.decode()
    newest, first = response.context["steps"]
    assert newest.reasons == [f"{finding.ref} is closed"]
    assert newest.moved == "\N{MINUS SIGN}\N{NO-BREAK SPACE}10.0"
    assert f'aria-label="{first.units:.1f} units on' in page
    assert '<svg class="fig"' in page


def test_the_paths_lead_to_it(visit: Visit, otto: User, paths: Line) -> None:
    page = visit(otto, "paths/").content.decode()

    assert 'href="/w/northmill/paths/history/"' in page


def test_five_reasons_stand_there_and_how_many_more() -> None:
    many = tuple(f"the way {number} was added" for number in range(8))

    (row,) = history_page([step(because=many, elsewhere=2)]).steps

    assert len(row.reasons) == 7
    assert row.reasons[0] == "The way 0 was added"
    assert row.reasons[5] == "and 3 more"
    assert row.reasons[6] == (
        "2 changes at another site, or of what is not there any more"
    )


def test_where_reasons_were_cut_off_it_says_at_least() -> None:
    many = tuple(f"the way {number} was added" for number in range(200))

    (row,) = history_page([step(because=many)]).steps

    assert row.reasons[5] == "and at least 195 more"


def test_a_step_up_and_one_of_nothing_are_told_apart() -> None:
    up, same = history_page([step(moved=3.24), step(moved=0.01)]).steps

    assert up.moved == "+\N{NO-BREAK SPACE}3.2"
    assert same.moved == "no change"


def test_the_curve_goes_from_the_oldest_to_now() -> None:
    page = history_page([step(1.0, number=3), step(5.0, number=2)])

    assert page.claim == "5.0 units on 2 Nov, 1.0 now"
    assert page.chart is not None
    assert [tick.label for tick in page.chart.labels] == ["2 Nov", "now"]


def test_a_name_of_the_plant_is_text(visit: Visit, otto: User, paths: Line) -> None:
    factories.make_zone(paths.site, "<script>alert(1)</script>")
    rebuild.rebuild_paths()

    page = visit(otto, "paths/history/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, "paths/history/")

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, "paths/history/")


def test_the_steps_that_moved_most_stand_beside_the_curve() -> None:
    steps = [
        step(number=4, moved=-0.01),
        step(number=3, moved=2.0, because=("the way x was added",)),
        step(number=2, moved=-5.0),
        step(number=1),
    ]

    page = history_page(steps)

    assert [row.number for row in page.most] == [2, 3]
    assert page.most[1].reasons == ["The way x was added"]


def test_the_figures_stand_above_the_curve(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    alone = visit(otto, "paths/history/")
    factories.make_site("Ridgemoor")

    response = visit(otto, "paths/history/")

    page = " ".join(response.content.decode().split())
    part = response.context["totals"]
    assert [cell.window for cell in part.days] == [30, 90]
    assert part.days[0].since is not None
    assert (part.ways, part.lines) == (2, 2)
    assert part.ot_reached == 3
    assert part.oldest_url == f"/w/northmill/exposures/{finding.ref}/"
    assert "Site by site" in page
    assert "not counted" in page
    assert "Site by site" not in alone.content.decode()
