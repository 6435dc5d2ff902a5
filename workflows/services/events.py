"""Writes down what happened, once, in the transaction in which it happened."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from exposure.models import Run
from tenants.models import User, Workspace, next_number
from tenants.scope import current_workspace_id
from tenants.services import ledger
from tenants.services.jobs import enqueue
from workflows.models import Case, Event

MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about: `object_ref` as people say it, and its page.

    `path` is below the workspace, such as "exposures/SL-12/".
    """

    object_ref: str
    path: str = ""
    case: Case | None = None
    site_id: uuid.UUID | None = None

    @classmethod
    def finding(cls, case: Case) -> "About":
        """Return what an event about the finding of a case points at."""
        ref = case.finding.ref
        site_id = case.finding.asset.site_id
        return cls(ref, path=f"exposures/{ref}/", case=case, site_id=site_id)

    @classmethod
    def run(cls, run: Run) -> "About":
        """Return what an event about a run points at."""
        path = f"runs/{run.number}/"
        return cls(object_ref=run_ref(run), path=path, site_id=run.site_id)


def run_ref(run: Run) -> str:
    """Return the reference of a run, such as "run 3"."""
    return f"run {run.number}"


@transaction.atomic
def record(
    event_type: str,
    *,
    text: str,
    about: About,
    actor: User | None = None,
    data: Mapping[str, Any] | None = None,
    proof: Mapping[str, Any] | None = None,
) -> Event:
    """Append an event to timeline and ledger and let it be announced: all or nothing.

    `text` is what members read; `data` holds JSON values and goes out by webhook, so
    it names ids, states and bands, never addresses or devices. `proof` holds hashes
    for the ledger alone.
    """
    ledger.append(
        event_type,
        about=about.object_ref,
        by=actor,
        text=text,
        change=ledger.Change(after={**(data or {}), **(proof or {})}),
        site_id=about.site_id,
    )
    return tell(event_type, text=text, about=about, actor=actor, data=data)


def tell(
    event_type: str,
    *,
    text: str,
    about: About,
    actor: User | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Let people know of what the ledger holds already."""
    slug = Workspace.objects.values_list("slug", flat=True).get(
        pk=current_workspace_id()
    )
    event = Event.objects.create(
        type=event_type,
        at=timezone.now(),
        actor=actor,
        case=about.case,
        object_ref=about.object_ref,
        sequence=next_number(f"ev {about.object_ref}"),
        text=text[:MAX_TEXT],
        path=f"/w/{slug}/{about.path}",
        site_id=about.site_id,
        data=dict(data or {}),
    )
    enqueue("workflows.announce", key="flow")
    return event
