"""Today: what needs the reader's decision, and what happened since."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.models import Run
from exposure.services import paths
from exposure.services.paths import PathAnswer
from tenants.access import MemberRequest, Right, needs
from workflows.models import Event, Signature
from workflows.views.cards import Asks, asks_of
from workflows.views.progress import exposure_over_time, lines_of
from workflows.views.wording import counted, listed

MOST_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what happened."""

    ref: str
    url: str
    text: str
    at: dt.datetime


@require_safe
@needs(Right.READ)
def today(request: MemberRequest) -> HttpResponse:
    """Show what waits for the reader; htmx gets the cards alone."""
    return render_page(
        request,
        "workflows/today.html",
        _context(request),
        piece="workflows/_asks.html",
    )


def _context(request: MemberRequest) -> dict[str, Any]:
    slug = request.workspace.slug
    answer = paths.latest()
    asks = asks_of(request, answer)
    exposures = reverse("workflows:exposures", args=[slug])
    return {
        "claim": claim_of(asks),
        "lead": _lead(answer),
        "today": timezone.localdate(),
        "decided_count": Signature.objects.filter(person=request.user).count(),
        "decided_url": f"{exposures}?view=decided",
        "asks": asks.cards,
        "more_count": asks.propose_count - len(asks.propose),
        "more_url": f"{exposures}?view=open",
        "lines": lines_of(answer),
        "lines_as_of": answer.revision.created_at if answer else None,
        "since": None,
        "events": _events(),
        "exposure": exposure_over_time(how_url=reverse("exposure:method", args=[slug])),
        "last_run_at": _last_run_at(),
        "next_run_at": None,
        "runs_url": reverse("exposure:runs", args=[slug]),
    }


def claim_of(asks: Asks) -> str:
    """Return the heading: how much of what waits for the reader."""
    parts = []
    if asks.answer:
        verb = "needs" if len(asks.answer) == 1 else "need"
        parts.append(f"{counted(len(asks.answer), 'decision')} {verb} you")
    if asks.carry_out:
        verb = "waits" if len(asks.carry_out) == 1 else "wait"
        many = counted(len(asks.carry_out), "agreed treatment")
        parts.append(f"{many} {verb} to be carried out")
    if asks.propose:
        verb = "needs" if asks.propose_count == 1 else "need"
        parts.append(f"{counted(asks.propose_count, 'exposure')} {verb} a proposal")
    return listed(parts) or "No exposure needs you"


def _lead(answer: PathAnswer | None) -> str:
    if answer is None:
        return "Attack paths are computed when the first run has finished."
    return answer.analysis.sentence


def _events() -> list[Happening]:
    rows = Event.objects.order_by("-at", "-id")[:MOST_EVENTS]
    return [_happening(row) for row in rows]


def _happening(row: Event) -> Happening:
    ref = f"{row.object_ref[0].upper()}{row.object_ref[1:]}"
    # The reference is a link in front of the text; it is not said twice.
    text = row.text.removeprefix(ref).lstrip(" ,:")
    return Happening(ref=ref if row.path else "", url=row.path, text=text, at=row.at)


def _last_run_at() -> dt.datetime | None:
    ended = Run.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    return ended.values_list("finished_at", flat=True).first()
