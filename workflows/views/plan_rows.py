"""The changes of a plan with their sign-off, as pages read them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import slugify
from django.urls import reverse

from exposure.logic.paths.plans.answer import ChangeRow
from exposure.models import Plan
from workflows.logic.lifecycle import COVERING
from workflows.models import Decision, DecisionState, Kind
from workflows.services.plan_desk import Behind, Planned, Standing
from workflows.views.answers import pair_of
from workflows.views.wording import counted, listed, sides

MOST_NAMED = 4
# The weakest first: what stands against a change before what is only not there yet.
WEAKEST = ("rejected", "changes", "stale", "waiting", "signed")
WORDS = {
    Standing.READY: "not proposed yet",
    Standing.SENT: "proposed",
    Standing.AGREED: "agreed",
    Standing.CLAIMED: "said to be done",
    Standing.UNROUTED: "not routed to anybody yet",
    Standing.BUSY: "being tested now, so nothing can be proposed",
}
ENDED = {
    DecisionState.REJECTED: "rejected",
    DecisionState.RETURNED: "changes asked for",
    DecisionState.DISPUTED: "disputed",
    DecisionState.WITHDRAWN: "withdrawn",
    DecisionState.VOIDED: "void",
}


@dataclass(frozen=True, slots=True)
class BehindRow:
    """One exposure behind a change; `pair` is empty where nobody answers for it."""

    ref: str
    url: str
    title: str
    asset: str
    pair: Mapping[str, str]
    who: str
    state: str


@dataclass(frozen=True, slots=True)
class StopRow:
    """One line that stands still, and from when (None without windows)."""

    line: str
    hours: float
    starts: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PairRow:
    """The sign-off of one change in the table of a plan; `token` is its cell."""

    token: str
    pair: Mapping[str, str]
    state: str
    behind: Sequence[BehindRow]


@dataclass(frozen=True, slots=True)
class SentRow:
    """What was sent of a plan, by whom last, and what became of it."""

    at: dt.datetime
    by: str
    words: str


def token_of(change_id: str) -> str:
    """Return what names the cell of a change, as its template does."""
    return slugify(change_id)


def behind_rows(slug: str, planned: Planned) -> list[BehindRow]:
    """Return the exposures behind a change, those to act on first."""
    return [_behind(slug, each) for each in planned.behind]


def pair_row(slug: str, planned: Planned) -> PairRow:
    """Return the sign-off of a change: of each side the weakest of all answers."""
    rows = behind_rows(slug, planned)
    return PairRow(
        token=token_of(planned.change.id),
        pair=weakest(row.pair for row in rows),
        state=_states(rows),
        behind=rows,
    )


def weakest(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return for each side that must answer anywhere its weakest answer.

    >>> weakest([{"it": "signed", "ot": "waiting"}, {"it": "stale"}])
    {'it': 'stale', 'ot': 'waiting'}
    """
    said: dict[str, str] = {}
    for pair in pairs:
        for slot, code in pair.items():
            before = said.get(slot, WEAKEST[-1])
            said[slot] = min(before, code, key=WEAKEST.index)
    return said


def stop_rows(change: ChangeRow, names: Mapping[str, str]) -> list[StopRow]:
    """Return which lines stand still for a change."""
    return [
        StopRow(
            line=names.get(stop.line_id, ""),
            hours=stop.hours,
            starts=dt.datetime.fromisoformat(stop.starts) if stop.starts else None,
        )
        for stop in change.stops
    ]


def sent_row(row: Plan) -> SentRow | None:
    """Return what was sent of a plan; None while nothing was. One query."""
    rows = (
        Decision.objects.filter(plan=row)
        .select_related("proposer")
        .only("case_id", "state", "proposed_at", "proposer__name", "version")
        .order_by("version")
    )
    newest = {each.case_id: each for each in rows}
    if not newest:
        return None
    last = max(newest.values(), key=lambda each: each.proposed_at)
    return SentRow(last.proposed_at, str(last.proposer), _outcome(newest.values()))


def outside(planned: Planned) -> str:
    """Return why a change is agreed outside the product; "" if it is not."""
    if planned.behind:
        return ""
    if planned.treated:
        return f"{told_elsewhere(planned)} Nothing is left to sign for this one alone."
    return (
        "No exposure can be reached over it alone, and people sign for exposures here. "
        "Agree on it in your own change procedure."
    )


def told_elsewhere(planned: Planned) -> str:
    """Return which exposures behind a change other changes of the plan treat."""
    refs = [f"{ref} (change {place})" for ref, place in planned.treated.items()]
    if not refs:
        return ""
    named = listed([*refs[:MOST_NAMED], *_rest(refs)])
    return f"Other changes treat what stands behind it too: {named}."


def _rest(refs: Sequence[str]) -> list[str]:
    more = len(refs) - MOST_NAMED
    return [f"{more} more"] if more > 0 else []


def _behind(slug: str, each: Behind) -> BehindRow:
    finding, case = each.finding, each.case
    # Who signed another treatment has not signed this change.
    signs = case is not None and each.standing != Standing.OTHER
    pair = pair_of(each.decisions, slots=case.slots) if case and signs else {}
    return BehindRow(
        ref=finding.ref,
        url=reverse("workflows:finding", args=[slug, finding.ref]),
        title=finding.title,
        asset=finding.asset.name,
        pair=pair,
        who=sides(case.slots) if case else "",
        state=_state(each),
    )


def _state(each: Behind) -> str:
    newest = each.newest
    if each.standing == Standing.GONE:
        return each.finding.get_state_display().lower()
    if each.standing == Standing.OTHER and newest is not None:
        kind = Kind(newest.kind).label.lower()
        return f"another treatment is open: {kind}, version {newest.version}"
    if each.standing == Standing.READY and newest is not None:
        ended = ENDED.get(DecisionState(newest.state), "")
        return f"version {newest.version} {ended}" if ended else "open again"
    word = WORDS[each.standing]
    return f"{word}, version {newest.version}" if newest else word


def _states(rows: Sequence[BehindRow]) -> str:
    """Return the state of all, or how many are in each."""
    states: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + 1
    if len(states) <= 1:
        return next(iter(states), "")
    return "; ".join(f"{number} {state}" for state, number in states.items())


def _outcome(newest: Iterable[Decision]) -> str:
    rows = list(newest)
    done = {*COVERING, DecisionState.COMPLETED}
    signed = sum(each.state in done for each in rows)
    ended = sum(each.state in ENDED for each in rows)
    words = f"{signed} of {counted(len(rows), 'proposal')} signed by all sides"
    return f"{words}, {ended} ended without agreement" if ended else words
