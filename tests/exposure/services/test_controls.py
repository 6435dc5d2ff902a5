"""A control takes exposure off while it is verified, and gives it back by itself."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone
from pytest_django import Settings

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.paths.policy import CONDUIT_CONTROL, FINDING_CONTROL
from exposure.models import Conduit, Control, ControlTest, Finding, PathRevision
from exposure.services import controls, history, paths, rebuild
from exposure.services.change_offers import offers
from exposure.services.controls import ControlText, SaidTest
from exposure.services.snapshot import take_snapshot
from tenants.models import User
from tests import factories
from tests.accesses import in_the_ledger
from tests.controls import make_control, make_test
from tests.exposure.services.conftest import member

TEXT = ControlText(
    name="Rule review",
    does="Lets the jump host through only.",
    how_tested="Connect from the office.",
    cadence_days=30,
    owner=Control().pk,
)
HOSTILE = "<script>alert(1)</script> \u202egnp \x1b[2J"


@pytest.fixture(autouse=True)
def many_worlds(settings: Settings) -> None:
    """Draw enough worlds to tell a tenth from a third."""
    settings.PATH_WORLDS = 4096


@pytest.fixture
def way(finding: Finding) -> Conduit:
    """The only way from the internet to PLC-P21, which was seen from its own cell."""
    asset = finding.asset
    service = finding.service
    service.vantage = factories.make_vantage("Sensor", asset.zone)
    service.save()
    return factories.make_conduit(
        asset.site, "Rule 22", from_zone=None, to_zone=asset.zone, basis="observed"
    )


def tried(row: Control, by: User, **said: Any) -> ControlTest:
    text = SaidTest(
        timezone.now() - dt.timedelta(hours=1), passed=True, result="It was refused."
    )
    return controls.record_test(row.pk, replace(text, **said), by=member(by))


def exposure() -> float:
    rebuild.rebuild_paths()
    answer = paths.latest()
    assert answer is not None
    return answer.analysis.exposure


def because() -> tuple[str, ...]:
    return history.steps()[0].because


def test_the_story_of_a_control_on_a_way(way: Conduit, ida: User, otto: User) -> None:
    before = exposure()
    row = controls.add_control(
        way.site_id, replace(TEXT, owner=otto.pk, conduit="Rule 22"), by=member(otto)
    )
    assert exposure() == before
    assert because() == (
        "the way Rule 22 has the control Rule review, which was never tested",
    )

    tried(row, ida)
    day = f"{timezone.now() - dt.timedelta(hours=1):%-d %B %Y}"
    assert exposure() == pytest.approx(before * CONDUIT_CONTROL, rel=0.3)
    assert because() == (
        f"the way Rule 22 has the control Rule review, which passed its test on {day}",
    )
    assert f"control:conduit:{way.pk}" not in offers()

    Control.objects.update(cadence_days=1)
    past = timezone.now() + dt.timedelta(days=2)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(controls.timezone, "now", lambda: past)
        assert exposure() == before
    assert "the control Rule review, whose test is overdue since" in because()[0]
    assert history.steps()[0].moved == pytest.approx(before * 0.9, rel=0.1)


def test_a_control_before_a_weakness_leaves_what_the_planner_promised(
    finding: Finding, ida: User, otto: User
) -> None:
    before = exposure()
    offer = offers()[f"control:finding:{finding.pk}"].change
    make_test(make_control(finding, owner=member(otto)), by=ida)

    after = exposure()

    assert set(offer.edit.keep.values()) == {FINDING_CONTROL} == {0.3}
    assert after == pytest.approx(before * FINDING_CONTROL, rel=0.1)
    assert because()[0].startswith(f"{finding.ref} has the control Rule review, which")


def test_a_retired_or_failed_one_takes_nothing_off(
    finding: Finding, ida: User, otto: User
) -> None:
    plain = take_snapshot().canonical()
    row = make_control(finding, owner=member(otto))
    make_test(row, by=ida, days_ago=2)
    verified = take_snapshot().findings[0].verified_control

    tried(row, otto, passed=False)
    failed = take_snapshot().findings[0].verified_control
    controls.retire_control(row.pk, by=member(ida))

    assert (verified, failed) == (True, False)
    assert take_snapshot().canonical() == plain
    with pytest.raises(Conflict, match="retired"):
        tried(row, ida)
    with pytest.raises(Conflict, match="retired"):
        controls.retire_control(row.pk, by=member(ida))
    assert in_the_ledger("control.retired")["after"]["retired"] is True


def test_four_eyes_record_a_test_that_passed(
    finding: Finding, ida: User, otto: User, ana: User
) -> None:
    row = make_control(finding, owner=member(otto))

    with pytest.raises(InvalidInput, match="somebody else records a test that it"):
        tried(row, otto)
    with pytest.raises(NotAllowed, match="Only an owner"):
        tried(row, ana)
    tried(row, ida, result=HOSTILE)

    told = in_the_ledger("control.tested")
    assert (told["after"]["passed"], told["after"]["name"]) == (True, "Rule review")
    kept = ControlTest.objects.get()
    assert kept.result == "<script>alert(1)</script> \\u202egnp \\x1b[2J"
    with pytest.raises(ProgrammingError), transaction.atomic():
        ControlTest.objects.update(passed=False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"tested_at": dt.timedelta(minutes=5)}, "tested_at"),
        ({"tested_at": dt.timedelta(days=-366)}, "tested_at"),
        ({"result": " \n "}, "result"),
        ({"result": "x" * 1001}, "result"),
        ({"result": "password: Milk-2027"}, "result"),
    ],
)
def test_a_test_that_cannot_be_is_refused(
    finding: Finding, ida: User, otto: User, said: dict[str, Any], field: str
) -> None:
    row = make_control(finding, owner=member(otto))
    if isinstance(moved := said.get("tested_at"), dt.timedelta):
        said = {"tested_at": timezone.now() + moved}

    with pytest.raises(InvalidInput) as refused:
        tried(row, ida, **said)

    assert (refused.value.field, ControlTest.objects.count()) == (field, 0)


def test_what_is_no_control_is_refused(
    way: Conduit, finding: Finding, ida: User, otto: User, ana: User
) -> None:
    good = replace(TEXT, owner=otto.pk, conduit="Rule 22")
    for text, field in (
        (replace(good, conduit=""), "conduit"),
        (replace(good, finding=finding.ref), "conduit"),
        (replace(good, conduit="Rule 23"), "conduit"),
        (replace(good, conduit="", finding="SL-99999999999999"), "finding"),
        (replace(good, cadence_days=181), "cadence_days"),
        (replace(good, owner=ana.pk), "owner"),
        (replace(good, name="\u202e" * 120), "name"),
    ):
        with pytest.raises(InvalidInput) as refused:
            controls.add_control(way.site_id, text, by=member(ida))
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        controls.add_control(way.site_id, good, by=member(ana))
    with pytest.raises(IntegrityError), transaction.atomic():
        make_control(way, owner=member(otto)).__class__.objects.update(finding=finding)
    assert not Control.objects.exists()
    assert not PathRevision.objects.exists()
