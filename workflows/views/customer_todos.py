"""What a provider has to do for its customers, in the order of their table."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from tenants.models import Workspace
from workflows.views.customer_facts import Facts
from workflows.views.customer_rows import ATTENTION, authorised, last_run
from workflows.views.wording import age_of, counted, sides


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of the list; `band` is "" when it is ordinary work."""

    band: str
    customer: str
    url: str
    text: str
    link: str
    link_url: str


def todos_of(workspace: Workspace, facts: Facts, *, now: dt.datetime) -> Iterator[Todo]:
    """Yield what one customer needs from the provider."""
    slug = workspace.slug
    url = reverse("workflows:today", args=[slug])

    def todo(text: str, link: str, link_url: str, band: str = "") -> Todo:
        return Todo(band, workspace.name, url, text, link, link_url)

    permission = authorised(facts, now=now)
    if permission.band:
        scope = reverse("exposure:scope", args=[slug])
        text = f"authorisation {permission.text}; no run starts without one."
        yield todo(text, "Scope", scope, ATTENTION)
    run = last_run(facts)
    if run.band and facts.last_run:
        where = reverse("exposure:run", args=[slug, facts.last_run.number])
        yield todo(f"run {facts.last_run.number} failed.", "Log", where, ATTENTION)
    for slot, waits in sorted(facts.waits.items()):
        if waits.wanted_by <= now:
            many = counted(waits.count, "decision")
            age = age_of(waits.since, now=now)
            text = f"{many} overdue at {sides([slot])}, oldest {age}."
            where = f"{reverse('workflows:exposures', args=[slug])}?view=needs-{slot}"
            yield todo(text, "Exposures", where, ATTENTION)
    if facts.proposals:
        verb = "needs" if facts.proposals == 1 else "need"
        text = f"{counted(facts.proposals, 'exposure')} {verb} a proposal."
        yield todo(text, "Today", url)
