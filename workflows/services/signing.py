"""Answers: one side says yes, no or not like this, to exactly these bytes."""

import secrets
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from exposure.models import COUNTED, FindingState
from exposure.services import findings
from tenants.models import Membership
from tenants.origin import origin
from tenants.services.fresh import Authenticated
from workflows.logic import signoff
from workflows.logic.lifecycle import OPEN
from workflows.logic.signoff import Hashes
from workflows.models import Answer, Decision, DecisionState, Signature
from workflows.services.cases import latest_decision, lock_decision
from workflows.services.decisions import end, move
from workflows.services.events import About, record
from workflows.services.frozen import (
    Said,
    event_data,
    sha256,
    signature_bytes,
    statement,
)
from workflows.services.people import as_member, member_now, members_now

__all__ = ["Seen", "answer", "slot_for", "statement", "waiting_for"]

MAX_COMMENT = 2000
EVENTS = {
    Answer.SIGN: ("decision.signed", "signed"),
    Answer.CHANGES: ("decision.changes_requested", "asked for changes to"),
    Answer.REJECT: ("decision.rejected", "rejected"),
}
ENDINGS = {
    DecisionState.RETURNED: "Changes were asked for.",
    DecisionState.REJECTED: "Everybody who had to answer rejected it.",
    DecisionState.DISPUTED: "One side agreed and another one rejected it.",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reader had in front of them: the hidden fields of the form."""

    evidence_hash: str
    decision_hash: str


@transaction.atomic
def answer(
    decision_id: uuid.UUID,
    *,
    by: Membership,
    answer: str,
    comment: str,
    seen: Seen,
    shown: Authenticated,
) -> Signature:
    """Record one side's answer; the last one decides what becomes of the proposal.

    Raises Decision.DoesNotExist for an unknown id, NotAllowed when the person may not
    answer, InvalidInput without a reason for a no, and Conflict when the evidence or
    the text is not what they had in front of them. The same answer sent twice
    returns the same signature. Whoever has not shown within five minutes who they
    are (`shown`) is NotAllowed to answer (G4).
    """
    if not shown.is_fresh:
        raise NotAllowed("Confirm that it is you, then answer.")
    decision = lock_decision(Decision.objects.get(pk=decision_id))
    comment = _checked_comment(answer, comment.strip())
    given = list(Signature.objects.filter(decision=decision))
    mine = next((row for row in given if row.person_id == by.user_id), None)
    if mine is not None:
        return _again(mine, answer=answer, comment=comment, seen=seen)
    _check_current(decision, seen=seen)
    member = member_now(by, site_id=decision.case.finding.asset.site_id)
    slot = signoff.check_signer(
        member,
        slots=decision.case.slots,
        proposer=str(decision.proposer_id),
        answered={row.slot: str(row.person_id) for row in given},
    )
    said = Said(
        member, slot, answer, comment, timezone.now(), shown.factors, origin().ip
    )
    signature = _write(decision, said, by=by)
    _conclude(decision, [*given, signature])
    return signature


def slot_for(decision: Decision, *, by: Membership) -> str:
    """Return the slot this member may fill now, "" if there is none."""
    if decision.state not in OPEN:
        return ""
    given = decision.signatures.all()  # read already, where a page shows them
    try:
        return signoff.check_signer(
            as_member(by, site_id=decision.case.finding.asset.site_id),
            slots=decision.case.slots,
            proposer=str(decision.proposer_id),
            answered={row.slot: str(row.person_id) for row in given},
        )
    except (NotAllowed, Conflict):
        return ""


def waiting_for(by: Membership) -> QuerySet[Decision]:
    """Return the open proposals that this member has to answer."""
    slot = signoff.slot_of(as_member(by))
    waiting = (
        Decision.objects.filter(state__in=OPEN, case__slots__contains=[slot])
        .exclude(proposer_id=by.user_id)
        .exclude(signatures__slot=slot)
    )
    if not by.site_ids:
        return waiting
    return waiting.filter(case__finding__asset__site_id__in=by.site_ids)


def _checked_comment(answer: str, comment: str) -> str:
    if answer not in Answer.values:
        raise InvalidInput("answer", "Sign, ask for changes or reject.")
    if answer != Answer.SIGN and not comment:
        raise InvalidInput("comment", "Say why, so that others can act on it.")
    if len(comment) > MAX_COMMENT:
        raise InvalidInput("comment", f"At most {MAX_COMMENT} characters.")
    if not reads_as_stored(comment):
        raise InvalidInput(
            "comment", "The text holds a hidden character. Type it again."
        )
    return comment


def _again(mine: Signature, *, answer: str, comment: str, seen: Seen) -> Signature:
    """Return the signature if this is the same click again, else say what stands."""
    before = (mine.answer, mine.comment, mine.evidence_hash, mine.decision_hash)
    if before == (answer, comment, seen.evidence_hash, seen.decision_hash):
        return mine
    said = mine.get_answer_display().lower()
    raise Conflict(f"You have answered already: {said}.", current=mine.decision)


def _check_current(decision: Decision, *, seen: Seen) -> None:
    """Raise Conflict unless reader, decision and finding agree at this moment (G3)."""
    finding = decision.case.finding
    current = latest_decision(decision.case)
    try:
        if decision.state not in OPEN:
            state = decision.get_state_display().lower()
            raise Conflict(
                f"Version {decision.version} can be answered no more: {state}."
            )
        if finding.state not in COUNTED:
            raise Conflict(f"{finding.ref} is {finding.get_state_display().lower()}.")
        signoff.check_same(
            Hashes(seen.evidence_hash, seen.decision_hash),
            row=Hashes(decision.evidence_hash, decision.decision_hash),
            evidence_now=finding.evidence_hash,
        )
    except Conflict as error:
        assert current is not None  # noqa: S101 - the decision itself has a version
        raise Conflict(
            f"{error} Version {current.version} is the current one.", current=current
        ) from error


def _write(decision: Decision, said: Said, *, by: Membership) -> Signature:
    payload = signature_bytes(decision, said, nonce=secrets.token_hex(16))
    signature = Signature.objects.create(
        decision=decision,
        slot=said.slot,
        answer=said.answer,
        person=by.user,
        printed_name=said.member.name,
        role=said.member.role,
        side=said.member.side,
        comment=said.comment,
        evidence_hash=decision.evidence_hash,
        decision_hash=decision.decision_hash,
        payload=payload,
        payload_hash=sha256(payload),
        signed_at=said.at,
    )
    decision.waits_for = [slot for slot in decision.waits_for if slot != said.slot]
    decision.save(update_fields=["waits_for"])
    event_type, verb = EVENTS[Answer(said.answer)]
    side = signoff.SLOT_WORDS[said.slot]
    record(
        event_type,
        text=f"{said.member.name} {verb} version {decision.version} for {side}.",
        about=About.finding(decision.case),
        actor=by.user,
        data=event_data(decision, slot=said.slot, answer=said.answer),
        proof={
            "payload_hash": signature.payload_hash,
            "evidence_hash": signature.evidence_hash,
            "decision_hash": signature.decision_hash,
        },
    )
    return signature


def _conclude(decision: Decision, given: list[Signature]) -> None:
    """Move the decision to where all its answers put it."""
    slots = decision.case.slots
    state = signoff.outcome(slots, answers={row.slot: row.answer for row in given})
    if state == DecisionState.PARTLY_ANSWERED:
        move(decision, state)
        return
    gone = signoff.without_authority(
        {row.slot: str(row.person_id) for row in given},
        members=members_now(site_id=decision.case.finding.asset.site_id),
    )
    if gone:
        sides = " and ".join(signoff.SLOT_WORDS[slot] for slot in gone)
        reason = f"Who answered for {sides} may not do so any more."
        end(decision, DecisionState.VOIDED, reason=reason)
        _tell(decision, f"Version {decision.version} is void: {reason}")
    elif state == DecisionState.APPROVED:
        move(decision, state)
        _tell(decision, f"Version {decision.version} is approved by all sides.")
        # While a re-test is under way its result comes first; following the evidence
        # marks the finding afterwards.
        if decision.case.finding.state == FindingState.OPEN:
            findings.mark_treated(decision.case.finding_id)
    else:
        reason = ENDINGS[DecisionState(state)]
        end(decision, state, reason=reason)
        _tell(decision, f"Version {decision.version} is {state}. {reason}")


def _tell(decision: Decision, text: str) -> None:
    # One side's rejection has been told already; this is what all answers mean.
    record(
        f"decision.{decision.state}",
        text=text,
        about=About.finding(decision.case),
        data=event_data(decision),
    )
