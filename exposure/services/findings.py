"""Findings: opened, graded, closed and reopened by evidence, and by nothing else."""

import uuid

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict
from exposure.logic.checks import WeaknessCheck
from exposure.logic.finding_states import check_move
from exposure.logic.grades import Grade, from_level, lowered
from exposure.logic.predicates import Verdict
from exposure.models import (
    COUNTED,
    EvidenceKind,
    Finding,
    FindingState,
    Observation,
    Service,
)
from exposure.services.evidence import add_evidence
from tenants.models import User, next_number
from tenants.services.jobs import enqueue

GONE = frozenset({FindingState.CLOSED, FindingState.DISPROVED})


def detect(
    service: Service, check: WeaknessCheck, verdict: Verdict, observation: Observation
) -> Finding | None:
    """Take in one verdict of a run; return the finding if it is new or back.

    A weakness that is not there any more is not closed here: a re-test is asked for.
    """
    row = (
        Finding.objects.select_for_update()
        .filter(service=service, check_id=check.id)
        .first()
    )
    if verdict.holds is None:
        return None
    if not verdict.holds:
        if row is not None and row.state in {FindingState.OPEN, FindingState.TREATED}:
            request_retest(row.pk, by=None)
        return None
    if row is None:
        return _open_new(service, check, verdict, observation)
    if row.state in GONE:
        return _reopen(row, check, verdict, observation)
    return None


def _open_new(
    service: Service, check: WeaknessCheck, verdict: Verdict, observation: Observation
) -> Finding:
    finding = Finding.objects.create(
        number=next_number("finding"),
        asset=service.asset,
        service=service,
        check_id=check.id,
        check_version=check.version,
        title=check.title.format(asset=service.asset.name)[:200],
        grade=from_level(verdict.level, anomaly=bool(service.doubt)).value,
        threat=check.threat.value,
        gives=check.gives,
        technique=check.technique,
        detected_at=observation.at,
    )
    add_evidence(
        finding,
        kind=EvidenceKind.REACHED,
        observation=observation,
        holds=True,
        grade=Grade.E1,
        title=f"{service.asset.name} answers {_from(service)}",
        text=f"{service.protocol} on {service.address} port {service.port_name}"
        + (f": {service.product}" if service.product else ""),
    )
    _add_check(finding, check, verdict, observation, kind=EvidenceKind.CHECK)
    return finding


def _reopen(
    finding: Finding, check: WeaknessCheck, verdict: Verdict, observation: Observation
) -> Finding:
    doubted = bool(finding.service.doubt)
    finding.grade = from_level(verdict.level, anomaly=doubted).value
    finding.reopen_count += 1
    finding.closed_at = None
    finding.save(update_fields=["grade", "reopen_count", "closed_at"])
    _add_check(finding, check, verdict, observation, kind=EvidenceKind.CHECK)
    move(finding, FindingState.OPEN)
    return finding


def conclude(
    finding: Finding,
    check: WeaknessCheck,
    verdict: Verdict,
    observation: Observation,
    *,
    kind: EvidenceKind,
) -> None:
    """Move a finding by the outcome of a second check or a re-test.

    Holds: validated by two independent runs. Does not hold: disproved, or closed
    when it was a re-test. Cannot be told: open, with the grade it had.
    """
    if verdict.holds:
        finding.grade = from_level(
            verdict.level, agreeing_runs=2, anomaly=bool(finding.service.doubt)
        ).value
        finding.claim_failed += kind is EvidenceKind.RETEST
        finding.save(update_fields=["grade", "claim_failed"])
    _add_check(finding, check, verdict, observation, kind=kind)
    if verdict.holds is not False:
        move(finding, FindingState.OPEN)
        return
    if kind is EvidenceKind.RETEST:
        finding.closed_at = timezone.now()
        finding.save(update_fields=["closed_at"])
        move(finding, FindingState.CLOSED)
    else:
        move(finding, FindingState.DISPROVED)


def doubt(service: Service, reason: str) -> None:
    """Mark a locked service as a decoy's; what was found on it counts one grade less.

    `reason` is shown with the service and with each finding. A service that is doubted
    already loses nothing more.
    """
    is_new = not service.doubt
    service.doubt = reason
    service.save(update_fields=["doubt"])
    rows = Finding.objects.filter(service=service, state__in=COUNTED)
    for finding in rows.select_for_update() if is_new else ():
        finding.grade = lowered(Grade(finding.grade)).value
        finding.save(update_fields=["grade"])
        add_evidence(
            finding,
            kind=EvidenceKind.CHECK,
            observation=service.observation,
            holds=None,
            grade=Grade(finding.grade),
            title="The host looks like a decoy",
            text=f"{reason[:1].upper()}{reason[1:]}. It counts one grade less.",
        )


def leave_open(finding: Finding, reason: str, *, kind: EvidenceKind) -> None:
    """Open a locked finding whose check never came to an end, and say so."""
    add_evidence(
        finding,
        kind=kind,
        observation=finding.service.observation,
        holds=None,
        grade=Grade(finding.grade),
        title=_TITLES[kind][None],
        text=reason,
    )
    move(finding, FindingState.OPEN)


def _add_check(
    finding: Finding,
    check: WeaknessCheck,
    verdict: Verdict,
    observation: Observation,
    *,
    kind: EvidenceKind,
) -> None:
    add_evidence(
        finding,
        kind=kind,
        observation=observation,
        holds=verdict.holds,
        grade=Grade.D if verdict.holds is False else Grade(finding.grade),
        title=_TITLES[kind][verdict.holds],
        text=verdict.reason,
        check=check,
    )


_TITLES: dict[EvidenceKind, dict[bool | None, str]] = {
    EvidenceKind.CHECK: {
        True: "The weakness was seen",
        False: "The weakness was not seen",
        None: "The weakness could not be judged",
    },
    EvidenceKind.SECOND: {
        True: "A second, independent check agrees",
        False: "A second, independent check does not agree",
        None: "A second check could not tell",
    },
    EvidenceKind.RETEST: {
        True: "The re-test still finds it",
        False: "The re-test cannot find it any more",
        None: "The re-test could not tell",
    },
}


def move(finding: Finding, state: FindingState) -> None:
    """Change the state along the table of moves; standing still is no move."""
    if finding.state != state:
        check_move(finding.state, state)
        finding.state = state
        finding.save(update_fields=["state"])


@transaction.atomic
def mark_treated(finding_id: uuid.UUID) -> None:
    """Note that an agreed treatment covers the finding; it counts as before."""
    finding = _locked(finding_id)
    move(finding, FindingState.TREATED)


@transaction.atomic
def unmark_treated(finding_id: uuid.UUID) -> None:
    """Note that no agreed treatment covers the finding any more."""
    finding = _locked(finding_id)
    if finding.state == FindingState.TREATED:
        move(finding, FindingState.OPEN)


@transaction.atomic
def request_retest(finding_id: uuid.UUID, *, by: User | None) -> None:
    """Ask for a re-test; it alone can close the finding.

    Raises Conflict when the finding is closed already. Asking twice is one re-test.
    """
    finding = _locked(finding_id)
    if finding.state in GONE:
        raise Conflict(f"{finding.ref} is {finding.get_state_display().lower()}.")
    if finding.state == FindingState.VERIFYING:
        return
    move(finding, FindingState.VERIFYING)
    args = {"finding_id": str(finding.pk), "by": str(by.pk) if by else ""}
    enqueue(
        "exposure.retest",
        args=args,
        key=str(finding.pk),
        queue=finding.service.vantage.queue,
    )


def _locked(finding_id: uuid.UUID) -> Finding:
    return Finding.objects.select_for_update().get(pk=finding_id)


def _from(service: Service) -> str:
    if service.vantage.zone_id is None:
        return "on the internet"
    return f"from {service.vantage.name}"
