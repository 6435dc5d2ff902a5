"""A plan is sent for sign-off: a proposal for each exposure behind its changes, or none."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.logic.paths.plans.answer import LineStop
from exposure.models import Blackout, Finding, Line, MaintenanceWindow, Plan
from exposure.services import plans
from tenants.models import LedgerEntry, Membership, User
from tenants.scope import site_scope
from tests import factories
from tests.plans import make_change, make_plan, make_window
from tests.workflows.conftest import answer, content, learn, member
from workflows.models import Decision, DecisionState, Event, Kind
from workflows.services import decisions
from workflows.services.evidence_watch import follow
from workflows.services.plan_desk import Planned, desk_of, made_by
from workflows.services.sending import NotSent, Wording, send


@pytest.fixture
def patched(seen: Finding, ana: User) -> Plan:
    """A plan that fixes PLC-P21 in a window and turns the panel's port off."""
    line, panel = Line.objects.get(), Finding.objects.get(number=2)
    window = make_window(line, by=ana)
    times = (each.isoformat() for each in (window.begins_at, window.ends_at))
    stop = LineStop(str(line.pk), 2.0, str(window.pk), *times)
    said = {"label": "Fix SL-1 on PLC-P21", "downtime": 2.0, "stops": (stop,)}
    first = make_change(line, 1, f"patch:finding:{seen.pk}", **said)
    second = make_change(line, 2, f"remove:service:{panel.asset_id}:80")
    return make_plan(line, by=ana, changes=(first, second))


def desk(plan: Plan) -> list[Planned]:
    """Return the plan's changes as they stand now."""
    told = plans.answer_of(plan)
    assert told is not None
    return desk_of(made_by(told))


def words(planned: Planned, **values: Any) -> Wording:
    """Return what the form of a change comes to when only safety is filled in."""
    said = Wording(
        action=f"{planned.change.label}.",
        technical_basis=planned.treatment.why,
        safety_effect="None; the safety relay is wired.",
        lost_meanwhile="The line stands still.",
        undo="Load the program of before.",
        expires_at=None,
        seen=[each.seen for each in planned.ready],
    )
    return replace(said, **values)


def all_of(plan: Plan, **values: Any) -> dict[str, Wording]:
    """Return the words of all changes that can be sent."""
    return {each.change.id: words(each, **values) for each in desk(plan)}


def sendings() -> list[LedgerEntry]:
    """Return what the ledger holds of plans that were sent."""
    factories.commit()
    return list(LedgerEntry.objects.filter(action="plan.sent"))


def test_each_change_becomes_a_proposal_of_its_kind(patched: Plan, ana: User) -> None:
    made = send(patched.pk, by=member(ana), chosen=all_of(patched))

    first, second = sorted(made, key=lambda each: each.case.finding.number)
    assert (first.kind, second.kind) == (Kind.REMEDIATE, Kind.REMOVE_EXPOSURE)
    assert first.plan_id == second.plan_id == patched.pk
    assert first.plan_change.startswith("patch:finding:")
    assert first.window_start == MaintenanceWindow.objects.get().begins_at
    assert first.downtime_minutes == 120
    assert second.window_start is None
    for said in (
        f"Plan {patched.number}, change 1 of 2: it removes 4.0 units",
        "Pasteuriser 2 stands still 2 h, in the window that begins",
        "assumptions",
        f"revision {patched.revision.number}",
        "SHA-256 of the plan: ",
    ):
        assert said in first.technical_basis
    assert all(each.state == DecisionState.PROPOSED for each in made)
    assert Event.objects.filter(type="decision.proposed").count() == 2
    (entry,) = sendings()
    assert entry.object_ref == f"plan {patched.number}"


def test_who_clicks_twice_sends_once(patched: Plan, ana: User) -> None:
    chosen = all_of(patched)
    send(patched.pk, by=member(ana), chosen=chosen)

    again = send(patched.pk, by=member(ana), chosen=chosen)

    assert again == []
    assert Decision.objects.count() == 2
    assert len(sendings()) == 1


def test_the_click_of_before_sends_nothing_after_an_answer(
    patched: Plan, ana: User, ida: User, otto: User
) -> None:
    """A page from before a refusal must not propose the same thing again."""
    chosen = {key: said for key, said in all_of(patched).items() if "patch" in key}
    (made,) = send(patched.pk, by=member(ana), chosen=chosen)
    answer(made, ida, "reject")
    answer(made, otto, "reject")

    with pytest.raises(NotSent, match="SL-1 has changed since"):
        send(patched.pk, by=member(ana), chosen=chosen)

    assert send(patched.pk, by=member(ana), chosen=all_of(patched))[0].version == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"safety_effect": " "}, "This must be said"),
        ({"undo": "Nothing\u2066"}, "hidden character"),
        ({"action": "x" * 4001}, "At most"),
    ],
)
def test_one_that_cannot_be_proposed_stops_all(
    patched: Plan, ana: User, values: dict[str, str], said: str
) -> None:
    first, second = desk(patched)
    chosen = {
        first.change.id: words(first),
        second.change.id: words(second, **values),
    }

    with pytest.raises(NotSent, match=f"Change 2, .*SL-2.*{said}") as caught:
        send(patched.pk, by=member(ana), chosen=chosen)

    assert caught.value.field == next(iter(values))
    assert not Decision.objects.exists()
    assert sendings() == []


def test_a_proposal_that_is_open_is_not_made_twice(patched: Plan, ana: User) -> None:
    decisions.propose("SL-1", by=member(ana), content=content())

    made = send(patched.pk, by=member(ana), chosen=all_of(patched))

    assert [each.case.finding.ref for each in made] == ["SL-2"]


def test_another_treatment_that_is_open_is_in_the_way(patched: Plan, ana: User) -> None:
    soon = timezone.now() + dt.timedelta(days=1)
    other = content(kind=Kind.COMPENSATE, expires_at=soon)
    decisions.propose("SL-1", by=member(ana), content=other)

    with pytest.raises(NotSent, match="Change 1, Fix SL-1 on PLC-P21: No exposure"):
        send(patched.pk, by=member(ana), chosen=all_of(patched))
    assert Decision.objects.count() == 1


def test_evidence_that_is_not_up_to_date_stops_it(
    patched: Plan, seen: Finding, ana: User
) -> None:
    chosen = all_of(patched)
    Finding.objects.filter(pk=seen.pk).update(grade="E3")

    with pytest.raises(NotSent, match="SL-1: The evidence of SL-1 is being brought"):
        send(patched.pk, by=member(ana), chosen=chosen)


@pytest.mark.parametrize("how", ["removed", "frozen"])
def test_a_window_that_is_gone_or_frozen_stops_it(
    how: str, patched: Plan, ana: User
) -> None:
    chosen, window = all_of(patched), MaintenanceWindow.objects.get()
    if how == "removed":
        window.delete()
    else:
        times = {"begins_at": window.begins_at, "ends_at": window.ends_at}
        Blackout.objects.create(site=window.site, reason="Easter", **times)

    with pytest.raises(NotSent, match="was removed, or is frozen now"):
        send(patched.pk, by=member(ana), chosen=chosen)
    assert desk(patched)[0].ready == []


def test_who_may_not_propose_sends_nothing(
    patched: Plan, ana: User, otto: User
) -> None:
    chosen = all_of(patched)
    Membership.objects.filter(user=otto).update(role="auditor", side="")

    with pytest.raises(NotAllowed, match="may not propose"):
        send(patched.pk, by=member(otto), chosen=chosen)
    with site_scope([Line.objects.get().site_id]), pytest.raises(NotAllowed):
        send(patched.pk, by=member(ana), chosen=chosen)
    assert not Decision.objects.exists()


def test_nobody_sends_what_they_alone_could_sign(
    patched: Plan, ida: User, otto: User
) -> None:
    """The owner who sends does not sign; with no other one on that side, nothing goes."""
    with pytest.raises(NotSent, match="Nobody but you could answer for OT"):
        send(patched.pk, by=member(otto), chosen=all_of(patched))


@pytest.mark.parametrize("chosen", [{}, {"patch:finding:of-another-plan": None}])
def test_what_is_not_in_the_plan_is_not_sent(
    patched: Plan, ana: User, chosen: dict[str, Any]
) -> None:
    with pytest.raises((InvalidInput, NotSent)):
        send(patched.pk, by=member(ana), chosen=chosen)


def test_a_way_is_closed_for_what_cannot_be_reached_otherwise(
    seen: Finding, ana: User
) -> None:
    """The conduit is no exposure: its change compensates the one that it leads to."""
    line = Line.objects.get()
    close = make_change(
        line, 1, "close:conduit:1", label="Close Rule 22", behind=(str(seen.pk),)
    )
    plan = make_plan(line, by=ana, changes=(close,))
    (planned,) = desk(plan)
    soon = timezone.now() + dt.timedelta(days=1)

    (made,) = send(
        plan.pk,
        by=member(ana),
        chosen={close.id: words(planned, expires_at=soon)},
    )

    assert made.kind == Kind.COMPENSATE
    assert made.expires_at == soon
    assert made.action == "Close Rule 22."
    assert "Every way to SL-1 that is known" in made.technical_basis


def test_a_finding_stands_behind_the_change_that_is_about_itself(
    seen: Finding, ana: User
) -> None:
    line = Line.objects.get()
    close = make_change(line, 1, "close:conduit:1", behind=(str(seen.pk),))
    fix = make_change(line, 2, f"patch:finding:{seen.pk}")
    plan = make_plan(line, by=ana, changes=(close, fix))

    first, second = desk(plan)

    assert first.behind == []
    assert first.treated == {"SL-1": 2}
    assert [each.finding.ref for each in second.behind] == ["SL-1"]


def test_new_evidence_that_matters_voids_what_a_plan_sent(
    patched: Plan, seen: Finding, ana: User, ida: User, otto: User
) -> None:
    made = send(patched.pk, by=member(ana), chosen=all_of(patched))
    for decision in made:
        answer(decision, ida)
    answer(made[0], otto)  # SL-1 is agreed, SL-2 waits for OT
    for row in Finding.objects.all():
        learn(row, threat="active")

    follow()

    for decision in made:
        decision.refresh_from_db()
        assert decision.state == DecisionState.VOIDED
        assert decision.ended_reason.startswith("The evidence has changed")
        assert decision.plan_id == patched.pk
    assert [each.behind[0].standing for each in desk(patched)] == ["ready", "ready"]


def test_findings_are_locked_in_the_order_of_a_new_count(
    patched: Plan, ana: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(200) as asked:
        send(patched.pk, by=member(ana), chosen=all_of(patched))

    asked = [each["sql"] for each in asked if each["sql"].endswith("FOR UPDATE")]
    first = next(each for each in asked if 'FROM "exposure_plan"' not in each)
    assert first.endswith('ORDER BY "exposure_finding"."number" ASC FOR UPDATE')


def test_what_is_signed_names_no_line_of_another_plant(
    seen: Finding, ana: User
) -> None:
    line = factories.make_line(factories.make_site("Ridgemoor"), "Ridgemoor press")
    stop = LineStop(str(line.pk), 1.0, "", "", "")
    fix = make_change(line, 1, f"patch:finding:{seen.pk}", downtime=1.0, stops=(stop,))
    plan = make_plan(line, by=ana, changes=(fix,))

    (made,) = send(plan.pk, by=member(ana), chosen=all_of(plan))

    assert "A line of another plant stands still 1 h." in made.technical_basis
    assert b"Ridgemoor" not in bytes(made.decision_bytes)
