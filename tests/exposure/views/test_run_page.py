"""The page of one run: while it goes on, when it is stopped, when it has ended."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import (
    Run,
    RunPart,
    RunState,
    RunTarget,
    Service,
    ServiceChange,
    Stage,
    TargetState,
    Vantage,
)
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit, say


@pytest.fixture
def going(run: Run) -> Run:
    """A run in its sweep: one of three addresses is done."""
    row = factories.make_run(run.authorisation, state=RunState.RUNNING)
    row.stage, row.started_at = Stage.SWEEP, timezone.now()
    row.stage_seconds = {"scope": 0.4}
    row.save()
    for last, state in ((14, TargetState.DONE), (15, "pending"), (16, "pending")):
        RunTarget.objects.create(
            run=row,
            vantage=factories.make_vantage(),
            address=f"127.77.1.{last}",
            state=state,
        )
    return row


def test_a_live_run_shows_how_far_it_is(visit: Visit, ida: User, going: Run) -> None:
    response = visit(ida, "runs/2/")

    now = [row for row in response.context["stages"] if row.state == "now"]
    page = response.content.decode()
    assert [(row.title, row.done, row.total) for row in now] == [("Open ports", 1, 3)]
    assert response.context["stages"][0].took == 0.4
    assert 'hx-get="/w/northmill/runs/2/live/"' in page
    assert "sl:tick from:body" in page


def test_the_piece_goes_on_while_the_run_does(
    visit: Visit, ida: User, going: Run
) -> None:
    response = visit(ida, "runs/2/live/", htmx=True)

    assert response.status_code == 200
    assert "<!doctype" not in response.content.decode()


def test_the_piece_of_an_ended_run_ends_the_asking(
    visit: Visit, ida: User, run: Run
) -> None:
    response = visit(ida, "runs/1/live/", htmx=True)

    assert response.status_code == 286
    assert "hx-get" not in response.content.decode()


def test_without_script_the_piece_is_the_page(
    visit: Visit, ida: User, run: Run
) -> None:
    response = visit(ida, "runs/1/live/")

    assert response.status_code == 200
    assert "<!doctype" in response.content.decode()


def test_somebody_stops_it_and_the_page_says_who(
    visit: Visit, otto: User, going: Run
) -> None:
    response = visit(otto, "runs/2/stop/", post={})
    page = visit(otto, "runs/2/").content.decode()

    going.refresh_from_db()
    assert response["Location"] == "/w/northmill/runs/2/"
    assert going.stop_requested_by == otto
    assert "Otto Brandt asked to stop" in page
    assert "Stop run" not in page


def test_htmx_sees_the_effect_of_stopping_in_place(
    visit: Visit, otto: User, going: Run
) -> None:
    response = visit(otto, "runs/2/stop/", post={}, htmx=True)

    assert response.status_code == 200
    assert "is being stopped" in response.content.decode()


def test_a_stopped_run_says_when_and_what_was_left(
    visit: Visit, otto: User, going: Run
) -> None:
    asked = timezone.now()
    going.stop_requested_at, going.stop_requested_by = asked, otto
    going.finished_at = asked + dt.timedelta(seconds=0.6)
    going.state = RunState.STOPPED
    going.save()

    response = visit(otto, "runs/2/")

    ended = response.context["run"].ended
    assert ended.strong == "Stopped by Otto Brandt."
    assert "0.6 s later" in ended.text
    assert "2 of 3 addresses were not looked at" in ended.text
    assert [row.note for row in response.context["stages"][1:]] == [
        "stopped here",
        "not done",
        "not done",
        "not done",
    ]


def test_stopping_what_has_ended_changes_nothing(
    visit: Visit, otto: User, run: Run
) -> None:
    visit(otto, "runs/1/stop/", post={})

    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    assert run.stop_requested_at is None


def test_what_is_new_stands_with_its_best_evidence(
    visit: Visit, ida: User, run: Run
) -> None:
    response = visit(ida, "runs/1/")

    new = response.context["new"]
    assert [(row.address, row.proof) for row in new] == [("127.77.1.14 : 102", "E4")]


def test_what_a_target_said_is_text(visit: Visit, ida: User, run: Run) -> None:
    say(run, "banner: <img src=x onerror=alert(1)>", target="127.77.1.14")

    page = visit(ida, "runs/1/").content.decode()

    assert "<img" not in page


@pytest.mark.parametrize("number", ["99", "99999999999999999999"])
def test_a_run_that_is_not_there_is_not_found(
    visit: Visit, ida: User, run: Run, number: str
) -> None:
    assert visit(ida, f"runs/{number}/").status_code == 404


@pytest.mark.parametrize("where", ["runs/2/", "runs/2/live/"])
def test_it_asks_the_database_little(
    visit: Visit,
    ida: User,
    going: Run,
    where: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(ida, where)  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(ida, where)


def test_it_pauses_and_goes_on_and_says_who_and_when(
    visit: Visit, otto: User, ana: User, going: Run
) -> None:
    visit(otto, "runs/2/pause/", post={})
    asked = visit(otto, "runs/2/").content.decode()
    going.refresh_from_db()
    going.state, going.paused_at = RunState.PAUSED, going.pause_requested_at
    going.last_packet_at = going.closed_at = going.pause_requested_at
    going.save()
    paused = visit(otto, "runs/2/")
    operator = visit(ana, "runs/2/live/", htmx=True).content.decode()

    assert "Otto Brandt asked to pause" in asked
    assert "is being paused" in asked
    assert "Pause</button>" not in asked
    ended = paused.context["run"].ended
    assert ended.strong.startswith("Paused by Otto Brandt at")
    assert "Last connection opened at" in ended.text
    assert "2 of 3 addresses were not looked at" in ended.text
    assert paused.context["run"].resume_url == ""
    assert "Go on</button>" in operator
    assert [row.note for row in paused.context["stages"]][1] == "paused here"

    answer = visit(ana, "runs/2/resume/", post={}, htmx=True).content.decode()
    going.refresh_from_db()
    assert going.state == RunState.QUEUED
    assert "waits for a worker" in answer


def test_hours_that_are_over_are_told_with_when_they_open(
    visit: Visit, otto: User, going: Run
) -> None:
    going.state, going.pause_requested_at = RunState.PAUSED, timezone.now()
    going.goes_on_at = timezone.now() + dt.timedelta(hours=9)
    going.save()

    ended = visit(otto, "runs/2/").context["run"].ended

    assert ended.strong.startswith("It waits for the hours to open at")


def test_it_says_how_it_looks_and_keeps_to_the_lower_limit(
    visit: Visit, otto: User, going: Run
) -> None:
    going.profile = "gentle"
    going.save()

    response = visit(otto, "runs/2/")

    speed = response.context["kpis"][1]
    assert (speed.label, speed.limit) == ("Connections a second, limit 50", 50)
    assert "gentle profile" in response.content.decode()
    assert response.context["targets"] == "2 waiting, 0 with ports known, 1 done"


def test_a_worker_that_is_missed_is_named(visit: Visit, otto: User, going: Run) -> None:
    row = factories.make_vantage("Plant sensor")
    Vantage.objects.filter(pk=row.pk).update(own_worker=True)
    RunTarget.objects.create(run=going, vantage=row, address="127.77.2.2")
    for vantage in (None, row):
        RunPart.objects.create(run=going, vantage=vantage, since=timezone.now())

    parts = visit(otto, "runs/2/").context["parts"]

    assert [(part.name, part.state, part.total) for part in parts] == [
        ("This installation", "Waits for its turn", 3),
        ("Plant sensor", "Waits for its worker", 1),
    ]


def test_what_was_refused_is_told_by_reason(
    visit: Visit, otto: User, going: Run
) -> None:
    for last in (1, 2):
        text = f"refused by scope, {last} ports, nothing sent: 127.0.0.{last} is not in any authorised scope."
        say(going, text, target=f"127.0.0.{last}")
    say(
        going, "refused: vpn.example points outside the authorised ranges, nothing sent"
    )

    refused = visit(otto, "runs/2/").context["refused"]

    assert [(row.text, row.count) for row in refused] == [
        ("An address is not in any authorised scope.", 2),
        ("Vpn.example points outside the authorised ranges", 1),
    ]


def test_an_ended_run_is_compared_with_the_one_before(
    visit: Visit, otto: User, run: Run
) -> None:
    later = factories.make_run(run.authorisation)
    later.checks = {"s7-open": 1}
    later.save()
    service = Service.objects.get()
    ServiceChange.objects.create(
        service=service, run=later, at=timezone.now(), kind="gone", before="s7"
    )

    page = visit(otto, "runs/2/")

    assert page.context["compared"] == (
        "Compared with run 1: 0 new, 0 changed, 1 gone, 0 unchanged."
    )
    assert [row.kind for row in page.context["changes"]] == ["Gone"]
    assert "/w/northmill/drift/?run=2" in page.content.decode()
