"""Some plans side by side: figures as columns, changes and lines as rows."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.models import Plan
from exposure.services import paths as answers
from exposure.services import plans as service
from exposure.services.plans import Wish
from exposure.views.board_page import stored_work
from exposure.views.board_rows import (
    Figures,
    figures_of,
    own_figures,
    proven_words,
)
from exposure.views.links import link
from exposure.views.plan_rows import names_in
from exposure.views.plans import page_of_plans
from tenants.access import MemberRequest, needs
from tenants.rights import Right

FEWEST, MOST = 2, 4
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One plan, its address and figures."""

    plan: Plan
    url: str
    by_hand: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class ChangeTicks:
    """One change, and for each plan: whether it makes it."""

    label: str
    ticks: list[bool]


@dataclass(frozen=True, slots=True)
class LineUnits:
    """One line, and for each plan its units before and after; None: it has no such."""

    name: str
    units: list[tuple[float, float] | None]


@require_safe
@needs(Right.READ)
def compare(request: MemberRequest) -> HttpResponse:
    """Show two to four finished plans, `plan` in the query, side by side."""
    if not service.may_see():
        return page_of_plans(request)
    asked = request.GET.getlist("plan")
    ids = list(dict.fromkeys(_ids(asked[: MOST + 1])))
    rows = Plan.objects.filter(pk__in=ids, result__isnull=False)
    found = [
        (row, answer)
        for row in rows.select_related("revision", "made_by")
        .defer(*(f"revision__{name}" for name in answers.HEAVY))
        .order_by("number")
        if (answer := service.answer_of(row)) is not None
    ]
    names = _names(row for row, _ in found)
    is_shown = FEWEST <= len(found) <= MOST and len(asked) <= MOST
    changes = list(_changes([answer for _, answer in found])) if is_shown else []
    context = {
        "columns": [_column(request, *each, names=names) for each in found]
        if is_shown
        else [],
        "changes": changes[:MOST_ROWS],
        "more": max(len(changes) - MOST_ROWS, 0),
        "lines": _lines([answer for _, answer in found], names) if is_shown else [],
        "revisions": sorted({row.revision.number for row, _ in found}),
        "has_other_worlds": len({(a.seed, a.fresh_worlds) for _, a in found}) > 1,
        "fewest": FEWEST,
        "most": MOST,
        "plans_url": link(request, "exposure:plans"),
    }
    return render_page(request, "exposure/plans/compare.html", context)


def _ids(asked: Sequence[str]) -> Iterator[uuid.UUID]:
    """Yield the ids among what an address says; what is none is left out."""
    for each in asked:
        try:
            yield uuid.UUID(each)
        except ValueError:
            continue


def _names(rows: Iterator[Plan]) -> dict[str, str]:
    names: dict[str, str] = {}
    for revision in {row.revision_id for row in rows}:
        names |= names_in(answers.snapshot_of(revision))
    return names


def _column(
    request: MemberRequest, plan: Plan, answer: Answer, *, names: dict[str, str]
) -> Column:
    by_hand = Wish.of(plan.wish).chosen is not None
    return Column(
        plan=plan,
        url=link(request, "exposure:plan", plan=plan.pk),
        by_hand=by_hand,
        figures=figures_of(
            own_figures(answer),
            stored_work(answer),
            answer=answer,
            names=names,
            zones={},
            proven="" if by_hand else proven_words(answer),
        ),
    )


def _changes(found: Sequence[Answer]) -> Iterator[ChangeTicks]:
    """Yield the changes that any plan makes: what most of them make first."""
    made = [{row.id for row in each.changes if row.place} for each in found]
    labels = {row.id: row.label for each in found for row in each.changes}
    ticks = {change: [change in each for each in made] for change in set().union(*made)}
    for change in sorted(ticks, key=lambda key: (-sum(ticks[key]), labels[key], key)):
        yield ChangeTicks(labels[change], ticks[change])


def _lines(found: Sequence[Answer], names: dict[str, str]) -> list[LineUnits]:
    tables = [
        {row.line_id: (row.exposure_before, row.exposure) for row in each.lines}
        for each in found
    ]
    lines = {line for table in tables for line, units in table.items() if any(units)}
    rows = [
        LineUnits(names.get(line, ""), [table.get(line) for table in tables])
        for line in sorted(lines, key=lambda key: (names.get(key, ""), key))
    ]
    return rows[:MOST_ROWS]
