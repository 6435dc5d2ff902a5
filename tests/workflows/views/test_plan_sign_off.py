"""The sign-off of a plan: its page, what is sent from it, and the pairs beside changes."""

import datetime as dt
from typing import Any

import pytest
from django.utils.html import strip_tags

from exposure.models import Finding, Line, PathRevision, Plan
from tenants.models import Membership, User
from tests.plans import make_change, make_plan
from tests.workflows.conftest import answer, content, member
from tests.workflows.views.conftest import PLACE, look, send, text
from tests.workflows.views.test_few_queries import MOST, asked
from workflows.models import Decision, Kind
from workflows.services import decisions

SAFE = {"safety_effect": "None; the safety relay is wired."}


@pytest.fixture
def plan(seen: Finding, ana: User) -> Plan:
    """A plan that fixes the controller, guards the panel, and closes two ways."""
    line, panel = Line.objects.get(), Finding.objects.get(number=2)
    return make_plan(
        line,
        by=ana,
        changes=(
            make_change(line, 1, f"patch:finding:{seen.pk}", label="Fix SL-1"),
            make_change(line, 2, f"control:finding:{panel.pk}", label="Guard SL-2"),
            make_change(line, 3, "close:conduit:7", label="Close <b>Rule 7</b>"),
            make_change(
                line, 4, "close:conduit:8", label="Close Rule 8", behind=(str(seen.pk),)
            ),
            make_change(line, 0, f"control:finding:{seen.pk}", label="Guard SL-1"),
        ),
    )


def page(plan: Plan, part: str = "") -> str:
    """Return where the sign-off of a plan is."""
    return f"{PLACE}plans/{plan.pk}/sign-off/{part}"


def plain(response: Any) -> str:
    """Return what a reader reads."""
    return " ".join(strip_tags(response.content.decode()).split())


def filled(plan: Plan, *places: int, **said: str) -> dict[str, str]:
    """Return what a browser posts when these changes are ticked."""
    form = look(User.objects.get(name="Ana Torres"), page(plan)).context["cards"]
    fields = {}
    for card in form:
        if card.form is None or card.change.place not in places:
            continue
        for bound in card.form:
            value = bound.value()
            if isinstance(value, dt.datetime):
                value = value.strftime("%Y-%m-%dT%H:%M")
            fields[bound.html_name] = "on" if bound.name == "chosen" else value or ""
        fields |= {f"c{card.change.place}-{key}": word for key, word in said.items()}
    return fields


def test_the_page_says_what_would_be_proposed(plan: Plan, ana: User) -> None:
    response = look(ana, page(plan))

    shown = plain(response)
    assert f"Send plan {plan.number} for sign-off" in shown
    assert "1. Fix SL-1" in shown
    assert "removes 4.0 of 10.0 units" in shown
    assert "Fix it" in shown
    assert "Compensate" in shown
    assert "IT and OT" in shown
    assert "not proposed yet" in shown
    assert "Agreed outside Sightline" in shown
    assert "Close &lt;b&gt;Rule 7&lt;/b&gt;" in text(response)
    assert "No exposure can be reached over it alone" in shown
    assert "Other changes treat what stands behind it too: SL-1 (change 1)." in shown


def test_ticked_changes_are_sent_and_the_plan_says_so(
    plan: Plan, ana: User, ida: User, otto: User
) -> None:
    done = send(ana, page(plan, "send/"), **filled(plan, 1, 2, undo="Undo.", **SAFE))

    assert done.status_code == 302
    assert done["Location"] == f"{PLACE}plans/{plan.pk}/"
    first, second = Decision.objects.order_by("case__finding__number")
    assert (first.kind, second.kind) == (Kind.REMEDIATE, Kind.COMPENSATE)
    assert second.expires_at is not None
    answer(first, ida)
    answer(first, otto)
    answer(second, ida)
    pairs = look(ana, page(plan, "pairs/"), htmx=True)
    shown = plain(pairs)
    assert "by Ana Torres: 1 of 2 proposals signed by all sides." in shown
    rows = {row.token: row for row in pairs.context["pairs"]}
    fix, guard = (
        rows[token]
        for token in (
            f"patchfinding{first.case.finding_id}",
            f"controlfinding{second.case.finding_id}",
        )
    )
    assert fix.pair == {"it": "signed", "ot": "signed"}
    assert fix.state == "agreed, version 1"
    assert guard.pair == {"it": "signed", "ot": "waiting"}
    assert guard.state == "proposed, version 1"
    # the same exposure beside a change that nobody signed
    other = rows[f"controlfinding{first.case.finding_id}"]
    assert other.state == "another treatment is open: fix it, version 1"
    assert other.pair == {}
    assert rows["closeconduit7"].pair == {}
    again = text(look(ana, page(plan)))
    assert f"Sign-off of plan {plan.number}" in again
    assert "Send the ticked" not in again


def test_a_finding_leads_back_to_its_plan(plan: Plan, ana: User, otto: User) -> None:
    send(ana, page(plan, "send/"), **filled(plan, 1, undo="Undo.", **SAFE))
    link = f'<a href="{page(plan)}">Plan {plan.number}</a>'

    assert link in text(look(otto, f"{PLACE}exposures/SL-1/"))

    Membership.objects.filter(user=otto).update(site_ids=[Line.objects.get().site_id])
    response = look(otto, f"{PLACE}exposures/SL-1/")
    shown = plain(response)
    assert "Fix SL-1." in shown
    assert link not in text(response)
    assert "of 10.0 units" not in shown


def test_what_was_not_said_is_asked_for_and_nothing_is_sent(
    plan: Plan, ana: User
) -> None:
    refused = send(ana, page(plan, "send/"), **filled(plan, 1, 2, undo="Undo."))

    assert refused.status_code == 422
    shown = plain(refused)
    assert "Nothing was sent. Some words are missing below." in shown
    assert shown.count("This field is required.") == 2
    assert 'value="Undo."' in text(refused)
    assert not Decision.objects.exists()


def test_what_the_workflow_refuses_is_said_at_its_change(plan: Plan, ana: User) -> None:
    fields = filled(plan, 1, 2, undo="Undo.", **SAFE)
    fields["c2-expires_at"] = "2999-01-01T00:00"

    refused = send(ana, page(plan, "send/"), **fields)

    assert refused.status_code == 422
    assert "Nothing was sent. Change 2, Guard SL-2: SL-2: The end lies" in plain(
        refused
    )
    assert refused.context["cards"][1].form.errors["expires_at"]
    assert not refused.context["cards"][0].form.errors
    assert not Decision.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"c9-chosen": "on"}, {"c3-chosen": "on"}])
def test_nothing_to_send_is_said(plan: Plan, ana: User, fields: dict[str, str]) -> None:
    refused = send(ana, page(plan, "send/"), **fields)

    assert refused.status_code == 422
    assert "Nothing was sent." in text(refused)


def test_an_auditor_reads_it_and_an_owner_of_one_plant_does_not(
    plan: Plan, otto: User, auditor: User
) -> None:
    shown = plain(look(auditor, page(plan)))
    assert "1. Fix SL-1" in shown
    assert "Send the ticked" not in shown
    assert send(auditor, page(plan, "send/")).status_code == 403

    Membership.objects.filter(user=otto).update(site_ids=[Line.objects.get().site_id])
    assert "Plans weigh all plants together" in text(look(otto, page(plan)))
    assert look(otto, page(plan, "pairs/")).context["pairs"] == []
    assert send(otto, page(plan, "send/"), **{"c1-chosen": "on"}).status_code == 403


def test_older_figures_are_said(plan: Plan, ana: User) -> None:
    newest = PathRevision.objects.latest("number")
    newest.pk, newest.number, newest._state.adding = None, newest.number + 1, True
    newest.pk = PathRevision._meta.get_field("id").get_default()
    newest.save()

    assert "The paths were computed again since." in text(look(ana, page(plan)))


def test_the_plan_fetches_the_pairs(plan: Plan, ana: User) -> None:
    shown = text(look(ana, f"{PLACE}plans/{plan.pk}/"))

    assert f'hx-get="{page(plan, "pairs/")}"' in shown
    assert f'<a class="btn btn-main" href="{page(plan)}">Send plan' in shown
    cells = [row.token for row in look(ana, page(plan, "pairs/")).context["pairs"]]
    assert len(cells) == 5
    assert all(f'id="so-{token}"' in shown for token in cells)


@pytest.mark.parametrize("part", ["", "pairs/"])
def test_it_needs_few_queries(part: str, plan: Plan, ana: User, ida: User) -> None:
    answer(decisions.propose("SL-1", by=member(ana), content=content()), ida)

    statements = asked(ana, page(plan, part))

    assert len(statements) + 1 <= MOST, "\n".join(each[:150] for each in statements)


def test_many_changes_need_no_more_queries(
    plan: Plan, seen: Finding, ana: User
) -> None:
    def count(chosen: Plan) -> int:
        return len(asked(ana, page(chosen, "pairs/")))

    line, many = Line.objects.get(), list[Any]()
    for place, row in enumerate(Finding.objects.all(), start=1):
        many.append(make_change(line, place, f"patch:finding:{row.pk}"))
    more = make_plan(line, by=ana, changes=(*many, *many))

    assert count(more) == count(make_plan(line, by=ana, changes=tuple(many[:1])))
