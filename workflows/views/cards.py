"""The cards of Today: what waits for the reader, with what they need to decide."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse

from common.words import GRADE
from exposure.models import Finding
from exposure.services.figures import Newest
from tenants.access import MemberRequest
from workflows.logic.lifecycle import OPEN
from workflows.logic.signoff import slot_of
from workflows.models import Case, Decision
from workflows.services.cases import with_answers
from workflows.services.people import as_member
from workflows.views.answers import answers, pair_of
from workflows.views.decision_panel import moment_of
from workflows.views.waiting import to_answer, to_carry_out, to_propose, urgency
from workflows.views.wording import exposure_of, listed, sentence_of, stop_of

MOST_PROPOSALS = 5  # the list of exposures shows the others


@dataclass(frozen=True, slots=True)
class Ask:
    """One card; see its template."""

    ref: str
    port: int
    band: str
    pair: Mapping[str, str]
    origin: str
    origin_at: dt.datetime
    headline: str
    asked: str
    question: str
    facts: list[tuple[str, str]]
    url: str
    sign_word: str
    wanted_by: dt.datetime | None = None
    note: str = ""
    note_url: str = ""


@dataclass(frozen=True, slots=True)
class Asks:
    """All cards of a reader, most urgent first in each kind."""

    answer: list[Ask]
    carry_out: list[Ask]
    propose: list[Ask]
    propose_count: int

    @property
    def cards(self) -> list[Ask]:
        """Return the cards in the order they are shown."""
        return [*self.answer, *self.carry_out, *self.propose]


def asks_of(request: MemberRequest, answer: Newest | None, *, unproposed: int) -> Asks:
    """Return what waits for the reader; `unproposed` is how many have no proposal."""
    member = request.membership
    order = (urgency("case__band").desc(), "case__decide_by")
    related = ("case__finding__service", "proposer")
    rows = (to_answer(member) | to_carry_out(member)).distinct()
    rows = rows.select_related(*related).order_by(*order)
    decisions = list(rows.prefetch_related(with_answers("case__decisions")))
    first = list(to_propose(member)[:MOST_PROPOSALS])
    return Asks(
        answer=[_to_answer(request, row) for row in decisions if row.state in OPEN],
        carry_out=[
            _to_carry_out(request, row) for row in decisions if row.state not in OPEN
        ],
        propose=list(_to_propose(request, _read(first), answer)),
        propose_count=unproposed if first else 0,
    )


def _read(findings: list[Finding]) -> list[Case]:
    """Return their cases in the same order."""
    rows = Case.objects.select_related("finding__service").prefetch_related(
        with_answers()
    )
    keys = [finding.pk for finding in findings]
    by_key = {row.finding_id: row for row in rows.filter(finding__in=keys)}
    return [by_key[key] for key in keys if key in by_key]


def _to_answer(request: MemberRequest, decision: Decision) -> Ask:
    case = decision.case
    versions = list(case.decisions.all())
    slot = slot_of(as_member(request.membership))
    before = answers(versions, slots=[slot])[slot]
    note, url = "", _url(request, case)
    if before.code == "stale":
        note = (
            f"You signed version {before.version}. Version {decision.version} says "
            "something else or rests on other evidence, so it needs a new signature."
        )
    return Ask(
        ref=case.finding.ref,
        port=case.finding.service.port,
        band=case.band,
        pair=pair_of(versions, slots=case.slots),
        origin=f"proposed by {decision.proposer},",
        origin_at=decision.proposed_at,
        headline=sentence_of(case.finding.title),
        asked="You are asked to agree",
        question=decision.action,
        facts=_cost(decision),
        note=note,
        note_url=f"{url}#signoff" if note else "",
        url=url,
        sign_word="Read evidence and decide",
        wanted_by=case.decide_by,
    )


def _to_carry_out(request: MemberRequest, decision: Decision) -> Ask:
    case = decision.case
    versions = list(case.decisions.all())
    signed = [each.signed_at for each in versions[0].signatures.all()]
    return Ask(
        ref=case.finding.ref,
        port=case.finding.service.port,
        band=case.band,
        pair=pair_of(versions, slots=case.slots),
        origin="agreed by all sides,",
        origin_at=max(signed, default=decision.proposed_at),
        headline=sentence_of(case.finding.title),
        asked="You agreed to do",
        question=decision.action,
        facts=_cost(decision),
        url=f"{_url(request, case)}#signoff",
        sign_word="Open and say when it is done",
    )


def _to_propose(
    request: MemberRequest, cases: list[Case], answer: Newest | None
) -> Iterator[Ask]:
    names = {line.id: line.name for line in answer.lines} if answer else {}
    for case in cases:
        finding = case.finding
        lines = [names[key] for key in map(str, finding.line_ids) if key in names]
        yield Ask(
            ref=finding.ref,
            port=finding.service.port,
            band=case.band,
            pair=pair_of(list(case.decisions.all()), slots=case.slots),
            origin="found",
            origin_at=finding.detected_at,
            headline=sentence_of(finding.title),
            asked="You are asked to propose a treatment",
            question=case.reason,
            facts=[
                (
                    "Exposure through it",
                    f"{finding.through:.1f} units" if answer else "None",
                ),
                ("Evidence", GRADE[finding.grade].label),
                ("Leads to", listed(lines) or "No line"),
            ],
            url=f"{_url(request, case)}#signoff",
            sign_word="Read evidence and propose",
            wanted_by=case.decide_by,
        )


def _cost(decision: Decision) -> list[tuple[str, str]]:
    rows = [
        ("Production downtime", stop_of(decision.downtime_minutes)),
        ("Exposure", exposure_of(decision)),
        ("What you lose", decision.lost_meanwhile),
        ("Effect on safety", decision.safety_effect),
        ("Undo", decision.undo),
    ]
    if decision.window_start:
        rows.append(("Window", moment_of(decision.window_start)))
    return rows


def _url(request: MemberRequest, case: Case) -> str:
    return reverse("workflows:finding", args=[request.workspace.slug, case.finding.ref])
