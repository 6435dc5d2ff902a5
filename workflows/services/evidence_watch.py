"""Lets decisions follow the evidence: what changed is told once, what lost its basis ends."""

import json
import uuid
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from exposure.logic.priority import Band
from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import evidence, figures, findings
from tenants.scope import workspace_scope
from workflows.logic.lifecycle import COVERING, ENDED, OPEN, happened
from workflows.logic.materiality import Change, Comparison, compare
from workflows.models import Case, Decision, DecisionState
from workflows.services.banding import bands_of, reach_of
from workflows.services.cases import live_decision, lock_finding
from workflows.services.decisions import end, move
from workflows.services.events import About, record
from workflows.services.frozen import event_data
from workflows.services.routing import due

FOLLOWED = ["band", "indicated_band", "decide_by", "seen_revision", "seen_state"]


def follow() -> int:
    """React to every case whose finding changed; return how many were looked at.

    Each case is one short transaction, and a case that was seen is not seen again, so
    the work may be repeated and broken off anywhere.
    """
    with workspace_scope():
        unseen = ~Q(seen_revision=F("finding__revision")) | ~Q(
            seen_state=F("finding__state")
        )
        ended = Q(decisions__state__in=COVERING) & Q(
            decisions__expires_at__lte=timezone.now()
        )
        uncovered = Q(finding__state=FindingState.OPEN) & Q(
            decisions__state__in=COVERING
        )
        rows = Case.objects.filter(unseen | ended | uncovered).distinct()
        pks = list(rows.values_list("pk", flat=True))
    for pk in pks:
        with workspace_scope():
            _follow_case(pk)
    return len(pks)


def _follow_case(pk: uuid.UUID) -> None:
    case = Case.objects.select_for_update().get(pk=pk)
    case.finding = lock_finding(case)
    for word in happened(
        case.seen_state, case.finding.state, retest_holds=_last_retest(case.finding)[1]
    ):
        HAPPENINGS[word](case)
    if case.finding.state not in ENDED:
        _check_basis(case)
        _check_end(case)
        _cover(case)
        _refresh_band(case)
    case.finding.refresh_from_db()
    case.seen_revision, case.seen_state = case.finding.revision, case.finding.state
    case.save(update_fields=FOLLOWED)
    late = Decision.objects.filter(case=case, state__in=OPEN)
    late.exclude(wanted_by=case.decide_by).update(wanted_by=case.decide_by)
    if case.finding.urgency != figures.urgency_of(case.band):
        figures.set_urgency(case.finding, case.band)


def _last_retest(finding: Finding) -> tuple[str, bool | None]:
    """Return id and result of the newest re-test; "" and None if there is none.

    Ids grow with time. The moment of an item is when something was seen, and a
    re-test that could send nothing speaks of what was seen before.
    """
    rows = Evidence.objects.filter(finding=finding, kind=EvidenceKind.RETEST)
    row = rows.order_by("-id").values_list("id", "holds").first()
    return (str(row[0]), row[1]) if row else ("", None)


def _live(case: Case) -> Decision | None:
    decision = live_decision(case)
    if decision is None:
        return None
    row = Decision.objects.select_for_update().get(pk=decision.pk)
    row.case = case
    return row


def _tell(case: Case, event_type: str, text: str, **data: Any) -> None:
    finding = case.finding
    record(
        event_type,
        text=text,
        about=About.finding(case),
        data={
            "finding": finding.ref,
            "band": case.band,
            "state": finding.state,
            **data,
        },
    )


def _closed(case: Case) -> None:
    decision = _live(case)
    if decision is not None and decision.state in COVERING:
        move(decision, DecisionState.COMPLETED)
    elif decision is not None:
        _void(decision, "The re-test did not find it any more.")
    _tell(
        case,
        "finding.closed",
        f"{case.finding.ref} is closed: the re-test did not find it any more.",
        retest=_last_retest(case.finding)[0],
    )


def _disproved(case: Case) -> None:
    decision = _live(case)
    if decision is not None:
        _void(decision, "The finding was disproved.")
    _tell(case, "finding.disproved", f"{case.finding.ref} was disproved.")


def _reopened(case: Case) -> None:
    case.band = bands_of(case.finding, reach=reach_of(case.finding)).asked.value
    case.decide_by = due(case.band, start=timezone.now())
    _tell(case, "finding.reopened", f"{case.finding.ref} is back: it was found again.")


def _retest_positive(case: Case) -> None:
    _tell_retest(case, "positive", "still finds it")


def _retest_inconclusive(case: Case) -> None:
    _tell_retest(case, "inconclusive", "could not tell; that is not a fix")


def _tell_retest(case: Case, result: str, words: str) -> None:
    decision = _live(case)
    if decision is not None and decision.state == DecisionState.CLAIMED:
        move(decision, DecisionState.APPROVED)
    _tell(
        case,
        "retest.completed",
        f"The re-test of {case.finding.ref} {words}.",
        result=result,
        retest=_last_retest(case.finding)[0],
    )


HAPPENINGS = {
    "closed": _closed,
    "disproved": _disproved,
    "reopened": _reopened,
    "retest_positive": _retest_positive,
    "retest_inconclusive": _retest_inconclusive,
}


def _check_basis(case: Case) -> None:
    """Void what rests on other evidence; an agreed one stands if it is not worse."""
    decision = _live(case)
    if decision is None or decision.evidence_hash == case.finding.evidence_hash:
        return
    found = _compare(decision, case.finding)
    if decision.state in OPEN or found.change is Change.MATERIAL:
        _void(decision, f"The evidence has changed: {found.differs}.")
    elif case.seen_revision != case.finding.revision:
        text = (
            f"The evidence of {case.finding.ref} is better than what was signed: "
            f"{found.differs}. Version {decision.version} stands."
        )
        _tell(case, "evidence.improved", text, version=decision.version)


def _compare(decision: Decision, finding: Finding) -> Comparison:
    return compare(json.loads(bytes(decision.evidence_bytes)), evidence.bundle(finding))


def _check_end(case: Case) -> None:
    decision = _live(case)
    if decision is None or decision.expires_at is None:
        return
    if decision.expires_at <= timezone.now():
        day = timezone.localtime(decision.expires_at).date().isoformat()
        _void(decision, f"What was agreed ended on {day}.")


def _void(decision: Decision, reason: str) -> None:
    case = decision.case
    was_agreed = decision.state in COVERING
    end(decision, DecisionState.VOIDED, reason=reason)
    record(
        "decision.voided",
        text=f"Version {decision.version} is void. {reason}",
        about=About.finding(case),
        data=event_data(decision, reason=reason),
    )
    if was_agreed:
        findings.unmark_treated(case.finding_id)


def _cover(case: Case) -> None:
    """Mark an open finding that an agreed decision covers."""
    case.finding.refresh_from_db()
    decision = _live(case)
    if decision is None or case.finding.state != FindingState.OPEN:
        return
    if decision.state == DecisionState.CLAIMED:
        move(decision, DecisionState.APPROVED)
    if decision.state == DecisionState.APPROVED:
        findings.mark_treated(case.finding_id)


def _refresh_band(case: Case) -> None:
    """Follow the band; a higher one shortens the time to decide, a lower one never adds."""
    bands = bands_of(case.finding, reach=reach_of(case.finding))
    if bands.asked.rank > Band(case.band).rank:
        case.decide_by = min(case.decide_by, due(bands.asked, start=timezone.now()))
    case.band, case.indicated_band = bands.asked.value, bands.indicated.value
