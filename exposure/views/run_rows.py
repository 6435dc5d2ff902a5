"""Rows of one run's page: who works on it, what was refused and why, what changed."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from exposure.models import PartState, Run, RunEvent, RunPart, TargetState, Vantage
from exposure.services.drift import Summary, changes
from exposure.services.run_counts import REFUSED

MOST_REASONS = 6
MOST_CHANGES = 6
MOST_REFUSALS = 500
HERE, ELSEWHERE = "This installation", "another site"
# What differs from refusal to refusal of one reason: addresses and numbers of ports.
PLACE = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]*:[0-9a-f:]+\b")
PORTS = re.compile(r"^refused by scope, \d+ ports, nothing sent: ")


@dataclass(frozen=True, slots=True)
class PartRow:
    """What one worker does; `band` when it is waited for."""

    name: str
    state: str
    since: dt.datetime
    band: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why something was not sent, and to how many."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing that changed."""

    address: str
    kind: str
    text: str


def parts_of(run: Run) -> list[PartRow]:
    """Return who works on a run, the installation's own worker first."""
    done = Count("pk", filter=Q(state=TargetState.DONE))
    counted = (
        run.targets.order_by()
        .values("vantage_id", "vantage__own_worker")
        .annotate(n=Count("pk"), done=done)
    )
    totals: dict[object, tuple[int, int]] = {}
    for row in counted:
        key = row["vantage_id"] if row["vantage__own_worker"] else None
        n, ready = totals.get(key, (0, 0))
        totals[key] = n + row["n"], ready + row["done"]
    parts = run.parts.select_related("vantage").order_by("vantage__name")
    rows = [_part(part, totals.get(part.vantage_id, (0, 0))) for part in parts]
    return sorted(
        (row for row in rows if row.total or row.band), key=lambda row: row.name != HERE
    )


def _part(part: RunPart, counted: tuple[int, int]) -> PartRow:
    total, done = counted
    # None: a place inside a site that is not the reader's.
    vantage: Vantage | None = getattr(part, "vantage", None)
    name = HERE if part.vantage_id is None else ELSEWHERE
    missing = False
    if vantage is not None:
        name, missing = vantage.name, not vantage.has_worker
    waits = part.state != PartState.DONE and missing
    state = PartState.WAITING.label if waits else part.get_state_display()
    if part.state == PartState.WAITING and not waits:
        state = "Waits for its turn"
    return PartRow(
        name=name,
        state=state,
        since=part.since,
        band="out_of_cycle" if waits else "",
        done=done,
        total=total,
    )


def refusals_of(run: Run) -> list[ReasonRow]:
    """Return the reasons why something was not sent, the most frequent first."""
    lines = RunEvent.objects.filter(run=run, text__startswith=REFUSED)
    texts = lines.order_by("-at").values_list("text", flat=True)[:MOST_REFUSALS]
    counted = Counter(_reason(text) for text in texts)
    return [ReasonRow(text, n) for text, n in counted.most_common(MOST_REASONS)]


def _reason(text: str) -> str:
    plain = PORTS.sub("", text).removeprefix("refused: ").removesuffix(", nothing sent")
    words = PLACE.sub("an address", plain)
    return words[:1].upper() + words[1:]


def changes_of(run: Run, summary: Summary) -> list[ChangeRow]:
    """Return the first changes that are not new services: those have a list already."""
    if not (summary.changed or summary.gone or summary.back):
        return []
    rows = changes(run=run).exclude(kind="new")[:MOST_CHANGES]
    return [
        ChangeRow(
            address=f"{row.service.address} : {row.service.port}",
            kind=row.get_kind_display(),
            text=in_words(row.before, row.after),
        )
        for row in rows
    ]


def in_words(before: str, after: str) -> str:
    """Return what was and what is, as far as something was said."""
    return (
        " → ".join(each or "nothing" for each in (before, after))
        if before or after
        else ""
    )


def compared(summary: Summary, earlier: Run | None) -> str:
    """Return how a run compares with the one before it, in one line."""
    told: Iterable[tuple[int, str]] = (
        (summary.new, "new"),
        (summary.changed, "changed"),
        (summary.back, "back"),
        (summary.gone, "gone"),
        (summary.unchanged, "unchanged"),
    )
    words = [f"{n} {word}" for n, word in told if n or word not in {"back"}]
    before = f"Compared with run {earlier.number}: " if earlier else "First run here: "
    return before + ", ".join(words) + "."
