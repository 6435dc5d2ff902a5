"""The saved views of the list of exposures, each as a filter over findings."""

import re
from collections.abc import Callable, Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from exposure.models import COUNTED, GONE, Finding, FindingState
from tenants.models import User, Workspace
from tenants.scope import current_workspace_id
from workflows.logic.lifecycle import OPEN
from workflows.models import Decision, Signature
from workflows.views.waiting import ORDER, number_of

LABELS: Mapping[str, str] = {
    "open": "Open",
    "needs-it": "Needs IT",
    "needs-ot": "Needs OT",
    "verifying": "Verifying",
    "closed": "Closed",
}
DECIDED = "decided"
MOST_TEXT = 100
NUMBER = re.compile(r"(?:SL-)?([1-9][0-9]{0,8})", re.IGNORECASE)


def _waits_for(slot: str) -> Q:
    """Match the findings with an open proposal that this side has not answered."""
    answered = Signature.objects.filter(decision=OuterRef("pk"), slot=slot)
    open_ones = Decision.objects.filter(
        ~Exists(answered), state__in=OPEN, case__slots__contains=[slot]
    )
    return Q(pk__in=open_ones.values("case__finding"))


FILTERS: Mapping[str, Callable[[], Q]] = {
    "open": lambda: Q(state__in=COUNTED),
    "needs-it": lambda: _waits_for("it"),
    "needs-ot": lambda: _waits_for("ot"),
    "verifying": lambda: Q(state=FindingState.VERIFYING),
    "closed": lambda: Q(state__in=GONE),
}


def counts() -> dict[str, int]:
    """Return how many findings each saved view holds, with one query.

    Each is counted for itself: then an index answers, and no row is read.
    """
    names = {key: key.replace("-", "_") for key in LABELS}
    totals = (
        Workspace.objects.filter(pk=current_workspace_id())
        .annotate(
            **{
                name: number_of(Finding.objects.filter(FILTERS[key]()))
                for key, name in names.items()
            }
        )
        .values(*names.values())
        .get()
    )
    return {key: totals[name] or 0 for key, name in names.items()}


def asked_text(request: HttpRequest) -> str:
    """Return the text of the filter in one line, no longer than anybody types."""
    return " ".join(request.GET.get("q", "").replace("\0", "").split())[:MOST_TEXT]


def findings_in(view: str, *, text: str, reader: User) -> QuerySet[Finding]:
    """Return the findings of a view that match the filter text, in their order.

    The text is looked for in title, asset and product, as a check or a protocol, as the
    beginning of an address, as a port, and as a number such as SL-12.
    """
    if view == DECIDED:
        mine = Signature.objects.filter(
            decision__case__finding=OuterRef("pk"), person=reader
        )
        rows = Finding.objects.filter(Exists(mine))
    else:
        rows = Finding.objects.filter(FILTERS[view]())
    rows = rows.order_by(*ORDER)
    if not text:
        return rows
    match = Q(pk__in=RawSQL("SELECT finding_id FROM exposure_search(%s)", [text]))
    number = NUMBER.fullmatch(text)
    if number:
        match |= Q(number=int(number[1]))
    return rows.filter(match)
