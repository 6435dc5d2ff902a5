"""Which customers have X: a product, protocol, port, check or words of a title.

It tells a provider's people how many and how bad, for the customers they may look at now;
which devices these are is said on the customer's own pages.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from exposure.logic.priority import Band
from tenants.models import Membership, User
from tenants.rollup import rollup_rows, rollup_scope
from tenants.services.fresh import ask_for_second
from workflows.views.customers import customers_of, lacks_second
from workflows.views.saved_views import asked_text
from workflows.views.wording import counted

PORT = range(1, 65536)

# One short walk for each customer, as in the roll-up; the rows carry no names and no
# addresses.
HAVING = """
SELECT here.id, found.* FROM unnest(current_setting('app.workspace_ids')::uuid[]) AS here (id)
CROSS JOIN LATERAL (
  SELECT sum(services), sum(exposures), max(grade), max(urgency), max(last_seen)
  FROM exposure_occurrence
  WHERE workspace_id = here.id AND (
    words LIKE %(pattern)s OR protocol = %(word)s OR port = %(port)s
  ) HAVING count(*) > 0
) found
"""


@dataclass(frozen=True, slots=True)
class Having:
    """One customer that has it; `grade` and `band` are "" when nothing is open."""

    name: str
    url: str
    services: int
    exposures: int
    grade: str
    band: str
    last_seen: dt.datetime
    urgency: int


@require_safe
@login_required
def having(request: HttpRequest) -> HttpResponse:
    """Show which of the reader's customers have what is asked for."""
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the decorator
    memberships, provider = customers_of(request.user)
    if lacks_second(request, memberships):
        return ask_for_second(request)
    text = asked_text(request)
    rows = _rows(memberships, text) if text else []
    context = {
        "claim": _claim(rows, text, of=len(memberships)),
        "q": text,
        "rows": rows,
        "provider": provider,
        "nav": {"customer_count": len(memberships)},
    }
    return render(request, "workflows/having.html", context)


def _claim(rows: Sequence[Having], text: str, *, of: int) -> str:
    if not text:
        return "Which customers have it?"
    if not rows:
        return f"None of {counted(of, 'customer')} has it, by what runs have seen"
    verb = "has" if len(rows) == 1 else "have"
    return f"{len(rows)} of {counted(of, 'customer')} {verb} it"


def _rows(memberships: Sequence[Membership], text: str) -> list[Having]:
    with rollup_scope(row.workspace_id for row in memberships):
        found = {key: rest for key, *rest in rollup_rows(HAVING, _values(text))}
    rows = [_row(row, found, text) for row in memberships if row.workspace_id in found]
    return sorted(rows, key=lambda row: (-row.urgency, -row.exposures, row.name))


def _values(text: str) -> dict[str, Any]:
    """Return the values of the query; signs that LIKE knows are meant as they stand."""
    literal = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    port = int(text) if text.isascii() and text.isdecimal() else 0
    return {
        "pattern": f"%{literal}%",
        "word": text.lower(),
        "port": port if port in PORT else None,
    }


def _row(
    membership: Membership, found: Mapping[uuid.UUID, Sequence[Any]], text: str
) -> Having:
    workspace = membership.workspace
    services, exposures, grade, urgency, last_seen = found[workspace.pk]
    where = reverse("workflows:exposures", args=[workspace.slug])
    return Having(
        name=workspace.name,
        url=f"{where}?{urlencode({'q': text})}",
        services=services,
        exposures=exposures,
        grade=grade,
        band=list(Band)[urgency - 1].value if urgency else "",
        last_seen=last_seen,
        urgency=urgency,
    )
