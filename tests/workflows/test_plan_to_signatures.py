"""From a plan to signatures: made by the planner, sent by Ana, signed by Ida and Otto."""

from pytest_django import Settings

from exposure.models import Conduit, Finding, FindingState, Plan
from exposure.services import planning, plans
from exposure.services.plans import Wish
from tenants.models import User
from tests.workflows.conftest import answer, member
from tests.workflows.views.conftest import PLACE, look, send, text
from tests.workflows.views.test_plan_sign_off import SAFE, filled, page, plain
from workflows.models import Decision, Kind


def pairs(user: User, plan: Plan) -> list[tuple[str, dict[str, str], str]]:
    """Return what stands beside the changes that the plan makes, in order."""
    shown = look(user, page(plan, "pairs/"), htmx=True).context["pairs"]
    made = plans.answer_of(plan)
    assert made is not None
    number = sum(row.place > 0 for row in made.changes)
    return [(row.behind[0].ref, dict(row.pair), row.state) for row in shown[:number]]


def test_a_plan_is_made_sent_and_signed_by_both_sides(
    seen: Finding, ana: User, ida: User, otto: User, settings: Settings
) -> None:
    """The panel is fixed; the way on to the line is guarded for the controller's sake."""
    settings.PATH_WORLDS = 512
    conduit, panel = Conduit.objects.get(), Finding.objects.get(number=2)
    guard, fix = f"control:conduit:{conduit.pk}", f"patch:finding:{panel.pk}"
    plan = plans.ask_plan(Wish(fixed=(guard, fix)), by=member(ana))
    planning.work_out(plan.pk)
    plan.refresh_from_db()
    waiting = {"it": "waiting", "ot": "waiting"}
    assert {each[0]: each[1:] for each in pairs(ana, plan)} == {
        "SL-1": (waiting, "not proposed yet"),
        "SL-2": (waiting, "not proposed yet"),
    }

    fields = filled(plan, 1, 2, undo="As it was before.", **SAFE)
    send(ana, page(plan, "send/"), **fields)

    by_ref = {each.case.finding.ref: each for each in Decision.objects.all()}
    assert by_ref["SL-1"].kind == Kind.COMPENSATE
    assert by_ref["SL-1"].action == "Guard Panels to line 2."
    assert "Every way to SL-1 that is known" in by_ref["SL-1"].technical_basis
    assert by_ref["SL-2"].kind == Kind.REMEDIATE
    for decision in by_ref.values():
        answer(decision, ida)
    half = {"it": "signed", "ot": "waiting"}
    assert all(pair == half for _, pair, _ in pairs(otto, plan))
    for decision in by_ref.values():
        answer(decision, otto)

    both = {"it": "signed", "ot": "signed"}
    assert all(each[1:] == (both, "agreed, version 1") for each in pairs(otto, plan))
    assert {row.state for row in Finding.objects.all()} == {FindingState.TREATED}
    shown = look(otto, page(plan, "pairs/"), htmx=True)
    assert "by Ana Torres: 2 of 2 proposals signed by all sides." in plain(shown)
    assert "Sent from" in text(look(otto, f"{PLACE}exposures/SL-1/"))
