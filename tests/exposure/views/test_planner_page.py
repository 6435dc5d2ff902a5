"""The page of a finished plan: boxes to tick, and what follows from the ticked ones."""

import datetime as dt

import pytest
from django.utils import timezone

from common.templatetags.ui import amount
from exposure.models import Blackout, Finding, Line, Plan, PlanState
from exposure.services import planning, plans
from exposure.services.plans import Wish
from exposure.views.board_rows import MOST_TICKED, token_of
from tenants.models import LedgerEntry, Membership, User
from tests import factories
from tests.exposure.services.conftest import member
from tests.exposure.views.conftest import Visit
from tests.plans import make_plan, make_window


def made(wish: Wish, by: User) -> Plan:
    row = plans.ask_plan(wish, by=member(by))
    planning.work_out(row.pk)
    row.refresh_from_db()
    assert row.state == PlanState.DONE
    return row


def ids(row: Plan, *, made: bool) -> list[str]:
    answer = plans.answer_of(row)
    assert answer is not None
    return [each.id for each in answer.changes if bool(each.place) == made]


def address(row: Plan, change_ids: list[str]) -> str:
    ticks = "".join(f"&t={token_of(each)}" for each in change_ids)
    return f"plans/{row.pk}/?hand=1{ticks}"


@pytest.fixture
def real(paths: Line, otto: User) -> Plan:
    """A plan that the planner made for the plant."""
    return made(Wish(), otto)


def test_a_plan_has_a_box_for_each_change_and_those_it_makes_are_ticked(
    visit: Visit, otto: User, real: Plan
) -> None:
    response = visit(otto, f"plans/{real.pk}/")

    page, board = response.content.decode(), response.context["board"]
    assert page.count('name="t"') == len(ids(real, made=True) + ids(real, made=False))
    assert page.count(" checked") == len(ids(real, made=True))
    assert board.is_own
    assert "Keep this set" not in page
    assert "at most from the best" in page
    assert "the plan, " in page
    assert ">today<" in page
    assert "Sign-off" in page


def test_ticks_are_counted_as_a_set_and_all_that_follows_comes_at_once(
    visit: Visit, otto: User, real: Plan
) -> None:
    some = [*ids(real, made=True)[:1], *ids(real, made=False)[:2]]

    response = visit(otto, address(real, some), htmx=True)

    page, board = response.content.decode(), response.context["board"]
    assert page.lstrip().startswith('<div id="figures"')
    assert page.count('hx-swap-oob="true"') == 7
    for part in ("sentence", "keep", "curve", "number", "stands", "calendar", "left"):
        assert f'id="{part}"' in page
    assert 'name="t" value' in page
    assert "<table" in page
    assert board.number == 3
    assert "counted, not compared" in page
    assert "ticked, 3 changes" in page
    assert 'class="guide"' in page


def test_a_set_that_is_kept_has_the_figures_that_were_shown(
    visit: Visit, otto: User, real: Plan
) -> None:
    some = ids(real, made=False)[:2]
    shown = visit(otto, address(real, some)).context["board"].figures

    answer = visit(
        otto, f"plans/{real.pk}/keep/", post={"t": [token_of(each) for each in some]}
    )

    kept = Plan.objects.latest("number")
    assert answer.url == f"/w/northmill/plans/{kept.pk}/"
    assert Wish.of(kept.wish).chosen == tuple(sorted(some))
    planning.work_out(kept.pk)
    kept.refresh_from_db()
    told = plans.answer_of(kept)
    assert told is not None
    assert (told.exposure_before, told.exposure) == (shown.before, shown.after)
    assert (told.hours, told.downtime) == (shown.hours, shown.downtime)
    assert not told.is_proven
    page = visit(otto, f"plans/{kept.pk}/").content.decode()
    assert "Set by hand by" in page
    assert "at most from the best" not in page
    assert "this set, 2 changes" in page
    assert "set by hand" in visit(otto, "plans/").content.decode()
    factories.commit()
    entry = LedgerEntry.objects.filter(action="plan.asked").latest("seq")
    assert entry.object_ref == f"plan {kept.number}"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("&t=nobody&t=%00&t=%3Cb%3E", "3 of the ticked changes are not of this plan"),
        ("&t=" + "x" * 5000, "1 of the ticked changes is not of this plan"),
        ("&t=a" * (MOST_TICKED + 1), "cannot be ticked at once"),
    ],
)
def test_what_is_no_change_of_the_plan_is_left_out_with_a_word(
    visit: Visit, otto: User, paths: Line, query: str, words: str
) -> None:
    row = make_plan(paths, by=otto)

    response = visit(otto, f"plans/{row.pk}/?hand=1{query}")

    assert response.status_code == 200
    assert words in response.content.decode()


def test_two_answers_to_one_weakness_are_refused_in_words(
    visit: Visit, otto: User, real: Plan
) -> None:
    every = ids(real, made=True) + ids(real, made=False)
    fix = next(each for each in every if each.startswith("patch:"))
    guard = fix.replace("patch:", "control:", 1)

    page = visit(otto, address(real, [fix, guard])).content.decode()
    visit(
        otto,
        f"plans/{real.pk}/keep/",
        post={"t": [token_of(fix), token_of(guard)]},
    )

    assert "can be changed in one way only" in page
    assert Plan.objects.count() == 1


def test_a_plan_that_cannot_be_counted_any_more_says_so(
    visit: Visit, otto: User, paths: Line
) -> None:
    row = make_plan(paths, by=otto)

    page = visit(otto, f"plans/{row.pk}/?hand=1").content.decode()
    visit(otto, f"plans/{row.pk}/keep/", post={"t": token_of("patch:finding:1")})

    assert "has changed since this plan was made" in page
    assert Plan.objects.count() == 1


def test_work_is_put_into_windows_and_what_fits_none_says_what_is_missing(
    visit: Visit, otto: User, real: Plan
) -> None:
    answer = plans.answer_of(real)
    assert answer is not None
    stopping = [row for row in answer.changes if row.downtime]
    one = max(stopping, key=lambda row: row.downtime)
    line = Line.objects.get(pk=one.stops[0].line_id)

    shown = visit(otto, address(real, [one.id]))
    before, stands = shown.content.decode(), shown.context["board"].stands
    make_window(line, by=otto)
    after = visit(otto, address(real, [one.id]))

    assert [row.euro for row in stands] == [4200 * one.downtime]
    assert f"{amount(4200 * one.downtime)} €</small>" in before
    assert "No window fits: the line has none" in before
    assert "No window fits" not in after.content.decode()
    assert after.context["board"].figures.done_by is not None
    assert 'class="win used"' in after.content.decode()


def test_a_window_that_a_plan_uses_and_that_is_gone_is_named(
    visit: Visit, otto: User, real: Plan
) -> None:
    answer = plans.answer_of(real)
    assert answer is not None
    one = next(row for row in answer.changes if row.downtime)
    windows = [
        make_window(Line.objects.get(pk=stop.line_id), by=otto) for stop in one.stops
    ]
    row = made(Wish(windows=True, fixed=(one.id,)), otto)

    first = visit(otto, f"plans/{row.pk}/").content.decode()
    for window in windows:
        window.delete()
    then = visit(otto, f"plans/{row.pk}/").content.decode()
    # Without a window nothing that stops a line can be kept beside such a plan.
    visit(otto, f"plans/{row.pk}/keep/", post={"t": token_of(one.id)})

    assert "is over, was removed" not in first
    assert "is over, was removed" in then
    assert Plan.objects.count() == 2


def test_an_auditor_ticks_and_keeps_nothing(
    visit: Visit, otto: User, real: Plan
) -> None:
    Membership.objects.filter(user=otto).update(role="auditor", side="")
    some = ids(real, made=False)[:1]

    page = visit(otto, address(real, some)).content.decode()

    assert "counted, not compared" in page
    assert "Keep this set" not in page
    assert visit(otto, f"plans/{real.pk}/keep/", post={}).status_code == 403


def test_who_has_some_plants_gets_no_figures_for_any_ticks(
    visit: Visit, otto: User, real: Plan
) -> None:
    asked = address(real, ids(real, made=True))
    Membership.objects.filter(user=otto).update(
        site_ids=[Line.objects.earliest("pk").site_id]
    )

    for page in (asked, f"plans/compare/?plan={real.pk}&plan={real.pk}"):
        response = visit(otto, page)
        assert "Plans weigh all plants together" in response.content.decode()
        assert "board" not in response.context


def test_a_freeze_holds_without_windows_and_for_what_stops_no_line(
    visit: Visit, otto: User, real: Plan, finding: Finding
) -> None:
    now = timezone.now()
    ends = now + dt.timedelta(days=30)
    Blackout.objects.create(
        site=finding.asset.site, begins_at=now, ends_at=ends, reason="Holidays"
    )
    answer = plans.answer_of(real)
    assert answer is not None
    both = [
        next(row.id for row in answer.changes if bool(row.stops) is stops)
        for stops in (True, False)
    ]

    response = visit(otto, address(real, both))

    page, board = response.content.decode(), response.context["board"]
    assert {row.label for row in board.frozen} == {
        row.label for row in answer.changes if row.id in both
    }
    assert {(row.begins, row.ends) for row in board.frozen} == {(ends, None)}
    assert page.count("not before ") == 2
    assert "Holidays" in page  # it is drawn, though there is no window
    assert "They hold in every plan" in visit(otto, "plans/").content.decode()
    limits = planning.limits_of(Wish())
    assert limits.freezes
    assert not limits.windows
