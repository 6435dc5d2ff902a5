"""What became of the findings of the customer: cases, decisions, answers, events.

What people decide does not grow with the number of findings: of twenty thousand a
thousand were ever decided about, and about sixty somebody is waited for.
"""

import datetime as dt

from exposure.logic.priority import Band
from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import figures
from exposure.services.evidence import evidence_hash
from tests.bench.template import NOW, Template, key
from workflows.models import Case, Decision, DecisionState, Event, Signature

BANDS = (*[Band.DEFER] * 45, *[Band.SCHEDULED] * 40, *[Band.OUT_OF_CYCLE] * 14)
WAITS = {
    DecisionState.PROPOSED: ["it", "ot"],
    DecisionState.PARTLY_ANSWERED: ["ot"],
}


def add_cases(template: Template) -> None:
    """Route each finding that is past its second check; a hundredth of them is for now."""
    for finding in Finding.objects.exclude(state=FindingState.VALIDATING):
        band = template.luck.choice((*BANDS, Band.IMMEDIATE))
        finding.urgency = figures.urgency_of(band)
        template.add(
            Case(
                id=key(30, finding.number),
                finding_id=finding.pk,
                lead="ot",
                slots=["it", "ot"],
                rule="both",
                reason="It crosses from IT to OT, so both sides answer.",
                band=band,
                indicated_band=band,
                routed_at=NOW,
                decide_by=NOW + dt.timedelta(days=template.luck.randrange(-9, 90)),
                seen_revision=finding.revision,
                seen_state=finding.state,
            )
        )
        Finding.objects.filter(pk=finding.pk).update(urgency=finding.urgency)
        if finding.number % 10 == 1:
            template.add(*_event(finding), _evidence(finding))


def add_decisions(template: Template) -> None:
    """Decide about some: most is done, some agreed, a few wait."""
    for finding in Finding.objects.exclude(state=FindingState.VALIDATING):
        if finding.number % 80 != 1 and finding.number % 20 != 4:
            continue
        state = _state(finding)
        decision = Decision(
            id=key(31, finding.number),
            case_id=key(30, finding.number),
            version=1,
            kind="remediate",
            state=state,
            action="Set a password on the controller",
            technical_basis="The controller takes blocks from anybody.",
            safety_effect="None; the safety relay is wired.",
            downtime_minutes=20,
            lost_meanwhile="The line stands for twenty minutes.",
            undo="Clear the password at the panel.",
            units_before=40.0,
            units_after=39.0,
            proposer_id=template.ana,
            proposed_at=NOW - dt.timedelta(days=2),
            decision_bytes=b"{}" * 200,
            decision_hash="d" * 64,
            waits_for=WAITS.get(state, []),
            wanted_by=NOW + dt.timedelta(days=finding.number % 60),
            evidence_bytes=b"{}" * 200,
            evidence_hash="a" * 64,
        )
        template.add(decision)
        slots = {DecisionState.PROPOSED: (), DecisionState.PARTLY_ANSWERED: ("it",)}
        template.add(
            *(_signature(decision, slot) for slot in slots.get(state, ("it", "ot")))
        )
        if state == DecisionState.APPROVED:
            Finding.objects.filter(pk=finding.pk).update(state=FindingState.TREATED)
        if state != DecisionState.COMPLETED:
            figures.set_in_hand(finding.pk, in_hand=True)


def _state(finding: Finding) -> DecisionState:
    if finding.state in {FindingState.CLOSED, FindingState.DISPROVED}:
        return DecisionState.COMPLETED
    place = finding.number // 80 % 8
    if place > 1:
        return DecisionState.APPROVED
    return (DecisionState.PROPOSED, DecisionState.PARTLY_ANSWERED)[place]


def _signature(decision: Decision, slot: str) -> Signature:
    return Signature(
        id=key(32 if slot == "it" else 33, decision.pk.int & 0xFFFFFFFF),
        decision_id=decision.pk,
        slot=slot,
        answer="sign",
        person_id=key(1, 0 if slot == "it" else 1),
        printed_name=f"Owner {slot}",
        role="owner",
        side=slot,
        evidence_hash="a" * 64,
        decision_hash="d" * 64,
        payload=b"{}" * 100,
        payload_hash="e" * 64,
        signed_at=NOW - dt.timedelta(days=1),
    )


def _event(finding: Finding) -> tuple[Event, ...]:
    return tuple(
        Event(
            id=key(34 + sequence, finding.number),
            type="finding.routed",
            at=NOW - dt.timedelta(minutes=finding.number),
            case_id=key(30, finding.number),
            object_ref=finding.ref,
            sequence=sequence,
            text=f"{finding.ref} goes to IT and OT.",
            path=f"/w/x/exposures/{finding.ref}/",
        )
        for sequence in (1, 2)
    )


def _evidence(finding: Finding) -> Evidence:
    item = Evidence(
        id=key(40, finding.number),
        finding_id=finding.pk,
        observation_id=key(19, finding.service_id.int & 0xFFFFFFFF),
        run_id=key(18, 2),
        revision=1,
        kind=EvidenceKind.CHECK,
        holds=True,
        grade=finding.grade,
        title="The controller answers without a password",
        vantage_name="Internet",
        check_id=finding.check_id,
        check_version=1,
        exchanges=[{"at": 0.0, "direction": "sent", "hex": "0300"}],
        at=NOW,
    )
    item.sha256 = evidence_hash(item)
    return item
