"""What the page of the history shows: a curve, and the reasons of each step."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import pluralize
from django.utils import dateformat, timezone
from django.utils.text import capfirst

from exposure.logic.charts import ChartStyle, StepChart, step_chart
from exposure.logic.paths.words import SMALL, moved_words
from exposure.services.history import Step
from exposure.services.revisions import MOST_DIFFERENCES

WIDE = ChartStyle(width=600, height=250)
MOST_REASONS = 5
MOST_STEPS = 4
MOST_DAYS = 4


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row; the fields are described in exposure/paths/history.html."""

    number: int
    url: str
    at: dt.datetime
    units: float
    moved: str
    reachable_lines: int
    engine: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The context of exposure/paths/history.html."""

    claim: str
    chart: StepChart | None
    most: list[StepRow]
    steps: list[StepRow]


def history_page(
    steps: Sequence[Step], *, revision_url: Callable[[int], str]
) -> HistoryPage:
    """Return the page of some steps, the newest first.

    `revision_url` gives the address of a revision, "" for who may not see it.
    """
    rows = [_row(step, url=revision_url(step.number)) for step in steps]
    moved = [
        (abs(step.moved), row)
        for step, row in zip(steps, rows, strict=True)
        if step.moved is not None and abs(step.moved) >= SMALL
    ]
    moved.sort(key=lambda each: -each[0])  # of equal ones the newer first
    return HistoryPage(
        claim=_claim(steps),
        chart=_chart(steps),
        most=[row for _, row in moved[:MOST_STEPS]],
        steps=rows,
    )


def _claim(steps: Sequence[Step]) -> str:
    if not steps:
        return "No path is computed yet"
    now, first = steps[0].units, steps[-1].units
    if len(steps) == 1:
        return f"{now:.1f} units of exposure, counted once"
    return f"{first:.1f} units on {_day(steps[-1].at)}, {now:.1f} now"


def _chart(steps: Sequence[Step]) -> StepChart | None:
    if len(steps) < 2:
        return None
    oldest_first = steps[::-1]
    return step_chart(
        [step.units for step in oldest_first], labels=_labels(oldest_first), style=WIDE
    )


def _labels(steps: Sequence[Step]) -> list[str]:
    """Return a day now and then, where it is another one than that before."""
    apart = max(1, -(-len(steps) // MOST_DAYS))
    labels, last = [""] * len(steps), ""
    for place in range(0, len(steps) - apart, apart):
        day = _day(steps[place].at)
        if day != last:
            labels[place] = last = day
    labels[0], labels[-1] = _day(steps[0].at), "now"
    return labels


def _day(moment: dt.datetime) -> str:
    return dateformat.format(timezone.localtime(moment), "j M")


def _row(step: Step, *, url: str) -> StepRow:
    return StepRow(
        number=step.number,
        url=url,
        at=step.at,
        units=step.units,
        moved=moved_words(step.moved),
        reachable_lines=step.reachable_lines,
        engine=step.engine,
        reasons=_reasons(step),
    )


def _reasons(step: Step) -> list[str]:
    """Return why there is this revision; the first few, then how many more."""
    words = [capfirst(each) for each in step.because[:MOST_REASONS]]
    more = len(step.because) - len(words)
    if more:
        # No more than so many are kept.
        full = len(step.because) + step.elsewhere >= MOST_DIFFERENCES
        words.append(f"and {'at least ' if full else ''}{more} more")
    if step.elsewhere:
        words.append(
            f"{step.elsewhere} change{pluralize(step.elsewhere)} at another site, or of "
            "what is not there any more"
        )
    return words or [step.reason]
