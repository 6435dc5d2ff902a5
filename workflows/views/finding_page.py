"""Everything one finding's page shows, read once and put together."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from exposure.logic.paths.results import Hop
from exposure.models import GONE, Evidence, EvidenceKind, Finding, Run
from exposure.services.aftermath import after_closing
from tenants.access import MemberRequest
from workflows.forms import AnswerForm, AttachForm, ProposalForm
from workflows.models import Case, Decision, Event
from workflows.services.cases import with_answers
from workflows.views.after_close import AfterClose, after_close
from workflows.views.evidence_rows import evidence_of, not_done, permission
from workflows.views.file_rows import files_part
from workflows.views.path_lead import lead_of
from workflows.views.path_strip import facts_of, path_facts, strip_of
from workflows.views.people import people_here
from workflows.views.sign_off import Subject, panel_of
from workflows.views.wording import sentence_of, steps_in_words

REF = re.compile(r"SL-([1-9][0-9]{0,8})")
MOST_EVENTS = 50
NO_LONGER = "It does not count any more. Everything below stays on record."


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    text: str
    at: Any
    who: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What a form could not do: shown where the reader was."""

    answer: AnswerForm | None = None
    proposal: ProposalForm | None = None
    attachment: AttachForm | None = None
    conflict: str = ""


NOTHING_REFUSED = Refused()


def finding_or_404(ref: str) -> Finding:
    """Return the finding that people call SL-12, with what its page needs."""
    found = REF.fullmatch(ref)
    if found is None:
        raise Http404
    related = ("asset__zone", "service__first_run", "service__last_run__authorisation")
    row = (
        Finding.objects.select_related("case", *related)
        .filter(number=int(found[1]))
        .first()
    )
    if row is None:
        raise Http404
    return row


def page_of(
    request: MemberRequest, finding: Finding, refused: Refused = NOTHING_REFUSED
) -> dict[str, Any]:
    """Return the context of the page, and of its pieces."""
    subject = _subject(finding)
    facts = path_facts(finding)
    hops = facts.hops
    items = evidence_of(subject.evidence, hops)
    # A run of another site may have seen it; then its permission is not the reader's.
    run: Run | None = getattr(finding.service, "last_run", None)
    slug = request.workspace.slug
    return {
        "ref": finding.ref,
        "claim": _claim(finding, hops),
        "lead": lead_of(facts) if finding.is_counted else NO_LONGER,
        "closed": _closed(subject),
        "after_close": _after_close(
            subject, paths_url=reverse("exposure:paths", args=[slug])
        ),
        "strip": strip_of(finding, facts, evidence=items),
        "band": subject.case.band if subject.case else "",
        "facts": facts_of(finding, facts, subject.case),
        "not_yet": facts.not_yet,
        "through": facts.through,
        "total": facts.total,
        "paths_url": reverse("exposure:paths", args=[slug]),
        "evidence": items,
        "sealed_at": subject.evidence[-1].at if subject.evidence else None,
        "not_done": not_done(finding, subject.evidence),
        "authorisation": permission(
            run.authorisation, url=reverse("exposure:scope", args=[slug])
        )
        if run
        else None,
        "timeline": [Happening(row.text, row.at, _who(row)) for row in subject.events],
        "here": reverse("workflows:finding", args=[slug, finding.ref]),
        **files_part(request, finding, form=refused.attachment),
        **panel_of(
            request,
            subject,
            answer=refused.answer,
            proposal=refused.proposal,
            conflict=refused.conflict,
        ),
    }


def _subject(finding: Finding) -> Subject:
    case: Case | None = getattr(finding, "case", None)
    return Subject(
        finding=finding,
        case=case,
        decisions=_decisions(case) if case else [],
        evidence=list(
            Evidence.objects.filter(finding=finding)
            .select_related("observation")
            .defer("observation__exchanges", "observation__facts")
            .order_by("at", "id")
        ),
        events=_events(case) if case else [],
        people=people_here(),
    )


def _decisions(case: Case) -> list[Decision]:
    prefetch_related_objects([case], with_answers())
    rows = list(case.decisions.all())
    for decision in rows:
        decision.case = case  # the same row; it need not be read again
    return rows


def _events(case: Case) -> list[Event]:
    rows = Event.objects.filter(case=case).select_related("actor")
    return list(rows.order_by("-at", "-sequence")[:MOST_EVENTS])


def _who(row: Event) -> str:
    """Return who did it, unless the text begins with the name."""
    name = str(row.actor) if row.actor else ""
    return "" if row.text.startswith(name) else name


def _claim(finding: Finding, hops: tuple[Hop, ...]) -> str:
    claim = sentence_of(finding.title)
    if not hops:
        return claim
    return f"{claim}, {steps_in_words(len(hops))} from the internet"


def _after_close(subject: Subject, *, paths_url: str) -> AfterClose | None:
    """Return what the paths say since it was closed; it closed by its re-test alone."""
    finding = subject.finding
    row = subject.last(EvidenceKind.RETEST, EvidenceKind.SECOND)
    if finding.state not in GONE or row is None:
        return None
    return after_close(
        after_closing(finding, since=finding.closed_at or row.at),
        line_url=lambda key: f"{paths_url}?line={key}",
    )


def _closed(subject: Subject) -> str:
    finding = subject.finding
    if finding.state not in GONE:
        return ""
    row = subject.last(EvidenceKind.RETEST, EvidenceKind.SECOND)
    if row is None:
        return finding.get_state_display()
    at = timezone.localtime(row.at)
    return f"{row.title} ({at.day} {at:%B, %H:%M}). {row.text}"
