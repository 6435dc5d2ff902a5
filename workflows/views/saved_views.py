"""The saved views of the list of exposures, each as a filter over findings."""

import re
from collections.abc import Callable, Mapping

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from exposure.models import COUNTED, Finding, FindingState
from tenants.models import User
from workflows.logic.lifecycle import OPEN
from workflows.models import Decision, Signature

LABELS: Mapping[str, str] = {
    "open": "Open",
    "needs-it": "Needs IT",
    "needs-ot": "Needs OT",
    "verifying": "Verifying",
    "closed": "Closed",
}
DECIDED = "decided"
NUMBER = re.compile(r"(?:SL-)?([1-9][0-9]{0,8})", re.IGNORECASE)


def _waits_for(slot: str) -> Q:
    """Match the findings with an open proposal that this side has not answered."""
    answered = Signature.objects.filter(decision=OuterRef("pk"), slot=slot)
    open_ones = Decision.objects.filter(
        ~Exists(answered),
        case__finding=OuterRef("pk"),
        state__in=OPEN,
        case__slots__contains=[slot],
    )
    return Q(Exists(open_ones))


FILTERS: Mapping[str, Callable[[], Q]] = {
    "open": lambda: Q(state__in=COUNTED),
    "needs-it": lambda: _waits_for("it"),
    "needs-ot": lambda: _waits_for("ot"),
    "verifying": lambda: Q(state=FindingState.VERIFYING),
    "closed": lambda: Q(state__in=[FindingState.CLOSED, FindingState.DISPROVED]),
}


def counts() -> dict[str, int]:
    """Return how many findings each saved view holds, with one query."""
    keys = {key: key.replace("-", "_") for key in LABELS}
    totals = Finding.objects.aggregate(
        **{name: Count("pk", filter=FILTERS[key]()) for key, name in keys.items()}
    )
    return {key: totals[name] for key, name in keys.items()}


def findings_in(view: str, *, text: str, reader: User) -> QuerySet[Finding]:
    """Return the findings of a view that match the filter text.

    The text is looked for in title and asset, and as a number such as SL-12.
    """
    if view == DECIDED:
        mine = Signature.objects.filter(
            decision__case__finding=OuterRef("pk"), person=reader
        )
        rows = Finding.objects.filter(Exists(mine))
    else:
        rows = Finding.objects.filter(FILTERS[view]())
    if not text:
        return rows
    match = Q(title__icontains=text) | Q(asset__name__icontains=text)
    number = NUMBER.fullmatch(text)
    if number:
        match |= Q(number=int(number[1]))
    return rows.filter(match)
