"""What the page of names and ranges shows: a list, a page at a time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.template.defaultfilters import pluralize

from exposure.logic import attribution
from exposure.logic.names.hygiene import notes
from exposure.models import (
    Authorisation,
    Holding,
    HoldingState,
    NameSearch,
    OwnerAnswer,
)
from exposure.services.name_searches import LIVE
from exposure.services.trails import trails_of

ON_A_PAGE = 50
MOST_TEXT = 120
# It stays so when somebody signs a name above it: nobody is asked about it then.
DISOWNED = Q(answer=OwnerAnswer.NOT_OURS)
UNANSWERED = Q(in_scope=False, answer=OwnerAnswer.NONE)
VIEWS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "scope": ("In scope", Q(in_scope=True) & ~DISOWNED),
    "candidates": ("To answer", UNANSWERED),
    "ours": ("Ours, not in scope", Q(in_scope=False, answer=OwnerAnswer.OURS)),
    "not-ours": ("Not ours", DISOWNED),
    "act": ("To act on", Q(to_act_on__gt=0)),
}
STATES = {state.value: state.label for state in HoldingState}
UrlOf = Callable[[Holding], str]


@dataclass(frozen=True, slots=True)
class SavedView:
    """One of the views above the list."""

    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """One line of the list; the fields are described in exposure/names/_table.html."""

    url: str
    shown: str
    ascii: str
    kind: str
    scope: str
    state: str
    how: str
    hops: int
    sure: str
    percent: int
    band: str
    note: str
    more: int
    seen: dt.datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader chose; anything unknown is the default."""

    view: str = "all"
    state: str = ""
    text: str = ""

    def query(self, **changed: str) -> str:
        """Return the query of an address with some of it changed."""
        values = {"view": self.view, "state": self.state, "q": self.text} | changed
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class NamesPage:
    """The context of exposure/names/list.html, without its forms."""

    claim: str
    lead: str
    views: list[SavedView]
    asked: Asked
    states: list[tuple[str, str]]
    page: Page[Holding]
    searches: list[NameSearch]
    live: bool
    clear_url: str


def asked_for(view: str, state: str, text: str) -> Asked:
    """Return what was chosen, without what is no choice."""
    clean = " ".join(text.replace("\0", "").split())[:MOST_TEXT]
    return Asked(
        view if view in VIEWS else "all", state if state in STATES else "", clean
    )


def names_page(asked: Asked, *, number: str, here: str, url_of: UrlOf) -> NamesPage:
    """Return one page of the list, names first."""
    counts = Holding.objects.aggregate(
        **{
            key.replace("-", "_"): Count("pk", filter=condition)
            for key, (_, condition) in VIEWS.items()
        }
    )
    pages: Paginator[Holding] = Paginator(_rows(asked), ON_A_PAGE)
    page = pages.get_page(number)
    rows = list(page.object_list)
    trails = trails_of(rows)
    shown = [_row(row, trails[row.pk], url=url_of(row)) for row in rows]
    page.object_list = shown  # type: ignore[assignment]  # rows in place of models
    searches = list(
        NameSearch.objects.select_related("site").order_by("-requested_at")[:3]
    )
    return NamesPage(
        claim=_claim(counts),
        lead=_lead(searches),
        views=[
            SavedView(
                label,
                counts[key.replace("-", "_")],
                f"{here}?{asked.query(view=key)}",
                key == asked.view,
            )
            for key, (label, _) in VIEWS.items()
        ],
        asked=asked,
        states=list(STATES.items()),
        page=page,
        searches=searches,
        live=any(search.state in LIVE for search in searches),
        clear_url=f"{here}?{asked.query(state='', q='')}",
    )


def authorisations_here() -> list[Authorisation]:
    """Return the authorisations that can be chosen; one that is not valid says so then."""
    return list(Authorisation.objects.order_by("-valid_until", "-id"))


def _rows(asked: Asked) -> QuerySet[Holding]:
    rows = Holding.objects.filter(VIEWS[asked.view][1])
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.text:
        rows = rows.filter(
            Q(value__icontains=asked.text) | Q(shown__icontains=asked.text)
        )
    return rows.order_by("-kind", "value", "pk")


def _row(row: Holding, trails: list[attribution.Trail], *, url: str) -> HoldingRow:
    best = trails[0] if trails else ()
    worth = notes(row.facts)
    return HoldingRow(
        url=url,
        shown=row.shown,
        ascii=row.value if row.value != row.shown else "",
        kind=row.get_kind_display(),
        scope=scope_words(row),
        state=row.get_state_display(),
        how=attribution.sentence(best[-1], best[-2] if len(best) > 1 else None)
        if best
        else "",
        hops=len(best),
        sure=attribution.in_words(row.confidence),
        percent=percent(row),
        band=worth[0].band if worth else "",
        note=worth[0].text if worth else "",
        more=max(0, len(worth) - 1),
        seen=row.last_seen,
    )


def percent(row: Holding) -> int:
    """Return how sure we are in percent; only what is certain is 100."""
    return min(99, round(row.confidence * 100)) if row.confidence < 1 else 100


def scope_words(row: Holding) -> str:
    """Return where a holding stands."""
    if row.in_scope and row.answer != OwnerAnswer.NOT_OURS:
        return "In scope"
    return {
        OwnerAnswer.NONE: "To answer",
        OwnerAnswer.OURS: "Ours, not in scope",
        OwnerAnswer.NOT_OURS: "Not ours",
    }[OwnerAnswer(row.answer)]


def _claim(counts: dict[str, int]) -> str:
    if not counts["all"]:
        return "No names were looked up yet"
    waiting = counts["candidates"]
    if waiting:
        return f"{waiting} thing{pluralize(waiting)} on the internet may be yours, too"
    held = counts["scope"]
    return f"{held} name{pluralize(held)}, addresses and ranges are in scope"


def _lead(searches: list[NameSearch]) -> str:
    text = (
        "Nothing is sent to what is not in the signed scope. An owner says what is theirs; "
        "then it can be added, and is signed for."
    )
    if searches and searches[0].state in LIVE:
        done = searches[0].counts.get("names", 0)
        return f"Names are being looked up: {done} so far. {text}"
    return text
