"""What a change costs here is said by an owner, refused in words, and planned with."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.models import Asset, ChangeCost, Finding, Line
from exposure.services import (
    change_costs,
    maintenance,
    paths,
    planning,
    plans,
    rebuild,
)
from exposure.services.change_costs import CostText
from exposure.services.change_offers import offers, overrides, windows_of
from exposure.services.plans import Wish
from exposure.views.board_page import board_of
from exposure.views.board_rows import asked_in
from tenants.models import User
from tenants.scope import site_scope
from tests import factories
from tests.accesses import in_the_ledger, make_vendor_access
from tests.exposure.services.conftest import member

NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 512


@pytest.fixture
def fix(finding: Finding) -> str:
    """Fixing PLC-P21, which stops Pasteuriser 2; both are of a computed plant."""
    away = factories.make_site("Ridgemoor plant")
    line = factories.make_line(away, "Mixer 9")
    zone = factories.make_zone(away, "Cell 9")
    mixer = factories.make_asset(zone, "PLC-M9", line=line, address="127.77.9.1")
    factories.make_finding(
        factories.make_service(mixer, finding.service.first_run, address="127.77.9.1")
    )
    rebuild.rebuild_paths()
    return f"patch:finding:{finding.pk}"


def guard_of(change: str) -> str:
    return change.replace("patch:", "control:")


def said(change: str, by: User, **text: Any) -> ChangeCost:
    return change_costs.say_cost(change, CostText(**text), by=member(by))


def test_a_plan_counts_with_what_was_said_and_names_it(fix: str, otto: User) -> None:
    line = Line.objects.get(name="Pasteuriser 2")
    before = plans.ask_plan(Wish(), by=member(otto))
    planning.work_out(before.pk)

    row = said(fix, otto, hours=2.5, downtime={"Pasteuriser 2": 1.5}, note="Twin PLC.")
    after = plans.ask_plan(Wish(), by=member(otto))
    planning.work_out(after.pk)

    assert (row.side, row.said_by, row.site) == ("ot", otto, line.site)
    first, second = (_answer(each.pk) for each in (before, after))
    assert first.costs == "costs-1"
    assert second.costs.startswith("costs-1 ")
    old, new = (
        next(each for each in answer.changes if each.id == fix)
        for answer in (first, second)
    )
    assert (old.hours, old.downtime, old.assumed) == (8.0, 4.0, True)
    assert (new.hours, new.downtime, new.assumed) == (2.5, 1.5, False)
    told = in_the_ledger("cost.said")
    assert told["before"] is None
    assert told["after"]["downtime"] == {str(line.pk): 1.5}


def _answer(pk: Any) -> Any:
    return plans.answer_of(plans.Plan.objects.get(pk=pk))


def test_what_cannot_be_made_here_is_in_no_plan_and_says_why(
    fix: str, otto: User
) -> None:
    said(fix, otto, cannot="The vendor voids the warranty.")

    row = plans.ask_plan(Wish(), by=member(otto))
    planning.work_out(row.pk)

    change = next(each for each in _answer(row.pk).changes if each.id == fix)
    assert change.place == 0
    assert "cannot be made here: The vendor voids the warranty." in change.why_not


def test_what_was_said_is_taken_back_whole(fix: str, otto: User, ida: User) -> None:
    said(fix, otto, hours=1.0)
    changed = said(fix, ida, hours=2.0)
    assert (changed.side, ChangeCost.objects.count()) == ("it", 1)

    change_costs.reset_cost(fix, by=member(otto))

    assert overrides() == {}
    told = in_the_ledger("cost.reset")
    assert (told["before"]["hours"], told["after"]) == (2.0, None)


def test_only_an_owner_says_what_it_costs(fix: str, ana: User) -> None:
    for act in (
        lambda: said(fix, ana, hours=1.0),
        lambda: change_costs.reset_cost(fix, by=member(ana)),
    ):
        with pytest.raises(NotAllowed, match="Only an owner"):
            act()


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (CostText(), "hours", "Nothing was said"),
        (CostText(hours=NAN), "hours", "from 0 to 100,000"),
        (CostText(hours=INF), "hours", "from 0 to 100,000"),
        (CostText(hours=-1.0), "hours", "from 0 to 100,000"),
        (CostText(hours=1e300), "hours", "from 0 to 100,000"),
        (CostText(leaves=NAN), "leaves", "from 0 to 100"),
        (CostText(leaves=100.1), "leaves", "from 0 to 100"),
        (
            CostText(downtime={"Pasteuriser 2": NAN}),
            "downtime",
            "Pasteuriser 2: choose",
        ),
        (
            CostText(downtime={"Pasteuriser 2": -1.0}),
            "downtime",
            "Pasteuriser 2: choose",
        ),
        (CostText(downtime={"Filler 9": 1.0}), "downtime", "no line called Filler 9"),
        (CostText(downtime={"Mixer 9": 1.0}), "downtime", "no line called Mixer 9"),
        (CostText(needs=("Fix nothing",)), "needs", "No change of this plant"),
        (CostText(needs=("Split Cell 9",)), "needs", "No change of this plant"),
        (CostText(needs=("Fix SL-1 on PLC-P21",)), "needs", "wait for itself"),
        (CostText(needs=("Guard SL-1 on PLC-P21",)), "needs", "never with it"),
        (CostText(needs=tuple(map(str, range(21)))), "needs", "At most 20"),
        (CostText(note="password: hunter2"), "note", "looks like a secret"),
    ],
)
def test_what_is_none_is_refused_at_its_field(
    fix: str, otto: User, text: CostText, field: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        change_costs.say_cost(fix, text, by=member(otto))

    assert refused.value.field == field
    assert not ChangeCost.objects.exists()


def test_changes_do_not_wait_for_each_other(fix: str, otto: User) -> None:
    zone = next(key for key in offers() if key.startswith("segment:"))
    label = offers()[zone].change.label
    said(fix, otto, needs=(label,))

    with pytest.raises(InvalidInput, match="wait for each other") as refused:
        said(zone, otto, needs=(fix,))

    assert refused.value.field == "needs"
    assert overrides()[fix].needs == (zone,)


def test_a_window_is_one_of_its_lines_and_long_enough(fix: str, otto: User) -> None:
    now = timezone.now()
    mine, elsewhere = (
        maintenance.add_window(
            Line.objects.get(name=name).pk,
            begins_at=now + dt.timedelta(days=7),
            ends_at=now + dt.timedelta(days=7, hours=3),
            note="",
            by=member(otto),
        )
        for name in ("Pasteuriser 2", "Mixer 9")
    )
    wish = CostText(only_in=(mine.pk,), downtime={"Pasteuriser 2": 2.0})

    for text, words in (
        (replace(wish, downtime=None), "none of these windows of it is as long"),
        (replace(wish, downtime={}), "stops no line"),
        (replace(wish, only_in=(elsewhere.pk,)), "windows of this plant"),
    ):
        with pytest.raises(InvalidInput, match=words) as refused:
            change_costs.say_cost(fix, text, by=member(otto))
        assert refused.value.field == "only_in"

    change_costs.say_cost(fix, wish, by=member(otto))
    assert overrides()[fix].only_in == (str(mine.pk),)


def test_a_reader_of_one_site_sees_and_says_what_is_theirs(
    fix: str, otto: User
) -> None:
    other = next(key for key, row in offers().items() if "PLC-M9" in row.change.label)
    said(other, otto, hours=1.0)
    site = Finding.objects.get(pk=fix.rpartition(":")[2]).asset.site

    with site_scope([site.pk]):
        assert fix in offers()
        assert other not in offers()
        assert not ChangeCost.objects.exists()
        assert overrides()[other].hours == 1.0  # calculated with, shown to nobody
        with pytest.raises(Conflict):
            said(other, otto, hours=2.0)
        with pytest.raises(InvalidInput, match="No change of this plant"):
            said(fix, otto, needs=(other,))


def test_a_line_that_is_gone_stands_still_for_nothing(fix: str, otto: User) -> None:
    said(fix, otto, downtime={"Pasteuriser 2": 2.0})

    ChangeCost.objects.update(downtime={"0" * 32: 2.0})

    assert overrides()[fix].downtime == {}


def test_what_is_about_something_that_is_gone_is_refused_in_words(
    fix: str, otto: User
) -> None:
    plc = Asset.objects.get(name="PLC-P21")
    row = make_vendor_access(plc.site, to_asset=plc)
    rebuild.rebuild_paths()
    access = next(key for key in offers() if str(row.pk) in key)
    row.delete()

    with pytest.raises(Conflict, match="taken out of the plant"):
        said(access, otto, hours=1.0)
    with pytest.raises(InvalidInput, match="No change of this plant"):
        said(fix, otto, needs=(access,))
    assert windows_of(offers()[access]) == []


def test_a_name_that_no_column_takes_is_not_found(fix: str, otto: User) -> None:
    with pytest.raises(ChangeCost.DoesNotExist):
        change_costs.reset_cost("a\x00b", by=member(otto))


def test_what_stops_no_line_is_bound_to_windows_of_the_network_of_its_site(
    fix: str, otto: User
) -> None:
    begins = timezone.now() + dt.timedelta(days=7)
    mine, elsewhere = (
        maintenance.add_network_window(
            Line.objects.get(name=name).site_id,
            begins_at=begins,
            ends_at=begins + dt.timedelta(hours=3),
            note="",
            by=member(otto),
        )
        for name in ("Pasteuriser 2", "Mixer 9")
    )
    wish = CostText(hours=2.0, only_in=(mine.pk,), downtime={})
    stops = {"Pasteuriser 2": 2.0}

    for text, words in (
        (replace(wish, hours=3.1), "3.1 h of work; none of these windows is as long"),
        (replace(wish, downtime=stops), "stops a line, so it is made in windows of"),
        (replace(wish, only_in=(elsewhere.pk,)), "windows of this plant"),
    ):
        with pytest.raises(InvalidInput, match=words) as refused:
            change_costs.say_cost(fix, text, by=member(otto))
        assert refused.value.field == "only_in"

    change_costs.say_cost(fix, wish, by=member(otto))
    row = plans.ask_plan(Wish(windows=True, fixed=(fix,)), by=member(otto))
    planning.work_out(row.pk)
    row.refresh_from_db()
    answer = plans.answer_of(row)
    assert answer is not None
    [work] = next(each.network for each in answer.changes if each.id == fix)
    assert (work.window_id, work.hours) == (str(mine.pk), 2.0)
    assert dt.datetime.fromisoformat(answer.done_by) == mine.ends_at
    assert answer.downtime == 0.0
    assert str(mine) == f"{mine.place} {begins:%Y-%m-%d %H:%M}"
    board = board_of(
        row,
        answer,
        paths.snapshot_of(row.revision_id),
        asked_in(answer, is_told=False, tokens=()),
    )
    assert board.figures.done_by == mine.ends_at
    assert board.figures.stands == []
    assert [each.line for each in board.stands] == [f"Network of {mine.site}"]
    [calendar] = [each for each in board.calendars if each.id == mine.site_id]
    assert calendar.chart.rows[0].name.label == "Network"
    assert [each.changes for each in calendar.windows] == [1]
