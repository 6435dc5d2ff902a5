"""Plans are asked for, worked out point by point, stopped, and refused in words."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.errors import Conflict, InvalidInput
from exposure.models import (
    Blackout,
    Finding,
    Line,
    MaintenanceWindow,
    Plan,
    PlanState,
)
from exposure.services import maintenance, planning, plans, rebuild
from exposure.services.plans import Wish
from tenants.models import Job, LedgerDetail, LedgerEntry, User
from tenants.models.jobs import JobState
from tests import factories
from tests.exposure.services.conftest import member
from tests.plans import make_window


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 512


@pytest.fixture
def plant(finding: Finding) -> Finding:
    """A computed plant: PLC-P21 is open to all, and its line can be stopped."""
    rebuild.rebuild_paths()
    return finding


def made(wish: Wish, otto: User) -> Plan:
    row = plans.ask_plan(wish, by=member(otto))
    planning.work_out(row.pk)
    row.refresh_from_db()
    return row


def test_a_plan_ends_the_exposure_and_says_what_it_takes(
    plant: Finding, otto: User
) -> None:
    row = made(Wish(), otto)

    answer = plans.answer_of(row)
    assert row.state == PlanState.DONE
    assert answer is not None
    assert answer.exposure_before == 10.0
    assert answer.exposure == 0.0
    assert answer.is_proven
    assert [each for each in answer.changes if each.place]
    assert row.points[-1]["exposure"] >= 0.0
    asked = Job.objects.get(task="exposure.plan")
    assert (asked.queue, asked.args) == ("planning", {"plan_id": str(row.pk)})
    factories.commit()
    entry = LedgerEntry.objects.get(action="plan.asked")
    assert entry.object_ref == f"plan {row.number}"


def test_the_same_wish_gives_the_same_bytes(plant: Finding, otto: User) -> None:
    first, second = (made(Wish(downtime=2.0), otto) for _ in range(2))

    assert first.number != second.number
    assert bytes(first.result or b"") == bytes(second.result or b"x")


def test_a_plan_for_one_site_is_about_its_lines_and_says_so(
    plant: Finding, otto: User
) -> None:
    site, line = plant.asset.zone.site, Line.objects.get()

    row = made(Wish(site=str(site.pk)), otto)

    answer = plans.answer_of(row)
    assert answer is not None
    assert [each.line_id for each in answer.lines] == [str(line.pk)]
    assert answer.exposure == 0.0
    assert Wish.of(row.wish).site_name == site.name
    factories.commit()
    entry = LedgerEntry.objects.get(action="plan.asked")
    told = LedgerDetail.objects.get(pk=entry.pk)
    assert f"a plan for {site.name} with".encode() in bytes(told.body)


def test_a_site_without_a_line_is_nothing_to_plan_for(
    plant: Finding, otto: User
) -> None:
    empty = factories.make_site("Warehouse")

    with pytest.raises(InvalidInput) as refused:
        plans.ask_plan(Wish(site=str(empty.pk)), by=member(otto))

    assert refused.value.field == "site"


def test_what_is_forbidden_is_not_in_it_and_what_is_fixed_is(
    plant: Finding, otto: User
) -> None:
    answer = plans.answer_of(made(Wish(), otto))
    assert answer is not None
    best = next(each.id for each in answer.changes if each.place)
    other = next(each.id for each in answer.changes if not each.place)

    told = plans.answer_of(made(Wish(fixed=(other,), forbidden=(best,)), otto))

    assert told is not None
    chosen = {each.id for each in told.changes if each.place}
    assert other in chosen
    assert best not in chosen


def test_what_contradicts_the_plant_ends_in_words(plant: Finding, otto: User) -> None:
    row = made(Wish(fixed=("patch:finding:nobody",)), otto)

    assert row.state == PlanState.FAILED
    assert "is not one of those to plan with" in row.error
    assert plans.answer_of(row) is None


def test_one_plan_is_made_at_a_time(plant: Finding, otto: User) -> None:
    plans.ask_plan(Wish(), by=member(otto))

    with pytest.raises(Conflict, match="being made already"):
        plans.ask_plan(Wish(), by=member(otto))


def test_before_paths_are_computed_there_is_nothing_to_plan(
    finding: Finding, otto: User
) -> None:
    with pytest.raises(Conflict, match="nothing to plan"):
        plans.ask_plan(Wish(), by=member(otto))


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(hours=-1.0), "hours"),
        (Wish(downtime=float("nan")), "downtime"),
        (Wish(hours=float("inf")), "hours"),
        (Wish(fixed=("a",), forbidden=("a",)), "fixed"),
        (Wish(fixed=tuple(map(str, range(501)))), "fixed"),
        (Wish(windows=True), "windows"),
    ],
)
def test_a_wish_that_is_none_is_refused_at_its_field(
    plant: Finding, otto: User, wish: Wish, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        plans.ask_plan(wish, by=member(otto))

    assert refused.value.field == field
    assert not Plan.objects.exists()


def test_work_that_was_stopped_keeps_the_best_so_far(
    plant: Finding, otto: User
) -> None:
    row = plans.ask_plan(Wish(), by=member(otto))
    plans.stop_plan(row.pk, by=member(otto))
    plans.stop_plan(row.pk, by=member(otto))

    planning.work_out(row.pk)

    row.refresh_from_db()
    answer = plans.answer_of(row)
    assert row.state == PlanState.STOPPED
    assert answer is not None
    assert not answer.is_complete
    factories.commit()
    assert LedgerEntry.objects.filter(action="plan.stopped").count() == 1


def test_work_is_not_done_twice_and_given_up_in_words(
    plant: Finding, otto: User
) -> None:
    row = made(Wish(), otto)
    planning.work_out(row.pk)
    planning.give_up(row.pk)

    row.refresh_from_db()
    assert (row.state, row.error) == (PlanState.FAILED, planning.GIVEN_UP)


def test_a_line_stands_still_in_its_windows_and_not_in_a_freeze(
    plant: Finding, otto: User
) -> None:
    now = timezone.now()
    line = plant.asset.line
    assert line is not None
    for days in (7, 14):
        maintenance.add_window(
            line.pk,
            begins_at=now + dt.timedelta(days=days),
            ends_at=now + dt.timedelta(days=days, hours=8),
            note="",
            by=member(otto),
        )
    Blackout.objects.create(
        site=line.site,
        begins_at=now + dt.timedelta(days=6),
        ends_at=now + dt.timedelta(days=9),
        reason="Cheese for Easter",
    )
    fix = f"patch:finding:{plant.pk}"

    answer = plans.answer_of(made(Wish(windows=True, fixed=(fix,)), otto))

    assert answer is not None
    [stop] = next(each.stops for each in answer.changes if each.id == fix)
    second = MaintenanceWindow.objects.latest("begins_at")
    assert stop.window_id == str(second.pk)
    assert dt.datetime.fromisoformat(stop.starts) == second.begins_at


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [(2, 1, "ends before"), (-3, -2, "is over"), (1, 62 * 24, "sixty days")],
)
def test_a_window_that_is_none_is_refused(
    finding: Finding, otto: User, begins: int, ends: int, words: str
) -> None:
    now = timezone.now()
    line = finding.asset.line
    assert line is not None

    with pytest.raises(InvalidInput, match=words):
        maintenance.add_window(
            line.pk,
            begins_at=now + dt.timedelta(hours=begins),
            ends_at=now + dt.timedelta(hours=ends),
            note="",
            by=member(otto),
        )

    assert not MaintenanceWindow.objects.exists()


def test_a_name_that_no_column_takes_is_refused(plant: Finding, otto: User) -> None:
    for said in ({"fixed": ("a\x00b",)}, {"forbidden": ("a\x00b",)}):
        with pytest.raises(InvalidInput, match="no change with such a name"):
            plans.ask_plan(Wish(**said), by=member(otto))


def test_the_name_of_a_site_is_told_to_readers_of_that_site(
    plant: Finding, otto: User
) -> None:
    site = plant.asset.zone.site

    plans.ask_plan(Wish(site=str(site.pk)), by=member(otto))

    factories.commit()
    assert LedgerEntry.objects.get(action="plan.asked").site_id == site.pk


def test_a_plan_that_no_job_works_on_ends_when_it_is_stopped(
    plant: Finding, otto: User
) -> None:
    row = plans.ask_plan(Wish(), by=member(otto))
    Job.objects.filter(task="exposure.plan").update(state=JobState.DEAD)

    plans.stop_plan(row.pk, by=member(otto))

    row.refresh_from_db()
    assert (row.state, row.error) == (PlanState.FAILED, plans.LEFT)
    assert plans.ask_plan(Wish(), by=member(otto)).state == PlanState.QUEUED


def test_work_is_planned_so_far_ahead_that_it_can_be_signed(
    plant: Finding, otto: User
) -> None:
    window, now = make_window(Line.objects.get(), by=otto), timezone.now()
    window.begins_at, window.ends_at = now, now + dt.timedelta(days=3)
    window.save()
    fix = f"patch:finding:{plant.pk}"

    answer = plans.answer_of(made(Wish(windows=True, fixed=(fix,)), otto))

    assert answer is not None
    [stop] = next(each.stops for each in answer.changes if each.id == fix)
    assert dt.datetime.fromisoformat(stop.starts) >= now + planning.TO_SIGN


def test_a_plan_without_a_window_left_has_none_without_limits(
    plant: Finding, otto: User
) -> None:
    window = make_window(Line.objects.get(), by=otto)
    row = plans.ask_plan(Wish(windows=True), by=member(otto))
    window.delete()

    planning.work_out(row.pk)

    row.refresh_from_db()
    assert (row.state, row.error) == (PlanState.FAILED, planning.NO_WINDOW)
