"""Pages: the sign-off of a plan, and sending its changes for it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, InvalidInput, NotAllowed
from common.htmx import render_page
from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.models import Line, PathRevision, Plan
from exposure.services import plans
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right
from workflows.forms import ChangeForm
from workflows.logic.clocks import latest_expiry
from workflows.logic.treatments import COMPENSATE, TREATMENTS, lost
from workflows.models import Kind
from workflows.services.plan_desk import Planned, desk_of, made_by, read_plan
from workflows.services.sending import NotSent, lines_of, send, stops_of
from workflows.views.plan_rows import (
    BehindRow,
    StopRow,
    behind_rows,
    outside,
    pair_row,
    sent_row,
    stop_rows,
    told_elsewhere,
)
from workflows.views.wording import counted

UNPROCESSABLE = 422
MOST_PAIRS = 500
AGAIN = ("action", "safety_effect", "lost_meanwhile", "undo")


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """One change of the plan; `form` is there while it can be proposed.

    `is_wanting`: some of its words are missing or were refused.
    """

    change: ChangeRow
    kind: str
    stops: list[StopRow]
    works_with: list[str]
    behind: list[BehindRow]
    more: int
    elsewhere: str
    hurdle: str
    outside: str
    form: ChangeForm | None
    is_wanting: bool


@require_safe
@needs(Right.READ)
def plan_sign_off(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """Show each change of a plan with what would be proposed, and what is signed."""
    if not plans.may_see():
        return render_page(request, "workflows/plans/sign_off.html", _place(request))
    row, answer = _ready_or_404(plan)
    return _page(request, row, answer)


@require_safe
@needs(Right.READ)
def plan_pairs(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """Answer the sign-off of the changes that the page of a plan lists."""
    context: dict[str, Any] = {"pairs": [], "sent": None}
    if plans.may_see():
        row, answer = _ready_or_404(plan)
        said = {*row.wish["fixed"], *row.wish["forbidden"]}
        listed = [
            each
            for each in answer.changes
            if each.place or each.removes or each.id in said
        ]
        slug = request.workspace.slug
        context = {
            "pairs": [pair_row(slug, each) for each in desk_of(listed[:MOST_PAIRS])],
            "sent": sent_row(row),
            "sign_off_url": _url(request, row),
        }
    return render(request, "workflows/plans/_pairs.html", context)


@require_POST
@needs(Right.PROPOSE)
def send_plan(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """Send the changes that were ticked for sign-off: all of them, or none."""
    if not plans.may_see():
        raise PermissionDenied("A plan weighs all plants, and your access covers some.")
    row, answer = _ready_or_404(plan)
    filled = {each.id: _form(each, request.POST) for each in made_by(answer)}
    chosen = {key: form for key, form in filled.items() if form.is_chosen}
    if any(form.errors for form in chosen.values()):
        refused = "Nothing was sent. Some words are missing below."
        return _page(request, row, answer, filled=filled, refused=refused)
    try:
        made = send(
            row.pk,
            by=request.membership,
            chosen={key: form.wording() for key, form in chosen.items()},
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except NotSent as error:
        form = filled.get(error.change_id)
        if form is not None and error.field:
            form.refuse(InvalidInput(error.field, str(error)))
        return _page(request, row, answer, filled=filled, refused=_nothing(error))
    except DomainError as error:
        return _page(request, row, answer, filled=filled, refused=_nothing(error))
    done = f"{counted(len(made), 'proposal')} sent for sign-off."
    messages.success(request, done if made else "These changes were sent before.")
    return redirect(_plan_url(request, row))


def _page(
    request: MemberRequest,
    row: Plan,
    answer: Answer,
    *,
    filled: Mapping[str, ChangeForm] | None = None,
    refused: str = "",
) -> HttpResponse:
    may_send = may(request.membership, Right.PROPOSE)
    changes = made_by(answer)
    lines, labels = lines_of(changes), {each.id: each.label for each in changes}
    cards = [
        _card(
            request.workspace.slug,
            each,
            lines,
            labels=labels,
            form=_form_of(each, lines, (filled or {}).get(each.change.id))
            if may_send and each.ready
            else None,
        )
        for each in desk_of(changes)
    ]
    newest = PathRevision.objects.order_by("-number").values_list("number", flat=True)
    context = {
        **_place(request),
        "plan": row,
        "answer": answer,
        "cards": [card for card in cards if not card.outside],
        "outside": [card for card in cards if card.outside],
        "ready": sum(card.form is not None for card in cards),
        "newest_revision": newest.first(),
        "sent": sent_row(row),
        "refused": refused,
        "plan_url": _plan_url(request, row),
        "send_url": reverse(
            "workflows:send-plan", args=[request.workspace.slug, row.pk]
        ),
    }
    return render_page(
        request,
        "workflows/plans/sign_off.html",
        context,
        status=UNPROCESSABLE if refused else 200,
    )


def _card(
    slug: str,
    planned: Planned,
    lines: Mapping[str, Line],
    *,
    labels: Mapping[str, str],
    form: ChangeForm | None,
) -> ChangeCard:
    change = planned.change
    return ChangeCard(
        change=change,
        kind=Kind(planned.treatment.kind).label,
        stops=stop_rows(change, {key: line.name for key, line in lines.items()}),
        works_with=[labels[each] for each in change.works_with if each in labels],
        behind=behind_rows(slug, planned),
        more=planned.more,
        elsewhere=told_elsewhere(planned),
        hurdle=planned.hurdle,
        outside=outside(planned),
        form=form,
        is_wanting=form is not None
        and (bool(form.errors) or not all(each.value() for each in form.words)),
    )


def _form(change: ChangeRow, data: Any = None, **initial: Any) -> ChangeForm:
    return ChangeForm(
        data,
        prefix=f"c{change.place}",
        initial=initial,
        ends=TREATMENTS[change.kind].kind == COMPENSATE,
        label=f"Send change {change.place}, {change.label}",
    )


def _form_of(
    planned: Planned, lines: Mapping[str, Line], filled: ChangeForm | None
) -> ChangeForm:
    """Return what was filled in, else a form with the words that are known."""
    if filled is not None:
        return filled
    change, first = planned.change, planned.ready[0]
    stops = stops_of(change, lines, site_id=first.finding.asset.site_id)
    initial = {
        "action": f"{change.label}.",
        "technical_basis": planned.treatment.why,
        "lost_meanwhile": lost(stops, assumed=change.assumed),
        "undo": planned.treatment.undo,
        "expires_at": _latest_end(planned),
        "seen": " ".join(each.seen for each in planned.ready),
    }
    if first.newest is not None and first.newest.plan_change == change.id:
        initial |= {name: getattr(first.newest, name) for name in AGAIN}
    return _form(change, **initial)


def _latest_end(planned: Planned) -> dt.datetime:
    """Return the last minute that is allowed for all exposures behind a change."""
    now = timezone.now().replace(second=0, microsecond=0)
    ends = (
        latest_expiry(each.case.band, start=now) for each in planned.ready if each.case
    )
    return min(ends, default=now)


def _ready_or_404(plan_id: uuid.UUID) -> tuple[Plan, Answer]:
    try:
        row = read_plan(plan_id)
    except Plan.DoesNotExist as error:
        raise Http404 from error
    answer = plans.answer_of(row)
    if answer is None:
        raise Http404
    return row, answer


def _nothing(error: DomainError) -> str:
    return f"Nothing was sent. {error}"


def _place(request: MemberRequest) -> dict[str, Any]:
    slug = request.workspace.slug
    return {"plan": None, "plans_url": reverse("exposure:plans", args=[slug])}


def _plan_url(request: MemberRequest, row: Plan) -> str:
    return reverse("exposure:plan", args=[request.workspace.slug, row.pk])


def _url(request: MemberRequest, row: Plan) -> str:
    return reverse("workflows:plan-sign-off", args=[request.workspace.slug, row.pk])
