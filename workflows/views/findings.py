"""The page of one finding, and what members do on it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from common.errors import Conflict, DomainError, NotAllowed
from common.htmx import render_page, wants_piece
from tenants.access import MemberRequest, needs
from tenants.rights import Right
from tenants.services.fresh import ask_again, authenticated
from workflows.forms import AnswerForm, ProposalForm
from workflows.models import Answer, Decision
from workflows.services import claims, decisions, signing
from workflows.views.finding_page import (
    NOTHING_REFUSED,
    Refused,
    finding_or_404,
    page_of,
)
from workflows.views.sign_off import is_moving

UNPROCESSABLE, CONFLICT = 422, 409
THANKS: dict[str, str] = {
    Answer.SIGN: "Signed. Thank you.",
    Answer.CHANGES: "Your request for changes is recorded.",
    Answer.REJECT: "Your rejection is recorded.",
}


@require_safe
@needs(Right.READ)
def finding(request: MemberRequest, ref: str) -> HttpResponse:
    """Show a finding; while a re-test runs, the panel alone until it has concluded."""
    if wants_piece(request):
        row = finding_or_404(ref)
        versions = Decision.objects.filter(case__finding=row).order_by("-version")
        if not is_moving(row, versions.first()):
            return HttpResponseClientRefresh()
    return _answer(request, ref)


@require_POST
@needs(Right.PROPOSE)
def propose(request: MemberRequest, ref: str) -> HttpResponse:
    """Propose a treatment, or the next version of one."""
    finding_or_404(ref)
    form = ProposalForm(request.POST)
    act = _Act(request, ref, Refused(proposal=form), form, "Sent for sign-off.")
    return act.do(
        lambda: decisions.propose(ref, by=request.membership, content=form.content())
    )


@require_POST
@needs(Right.SIGN)
def answer(request: MemberRequest, ref: str, decision_id: uuid.UUID) -> HttpResponse:
    """Sign, ask for changes or reject, for one's own side."""
    _decision_or_404(ref, decision_id)
    shown = authenticated(request, now=timezone.now())
    if not shown.is_fresh:
        messages.info(request, "Confirm that it is you, then answer once more.")
        return ask_again(request, back_to=_page_of(request, ref))
    form = AnswerForm(request.POST)
    said = request.POST.get("answer", "")
    thanks = THANKS.get(said, "")
    act = _Act(request, ref, Refused(answer=form), form, thanks)
    return act.do(
        lambda: signing.answer(
            decision_id,
            by=request.membership,
            answer=said,
            comment=form.cleaned_data["comment"],
            seen=form.seen(),
            shown=shown,
        )
    )


@require_POST
@needs(Right.PROPOSE)
def withdraw(request: MemberRequest, ref: str, decision_id: uuid.UUID) -> HttpResponse:
    """Take one's own proposal back."""
    _decision_or_404(ref, decision_id)
    act = _Act(request, ref, done="The proposal is withdrawn.")
    return act.do(lambda: decisions.withdraw(decision_id, by=request.membership))


@require_POST
@needs(Right.CLAIM)
def claim(request: MemberRequest, ref: str, decision_id: uuid.UUID) -> HttpResponse:
    """Say that the work is done; a re-test follows."""
    _decision_or_404(ref, decision_id)
    act = _Act(request, ref, done="Noted. The re-test is under way.")
    return act.do(lambda: claims.claim_fixed(decision_id, by=request.membership))


@require_POST
@needs(Right.RETEST)
def retest(request: MemberRequest, ref: str) -> HttpResponse:
    """Ask for a re-test now."""
    finding_or_404(ref)
    act = _Act(request, ref, done="The re-test is under way.")
    return act.do(lambda: claims.request_retest(ref, by=request.membership))


@dataclass(frozen=True, slots=True)
class _Act:
    """One thing a member does here: done, or shown again with the reason why not."""

    request: MemberRequest
    ref: str
    refused: Refused = NOTHING_REFUSED
    form: AnswerForm | ProposalForm | None = None
    done: str = ""

    def do(self, service: Callable[[], object]) -> HttpResponse:
        """Call the service and answer: 200 or a redirect, 422, 409, or 403."""
        if self.form is not None and not self.form.is_valid():
            return self._show(self.refused, UNPROCESSABLE)
        try:
            service()
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except Conflict as error:
            return self._show(Refused(conflict=str(error)), CONFLICT)
        except DomainError as error:
            if self.form is None:
                return self._show(Refused(conflict=str(error)), CONFLICT)
            self.form.refuse(error)
            return self._show(self.refused, UNPROCESSABLE)
        if wants_piece(self.request):
            return self._show(NOTHING_REFUSED, 200)
        messages.success(self.request, self.done)
        return redirect(_page_of(self.request, self.ref))

    def _show(self, refused: Refused, status: int) -> HttpResponse:
        return _answer(self.request, self.ref, refused=refused, status=status)


def _answer(
    request: MemberRequest,
    ref: str,
    *,
    refused: Refused = NOTHING_REFUSED,
    status: int = 200,
) -> HttpResponse:
    context = page_of(request, finding_or_404(ref), refused)
    return render_page(
        request,
        "workflows/findings/detail.html",
        context,
        piece="workflows/findings/_after.html",
        status=status,
    )


def _page_of(request: MemberRequest, ref: str) -> str:
    return reverse("workflows:finding", args=[request.workspace.slug, ref])


def _decision_or_404(ref: str, decision_id: uuid.UUID) -> None:
    """Refuse a decision that is not of this finding, or not of this workspace."""
    row = finding_or_404(ref)
    get_object_or_404(Decision, pk=decision_id, case__finding=row)
