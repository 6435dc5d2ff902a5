"""Pages: which entries are proven to be the customer's, how, and until when."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.uploads import takes_up_to
from exposure.collectors.ownership import LABEL
from exposure.forms.scope import LetterForm, ProveForm
from exposure.models import (
    Authorisation,
    OwnershipLetter,
    OwnershipProof,
    ProofKind,
    ScopeEntry,
)
from exposure.services import letters, ownership
from exposure.services.entries import read_entry
from exposure.services.proofs import BY_INSTALLATION, standing_proof, why_unproven
from exposure.views.links import link
from exposure.views.submitting import REFUSED, authorisation_or_404, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

LARGEST_BODY = letters.LARGEST + 64 * 1024
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the scope; the fields are described in exposure/scope/ownership.html."""

    value: str
    is_proven: bool
    state: str
    until: dt.datetime | None
    kind: str
    token: str
    tries: list[OwnershipProof]
    url: str


@require_safe
@needs(Right.READ)
def proofs(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Show which entries are proven, and what to do for the others."""
    return _page(request, authorisation_or_404(authorisation))


@require_POST
@needs(Right.RESTRICT)
def prove(
    request: MemberRequest, authorisation: uuid.UUID, entry: uuid.UUID
) -> HttpResponse:
    """Ask for a check of one entry."""
    row = authorisation_or_404(authorisation)
    mine = get_object_or_404(ScopeEntry, pk=entry, authorisation=row)
    form = ProveForm(request.POST)
    done = submit(
        form,
        lambda data: ownership.ask_check(
            mine.pk,
            kind=data["kind"],
            address=data["address"],
            by=request.membership,
        ),
    )
    if done:
        messages.success(request, f"{mine.value} is being checked.")
        return _back(request, row)
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return _page(request, row, refused=True)


@require_POST
@takes_up_to(LARGEST_BODY)
@needs(Right.RESTRICT)
def add_letter(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Keep a letter that two people of the customer then vouch for."""
    row = authorisation_or_404(authorisation)
    form = LetterForm(request.POST, request.FILES, values=_values(row))

    def add(data: dict[str, Any]) -> object:
        sent = data["file"]
        return letters.add_letter(
            row.pk,
            sent.chunks(PIECE),
            name=sent.name,
            covers=data["covers"],
            by=request.membership,
        )

    if submit(form, add):
        messages.success(request, "Two people of the customer vouch for it now.")
        return _back(request, row)
    return _page(request, row, letter_form=form, refused=True)


@require_POST
@needs(Right.AUTHORISE)
def approve_letter(
    request: MemberRequest, authorisation: uuid.UUID, letter: uuid.UUID
) -> HttpResponse:
    """Vouch for a letter, for the customer."""
    row = authorisation_or_404(authorisation)
    mine = get_object_or_404(OwnershipLetter, pk=letter, authorisation=row)
    attempt(
        request,
        lambda: letters.approve_letter(mine.pk, by=request.membership),
        "You vouch for the letter.",
    )
    return _back(request, row)


def _back(request: MemberRequest, row: Authorisation) -> HttpResponse:
    path = link(request, "exposure:ownership", authorisation=row.pk)
    return HttpResponseRedirect(path)


def _page(
    request: MemberRequest,
    row: Authorisation,
    *,
    letter_form: Form | None = None,
    refused: bool = False,
) -> HttpResponse:
    entries = row.entries.prefetch_related("proofs").order_by("added_at", "id")
    rows = [_entry(request, row, each) for each in entries]
    member = request.membership
    context = {
        "row": row,
        "entries": rows,
        "missing": sum(not each.is_proven for each in rows),
        "letters": [_letter(request, row, each) for each in _letters(row)],
        "may_ask": may(member, Right.RESTRICT),
        "may_vouch": may(member, Right.AUTHORISE) and member.covers(row.site_id),
        "letter_form": letter_form or LetterForm(values=_values(row)),
        "label": LABEL,
    }
    status = REFUSED if refused else 200
    return render(request, "exposure/scope/ownership.html", context, status=status)


def _entry(request: MemberRequest, row: Authorisation, entry: ScopeEntry) -> Entry:
    parsed = read_entry(entry.value)
    why, proof = why_unproven(entry), standing_proof(entry, now=timezone.now())
    proven = f"Proven: {proof or BY_INSTALLATION}."
    asked = [each for each in entry.proofs.all() if each.kind != ProofKind.LETTER]
    return Entry(
        value=entry.value,
        is_proven=not why,
        state=why or proven,
        until=proof.valid_until if proof else None,
        kind=parsed.kind.value if parsed else "",
        token=next((each.token for each in asked if each.token), ""),
        tries=asked,
        url=link(request, "exposure:prove-entry", authorisation=row.pk, entry=entry.pk),
    )


def _letters(row: Authorisation) -> list[OwnershipLetter]:
    rows = row.letters.select_related("file", "uploaded_by")
    return list(rows.prefetch_related("approvals__by").order_by("-uploaded_at", "-id"))


def _letter(
    request: MemberRequest, row: Authorisation, letter: OwnershipLetter
) -> dict[str, Any]:
    approvals = list(letter.approvals.all())
    return {
        "row": letter,
        "approvals": approvals,
        "left": max(0, letters.NEEDED - len(approvals)),
        "is_mine": any(each.by_id == request.user.pk for each in approvals),
        "url": link(
            request, "exposure:approve-letter", authorisation=row.pk, letter=letter.pk
        ),
    }


def _values(row: Authorisation) -> list[str]:
    return sorted(each.value for each in row.entries.all())
