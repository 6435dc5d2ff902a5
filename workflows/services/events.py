"""Writes down what happened, once, in the transaction in which it happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from exposure.models import Run
from tenants.models import User, Workspace, next_number
from tenants.scope import current_workspace_id
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

    @classmethod
    def finding(cls, case: Case) -> "About":
        """Return what an event about the finding of a case points at."""
        ref = case.finding.ref
        return cls(object_ref=ref, path=f"exposures/{ref}/", case=case)

    @classmethod
    def run(cls, run: Run) -> "About":
        """Return what an event about a run points at."""
        return cls(object_ref=run_ref(run), path=f"runs/{run.number}/")


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
) -> Event:
    """Append an event to the timeline and let it be announced: both or neither.

    `text` is what members read; `data` holds JSON values and goes out by webhook, so
    it names ids, states and bands, never addresses or devices.
    """
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
        data=dict(data or {}),
    )
    enqueue("workflows.announce", key="flow")
    return event
