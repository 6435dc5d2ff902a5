"""What the page of a closed exposure says about the ways that are left."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from exposure.logic.paths.sight import ELSEWHERE
from exposure.services.aftermath import Aftermath, LineAfter
from tenants.scope import site_limit
from workflows.views.wording import counted, listed

MOST_WAYS = 4
"""No more ways are named to one line; there may be others."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; see workflows/findings/_after_close.html."""

    name: str
    url: str
    before: float | None
    after: float
    now: float
    still: str


@dataclass(frozen=True, slots=True)
class AfterClose:
    """The panel: one sentence, and each line with its units; see the template."""

    kind: str
    claim: str
    text: str
    lines: list[LineRow]
    total: LineRow | None = None
    revision: int = 0
    at: dt.datetime | None = None


NOT_COUNTED = AfterClose(
    kind="",
    claim="Not counted yet.",
    text="The attack paths were last counted before it was closed; they are counted anew soon.",
    lines=[],
)


def after_close(
    found: Aftermath | None, *, line_url: Callable[[str], str]
) -> AfterClose:
    """Return the panel; `line_url` gives the paths to a line (by its id)."""
    if found is None:
        return NOT_COUNTED
    reached = [line for line in found.lines or () if line.is_reached]
    before, after, now = found.units
    kind, claim, text = _said(found, reached)
    return AfterClose(
        kind=kind,
        claim=claim,
        text=text,
        lines=[_row(line, line_url(line.id)) for line in found.lines or ()],
        total=LineRow(_all_lines(), "", before, after, now, ""),
        revision=found.now,
        at=found.at,
    )


def _said(found: Aftermath, reached: list[LineAfter]) -> tuple[str, str, str]:
    if found.lines is None:
        text = "It was not kept then which lines it led to."
        return "", "Counted without it.", text
    if not found.lines:
        whose = "no line" if site_limit() is None else "none of your lines"
        return "", "Counted without it.", f"It led to {whose}."
    if not reached:
        names = listed(line.name for line in found.lines)
        return "", "The way is gone:", f"no way leads to {names} any more."
    names = listed(line.name for line in reached)
    verb = "is" if len(reached) == 1 else "are"
    gone = [line.name for line in found.lines if not line.is_reached]
    text = f"No way leads to {listed(gone)} any more." if gone else ""
    return "next", f"Closed, but {names} {verb} still reached.", text


def _row(line: LineAfter, url: str) -> LineRow:
    return LineRow(
        line.name, url, line.before, line.after, line.now, still=_still(line)
    )


def _still(line: LineAfter) -> str:
    """Say by how many ways a line is reached, and what the best of them passes."""
    if not line.is_reached:
        return "No way any more"
    if line.ways is None:
        return "Still reached"
    least = "at least " if line.ways >= MOST_WAYS else ""
    by = f"By {least}{counted(line.ways, 'other way')}"
    # What stands at other sites side by side is one word.
    names = [name for name, _ in groupby(each or ELSEWHERE for each in line.through)]
    if not names:
        return by
    return (
        f"{by}; the best {'of them ' if line.ways > 1 else ''}through {listed(names)}"
    )


def _all_lines() -> str:
    return "All lines" if site_limit() is None else "All your lines"
