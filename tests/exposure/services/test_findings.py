"""A finding is opened, graded, closed and reopened by evidence, and by nothing else."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from common.errors import Conflict
from exposure.logic.checks import BY_ID
from exposure.logic.predicates import Verdict
from exposure.models import (
    Authorisation,
    Evidence,
    EvidenceKind,
    Finding,
    FindingState,
    Observation,
    Service,
)
from exposure.services import findings
from tenants.models import User
from tenants.models.jobs import Job
from tests import factories

CHECK = BY_ID["s7-open"]
HOLDS = Verdict(holds=True, reason="No protection is set.", level="L3")
FAILS = Verdict(holds=False, reason="It asks for a password.", level="L2")
UNCLEAR = Verdict(None, "No usable answer.")

Detect = Callable[[Verdict], Finding | None]


@pytest.fixture
def service(scope: Authorisation) -> Service:
    """PLC-P21's programming port."""
    zone = factories.make_zone(scope.site)
    asset = factories.make_asset(zone)
    return factories.make_service(asset, factories.make_run(scope))


@pytest.fixture
def detect(service: Service) -> Detect:
    """Take in one more verdict of a run, from an observation of its own."""

    def once(verdict: Verdict) -> Finding | None:
        return findings.detect(service, CHECK, verdict, seen_again(service))

    return once


def seen_again(service: Service) -> Observation:
    row = Observation.objects.get(pk=service.observation_id)
    row.pk, row._state.adding, row.at = None, True, timezone.now()
    row.id = Observation().id
    row.save()
    return row


def conclude(finding: Finding, verdict: Verdict, kind: EvidenceKind) -> Finding:
    findings.conclude(finding, CHECK, verdict, seen_again(finding.service), kind=kind)
    finding.refresh_from_db()
    return finding


def opened(detect: Detect) -> Finding:
    finding = detect(HOLDS)
    assert finding is not None
    return conclude(finding, HOLDS, EvidenceKind.SECOND)


def test_it_begins_with_what_answered_and_what_was_seen(detect: Detect) -> None:
    finding = detect(HOLDS)

    assert finding is not None
    assert (finding.ref, finding.state, finding.grade) == ("SL-1", "validating", "E3")
    kinds = finding.evidence.order_by("id").values_list("kind", "grade", "holds")
    assert list(kinds) == [("reached", "E1", True), ("check", "E3", True)]


@pytest.mark.parametrize("verdict", [FAILS, UNCLEAR])
def test_nothing_begins_without_a_proof(detect: Detect, verdict: Verdict) -> None:
    assert detect(verdict) is None
    assert not Finding.objects.exists()


def test_seeing_it_again_makes_no_second_finding(detect: Detect) -> None:
    detect(HOLDS)

    assert detect(HOLDS) is None
    assert Finding.objects.count() == 1


@pytest.mark.parametrize(
    ("verdict", "state", "grade"),
    [
        (HOLDS, FindingState.OPEN, "E4"),
        (FAILS, FindingState.DISPROVED, "E3"),
        (UNCLEAR, FindingState.OPEN, "E3"),
    ],
)
def test_the_second_check_validates_disproves_or_leaves_it(
    detect: Detect, verdict: Verdict, state: FindingState, grade: str
) -> None:
    finding = detect(HOLDS)
    assert finding is not None

    conclude(finding, verdict, EvidenceKind.SECOND)

    assert (finding.state, finding.grade) == (state, grade)
    assert finding.evidence.get(kind="second").holds is verdict.holds


def test_a_run_that_does_not_see_it_asks_for_a_retest_and_closes_nothing(
    detect: Detect,
) -> None:
    finding = opened(detect)

    detect(FAILS)

    finding.refresh_from_db()
    assert finding.state == FindingState.VERIFYING
    assert Job.objects.get(task="exposure.retest").args["finding_id"] == str(finding.pk)


def test_a_run_that_cannot_tell_changes_nothing(detect: Detect) -> None:
    finding = opened(detect)

    detect(UNCLEAR)

    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


@pytest.mark.parametrize(
    ("verdict", "state", "failed"),
    [
        (FAILS, FindingState.CLOSED, 0),
        (HOLDS, FindingState.OPEN, 1),
        (UNCLEAR, FindingState.OPEN, 0),
    ],
)
def test_a_retest_closes_or_opens(
    detect: Detect, ana: User, verdict: Verdict, state: FindingState, failed: int
) -> None:
    finding = opened(detect)
    findings.request_retest(finding.pk, by=ana)
    finding.refresh_from_db()

    conclude(finding, verdict, EvidenceKind.RETEST)

    assert (finding.state, finding.claim_failed) == (state, failed)
    assert (finding.closed_at is not None) is (state == FindingState.CLOSED)


@pytest.mark.parametrize("gone", [EvidenceKind.RETEST, EvidenceKind.SECOND])
def test_what_comes_back_is_the_same_finding_reopened(
    detect: Detect, gone: EvidenceKind
) -> None:
    if gone is EvidenceKind.RETEST:
        finding = opened(detect)
        findings.request_retest(finding.pk, by=None)
        finding.refresh_from_db()
    else:
        fresh = detect(HOLDS)
        assert fresh is not None
        finding = fresh
    conclude(finding, FAILS, gone)

    back = detect(HOLDS)

    assert back is not None
    assert back.pk == finding.pk
    assert (back.state, back.reopen_count, back.closed_at) == ("open", 1, None)


def test_asking_twice_is_one_retest(detect: Detect, ana: User) -> None:
    finding = opened(detect)

    findings.request_retest(finding.pk, by=ana)
    findings.request_retest(finding.pk, by=ana)

    assert Job.objects.filter(task="exposure.retest").count() == 1


def test_a_closed_one_needs_no_retest(detect: Detect, ana: User) -> None:
    finding = opened(detect)
    Finding.objects.update(state=FindingState.CLOSED)

    with pytest.raises(Conflict, match="SL-1 is closed"):
        findings.request_retest(finding.pk, by=ana)


def test_agreeing_on_a_treatment_leaves_it_counted(detect: Detect) -> None:
    finding = opened(detect)

    findings.mark_treated(finding.pk)
    finding.refresh_from_db()
    treated = finding.is_counted
    findings.unmark_treated(finding.pk)
    finding.refresh_from_db()

    assert treated
    assert finding.state == FindingState.OPEN


def test_every_step_left_its_evidence(detect: Detect, ana: User) -> None:
    finding = opened(detect)
    findings.request_retest(finding.pk, by=ana)
    finding.refresh_from_db()
    conclude(finding, FAILS, EvidenceKind.RETEST)

    detect(HOLDS)

    kinds = Evidence.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["reached", "check", "second", "retest", "check"]
