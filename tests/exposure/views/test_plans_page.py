"""The pages of plans and maintenance windows."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from common.errors import InvalidInput
from exposure.models import Line, MaintenanceWindow, Plan, PlanState
from exposure.services import planning, plans
from exposure.services.plans import Wish
from tenants.models import Membership, User
from tests.accesses import in_the_ledger
from tests.exposure.services.conftest import member
from tests.exposure.views.conftest import MOST_QUERIES, Visit
from tests.plans import make_plan, make_window

FIX = "patch:finding:1"


def test_there_is_no_plan_yet(visit: Visit, otto: User, paths: Line) -> None:
    page = visit(otto, "plans/").content.decode()

    assert "No plan is made yet" in page
    assert "Make a plan" in page


def test_a_plan_is_asked_for_and_followed(
    visit: Visit, otto: User, paths: Line
) -> None:
    answer = visit(
        otto, "plans/make/", post={"downtime": "0", "say": ["", f"forbidden:{FIX}"]}
    )

    row = Plan.objects.get()
    assert answer.status_code == 302
    assert row.wish["downtime"] == 0.0
    assert row.wish["forbidden"] == [FIX]
    page = visit(otto, f"plans/{row.pk}/", htmx=True).content.decode()
    assert "being worked out" in page
    assert "sl:tick" in page


def test_a_finished_plan_shows_figures_curve_and_what_is_left(
    visit: Visit, otto: User, paths: Line
) -> None:
    row = make_plan(paths, by=otto, label="Fix <b>SL-1</b>")

    page = visit(otto, f"plans/{row.pk}/").content.decode()

    assert "One change with 2 h of downtime removes all" in page
    assert "Fix &lt;b&gt;SL-1&lt;/b&gt;" in page
    assert "No way is left" in page
    assert "hours are assumptions" in page
    assert "sl:tick" not in page
    assert 'class="dot dot-on"' in page


def test_a_real_plan_can_be_shown(visit: Visit, otto: User, paths: Line) -> None:
    visit(otto, "plans/make/", post={"windows": ""})
    row = Plan.objects.get()
    planning.work_out(row.pk)

    response = visit(otto, f"plans/{row.pk}/")

    board = response.context["board"]
    assert board.number
    assert board.chart.line
    assert [each.name for each in board.lines]


def test_nonsense_is_said_at_the_form(visit: Visit, otto: User, paths: Line) -> None:
    response = visit(otto, "plans/make/", post={"hours": "-1", "downtime": "soon"})

    assert response.status_code == 422
    assert not Plan.objects.exists()


def test_a_form_may_say_something_of_thousands_of_changes(
    visit: Visit, otto: User, paths: Line
) -> None:
    undecided = [f":patch:finding:{number}" for number in range(5000)]

    answer = visit(otto, "plans/make/", post={"say": undecided})

    assert answer.status_code == 302
    assert Plan.objects.count() == 1


def test_a_plan_is_stopped(visit: Visit, otto: User, paths: Line) -> None:
    visit(otto, "plans/make/", post={})
    row = Plan.objects.get()

    visit(otto, f"plans/{row.pk}/stop/", post={})

    row.refresh_from_db()
    assert row.stop_requested_at is not None
    assert row.state == PlanState.QUEUED


def test_an_auditor_reads_and_makes_none(visit: Visit, otto: User, paths: Line) -> None:
    Membership.objects.filter(user=otto).update(role="auditor", side="")
    make_plan(paths, by=otto)

    page = visit(otto, "plans/").content.decode()

    assert "Plan 1" in page
    assert "Make a plan" not in page
    assert visit(otto, "plans/make/", post={}).status_code == 403


def test_who_has_some_plants_is_told_why_there_is_no_plan(
    visit: Visit, otto: User, paths: Line
) -> None:
    row = make_plan(paths, by=otto, label="Fix a secret")
    Membership.objects.filter(user=otto).update(site_ids=[paths.site_id])

    for page in ("plans/", f"plans/{row.pk}/"):
        shown = visit(otto, page).content.decode()
        assert "Plans weigh all plants together" in shown
        assert "Fix a secret" not in shown
    assert visit(otto, "plans/make/", post={}).status_code == 403


def test_a_window_is_in_the_clock_of_the_plant(
    visit: Visit, otto: User, paths: Line
) -> None:
    paths.site.time_zone = "America/New_York"
    paths.site.save(update_fields=["time_zone"])
    day = timezone.localdate() + dt.timedelta(days=9)

    visit(
        otto,
        "plans/windows/add/",
        post={
            "line": str(paths.pk),
            "begins_at": f"{day}T06:00",
            "ends_at": f"{day}T12:00",
            "note": "Cleaning",
        },
    )

    row = MaintenanceWindow.objects.get()
    begins = row.begins_at.astimezone(ZoneInfo("America/New_York"))
    assert begins.hour == 6
    assert "06:00" in visit(otto, "plans/").content.decode()


@pytest.mark.parametrize("line", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_a_window_of_no_line_is_refused(
    visit: Visit, otto: User, paths: Line, line: str
) -> None:
    post = {
        "line": line,
        "begins_at": "2999-01-01T06:00",
        "ends_at": "2999-01-01T07:00",
    }

    assert visit(otto, "plans/windows/add/", post=post).status_code == 422
    assert not MaintenanceWindow.objects.exists()


def test_a_window_is_removed(visit: Visit, otto: User, paths: Line) -> None:
    row = make_window(paths, by=otto)

    visit(otto, f"plans/windows/{row.pk}/remove/", post={})

    assert not MaintenanceWindow.objects.exists()


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    row = make_plan(paths, by=otto)
    make_window(paths, by=otto)
    for page in ("plans/", f"plans/{row.pk}/"):
        visit(otto, page)
        with django_assert_max_num_queries(MOST_QUERIES):
            visit(otto, page)


def test_a_line_may_have_hours_of_its_own(
    visit: Visit, otto: User, paths: Line
) -> None:
    other = Line.objects.exclude(pk=paths.pk).first()
    assert other is not None
    said = {f"line_{paths.pk}": "2", f"line_{other.pk}": "", "downtime": "9"}

    visit(otto, "plans/make/", post=said)

    row = Plan.objects.get()
    assert Wish.of(row.wish) == Wish(downtime=9.0, lines=((str(paths.pk), 2.0),))
    limits = planning.limits_of(Wish.of(row.wish))
    assert limits.downtime == {str(paths.pk): 2.0}
    assert limits.names[str(paths.pk)] == paths.name
    planning.work_out(row.pk)
    page = visit(otto, f"plans/{row.pk}/").content.decode()
    assert f"at most 2 h on {paths.name}" in page.replace("\u00a0", " ")
    again = f'name="line_{paths.pk}" value="2.0"'
    assert again in page
    told = str(in_the_ledger("plan.asked"))
    assert f"at most 2 h on {paths.name}" in told.replace("\u00a0", " ")
    old = {key: value for key, value in row.wish.items() if key != "lines"}
    assert Wish.of(old).lines == ()


@pytest.mark.parametrize("hours", ["-1", "nan", "inf", "1e9", "<b>", "1" * 400])
def test_hours_that_are_none_are_refused_with_the_name_of_the_line(
    visit: Visit, otto: User, paths: Line, hours: str
) -> None:
    response = visit(otto, "plans/make/", post={f"line_{paths.pk}": hours})

    assert response.status_code == 422
    page = response.content.decode().replace("\u00a0", " ")
    assert f"{paths.name}: choose from 0 to 100,000 hours." in page
    assert not Plan.objects.exists()


def test_hours_for_a_line_that_is_not_there_are_refused(
    visit: Visit, otto: User, paths: Line
) -> None:
    strange = {f"line_{uuid.uuid4()}": "2"}

    assert visit(otto, "plans/make/", post=strange).status_code == 422
    with pytest.raises(InvalidInput, match="no such production line"):
        plans.ask_plan(Wish(lines=(("nobody", 1.0),)), by=member(otto))


def test_the_network_of_a_site_has_windows_of_its_own(
    visit: Visit, otto: User, paths: Line
) -> None:
    day = timezone.localdate() + dt.timedelta(days=9)
    said = {"begins_at": f"{day}T22:00", "ends_at": f"{day}T23:00", "note": ""}

    visit(otto, "plans/windows/add/", post={"line": f"network:{paths.site_id}", **said})

    row = MaintenanceWindow.objects.get()
    assert (row.line, row.site) == (None, paths.site)
    page = visit(otto, "plans/").content.decode()
    assert page.count(f"Network of {paths.site}") >= 2
    assert ">Network</text>" in page
    for strange in ("network:", f"network:{uuid.uuid4()}", "network:<b>"):
        answer = visit(otto, "plans/windows/add/", post={"line": strange, **said})
        assert answer.status_code == 422
    visit(otto, f"plans/windows/{row.pk}/remove/", post={})
    assert not MaintenanceWindow.objects.exists()
