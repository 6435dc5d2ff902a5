"""Today: what needs the reader's decision, and what happened since."""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.models import Run
from exposure.services import figures, safety, site_figures
from exposure.services import standing as stand
from exposure.services.figures import Newest
from exposure.services.site_figures import SiteCount
from exposure.views.notices import notices_of
from tenants.access import MemberRequest, needs
from tenants.models import Workspace
from tenants.rights import Right
from workflows.models import Event, Signature
from workflows.views.cards import Asks, asks_of
from workflows.views.progress import exposure_over_time, lines_of
from workflows.views.site_rows import not_counted, own_sites
from workflows.views.waiting import number_of, without_proposal
from workflows.views.wording import counted, listed

MOST_EVENTS, MOST_READ = 10, 60
MOST_NAMED = 4
# What a run causes for many exposures at once is told in one line.
FOLDED = frozenset({"finding.routed"})


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what happened; `joint` stands between the reference and the text."""

    ref: str
    url: str
    text: str
    at: dt.datetime
    joint: str = " "


@dataclass(frozen=True, slots=True)
class Counts:
    """Small facts of the page, read with one query."""

    decided: int
    unproposed: int
    last_run_at: dt.datetime | None
    sites: Mapping[str, SiteCount | None]
    standing: stand.Standing


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
    answer, counts = figures.newest(), _counts(request)
    newest = answer.revision if answer else None
    sites = own_sites(counts.sites, newest, now=timezone.now())
    asks = asks_of(request, answer, unproposed=counts.unproposed)
    exposures = reverse("workflows:exposures", args=[slug])
    return {
        "claim": claim_of(asks),
        "lead": _lead(answer, unproposed=0 if asks.cards else counts.unproposed),
        "notices": notices_of(counts.standing),
        "today": timezone.localdate(),
        "decided_count": counts.decided,
        "decided_url": f"{exposures}?view=decided",
        "asks": asks.cards,
        "unproposed": counts.unproposed - len(asks.propose),
        "unproposed_url": f"{exposures}?view=open",
        "lines": lines_of(answer),
        "lines_as_of": answer.revision.created_at if answer else None,
        "since": None,
        "events": _events(exposures),
        "exposure": exposure_over_time(how_url=reverse("exposure:method", args=[slug])),
        "sites": sites if len(sites) > 1 else [],
        "not_counted": not_counted(sites),
        "last_run_at": counts.last_run_at,
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


def _lead(answer: Newest | None, *, unproposed: int) -> str:
    if answer is None:
        return "Attack paths are computed when the first run has finished."
    sentence = _safety_first(safety.reached_in(answer.revision), answer.sentence)
    if not unproposed:
        return sentence
    has = "has" if unproposed == 1 else "have"
    waiting = f"{counted(unproposed, 'exposure')} {has} no proposal yet."
    return f"{sentence} {waiting}"


def _safety_first(names: Sequence[str], sentence: str) -> str:
    """Name the safety systems that are reached before the lines."""
    if not names:
        return sentence
    more = len(names) - MOST_NAMED
    told = [*names[:MOST_NAMED], f"{more} more"] if more > 1 else names
    kind = "a safety system" if len(names) == 1 else "safety systems"
    return f"{listed(told)}, {kind}, can be reached from the internet. {sentence}"


def _counts(request: MemberRequest) -> Counts:
    ended = Run.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    row = (
        Workspace.objects.filter(pk=request.workspace.pk)
        .annotate(
            decided=number_of(Signature.objects.filter(person=request.user)),
            unproposed=number_of(without_proposal()),
            last_run_at=Subquery(ended.values("finished_at")[:1]),
            found_sites=site_figures.as_column(),
        )
        .values(
            "decided", "unproposed", "last_run_at", "found_sites", **stand.as_columns()
        )
        .get()
    )
    return Counts(
        decided=row["decided"] or 0,
        unproposed=row["unproposed"] or 0,
        last_run_at=row["last_run_at"],
        sites=site_figures.read(row["found_sites"]),
        standing=stand.read(row),
    )


def _events(exposures: str) -> list[Happening]:
    rows = Event.objects.order_by("-at", "-id")[:MOST_READ]
    alike = itertools.groupby(
        rows, key=lambda row: row.type if row.type in FOLDED else row.object_ref
    )
    told = (_told(list(group), exposures=exposures) for _, group in alike)
    return list(itertools.islice(told, MOST_EVENTS))


def _told(rows: Sequence[Event], *, exposures: str) -> Happening:
    """Return one line for what happened to one thing in a row, or to many at once."""
    first = rows[0]
    if len({row.object_ref for row in rows}) == 1:
        return _newest(first, earlier=len(rows) - 1)
    refs = [row.object_ref for row in reversed(rows)]
    more = len(refs) - MOST_NAMED
    named = [*refs[:MOST_NAMED], f"{more} more"] if more > 1 else refs
    return Happening(
        ref=counted(len(refs), "exposure"),
        url=exposures,
        text=f"went to those who sign: {listed(named)}.",
        at=first.at,
    )


def _newest(row: Event, *, earlier: int) -> Happening:
    ref = f"{row.object_ref[0].upper()}{row.object_ref[1:]}"
    # The reference is a link in front of the text; it is not said twice.
    text = row.text.removeprefix(ref).lstrip(" ,:").replace(f" of {ref}", "")
    joint = ": " if text[:1].isupper() else " "
    if earlier:
        text += f" {counted(earlier, 'earlier event')}."
    return Happening(ref if row.path else "", row.path, text, row.at, joint)
