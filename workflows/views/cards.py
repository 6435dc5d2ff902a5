"""The cards of Today: what waits for the reader, with what they need to decide."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from common.words import GRADE
from exposure.logic.priority import Band
from exposure.services.paths import PathAnswer
from tenants.access import MemberRequest
from workflows.logic.lifecycle import OPEN
from workflows.logic.signoff import slot_of
from workflows.models import Case, Decision
from workflows.services.people import as_member
from workflows.views.answers import answers, pair_of, with_answers
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


def asks_of(request: MemberRequest, answer: PathAnswer | None) -> Asks:
    """Return what waits for the reader of the page."""
    member = request.membership
    order = (urgency("case__band").desc(), "case__decide_by")
    related = ("case__finding__service", "proposer")
    rows = (to_answer(member) | to_carry_out(member)).distinct()
    rows = rows.select_related(*related).order_by(*order)
    decisions = list(rows.prefetch_related(with_answers("case__decisions")))
    keys = _ordered(to_propose(member), answer) if member.is_provider else []
    return Asks(
        answer=[_to_answer(request, row) for row in decisions if row.state in OPEN],
        carry_out=[
            _to_carry_out(request, row) for row in decisions if row.state not in OPEN
        ],
        propose=list(_to_propose(request, _read(keys[:MOST_PROPOSALS]), answer)),
        propose_count=len(keys),
    )


def _ordered(cases: QuerySet[Case], answer: PathAnswer | None) -> list[uuid.UUID]:
    """Return the cases by when to act, then by what is reached through them."""
    found = answer.analysis.findings if answer else ()
    through = {row.finding_id: row.through for row in found}

    def key(row: tuple[uuid.UUID, uuid.UUID, str, int]) -> tuple[int, float, int]:
        _, finding_id, band, number = row
        return -Band(band).rank, -through.get(str(finding_id), 0.0), number

    rows = cases.values_list("pk", "finding_id", "band", "finding__number")
    return [row[0] for row in sorted(rows, key=key)]


def _read(keys: list[uuid.UUID]) -> list[Case]:
    rows = Case.objects.select_related("finding__service").prefetch_related(
        with_answers()
    )
    by_key = {row.pk: row for row in rows.filter(pk__in=keys)} if keys else {}
    return [by_key[key] for key in keys]


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
    request: MemberRequest, cases: list[Case], answer: PathAnswer | None
) -> Iterator[Ask]:
    leads = {row.finding_id: row for row in answer.analysis.findings} if answer else {}
    names = (
        {line.line_id: line.name for line in answer.analysis.lines} if answer else {}
    )
    for case in cases:
        finding, found = case.finding, leads.get(str(case.finding_id))
        lines = [names[line_id] for line_id in found.line_ids] if found else []
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
                    f"{found.through:.1f} units" if found else "None",
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
