"""The exact bytes that are signed: what is proposed, and each signature over it."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from common.canonical import canonical_bytes
from common.moments import microseconds
from exposure.models import Evidence
from tenants.scope import current_workspace_id
from workflows.logic.signoff import SLOT_WORDS, Member
from workflows.models import Answer, Decision

MEANINGS = {
    Answer.SIGN: "approve_for_{slot}",
    Answer.CHANGES: "request_changes_for_{slot}",
    Answer.REJECT: "reject_for_{slot}",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of one member for one slot, before it is written down."""

    member: Member
    slot: str
    answer: str
    comment: str
    at: dt.datetime
    factors: tuple[str, ...] = ()
    ip: str = ""


def sha256(content: bytes | memoryview) -> str:
    """Return 64 hexadecimal digits over stored bytes."""
    return hashlib.sha256(content).hexdigest()


def decision_bytes(decision: Decision) -> bytes:
    """Return the canonical form of everything a proposal says.

    It names the hash of every item of evidence that was there to be read, and who
    has to answer.
    """
    case = decision.case
    items = Evidence.objects.filter(finding_id=case.finding_id).order_by("at", "id")
    return canonical_bytes(
        {
            "v": 1,
            "workspace": str(current_workspace_id()),
            "finding": case.finding.ref,
            "version": decision.version,
            "proposer": str(decision.proposer_id),
            "proposed_at_us": microseconds(decision.proposed_at),
            "kind": decision.kind,
            "action": decision.action,
            "technical_basis": decision.technical_basis,
            "safety_effect": decision.safety_effect,
            "downtime_minutes": decision.downtime_minutes,
            "lost_meanwhile": decision.lost_meanwhile,
            "undo": decision.undo,
            "window_start": _iso(decision.window_start),
            "expires_at": _iso(decision.expires_at),
            "units_before": decision.units_before,
            "units_after": decision.units_after,
            "slots": list(case.slots),
            "rule": case.rule,
            "band": case.band,
            "evidence_hash": decision.evidence_hash,
            "evidence_items": list(items.values_list("sha256", flat=True)),
        }
    )


def statement(decision: Decision, *, slot: str) -> str:
    """Return the sentence that a signature for `slot` stands for."""
    return f"I approve version {decision.version} for {SLOT_WORDS[slot]}: {decision.action}"


def signature_bytes(decision: Decision, said: Said, *, nonce: str) -> bytes:
    """Return the canonical form of one answer, bound to both hashes of the decision."""
    case = decision.case
    return canonical_bytes(
        {
            "v": 1,
            "tenant": str(current_workspace_id()),
            "decision": str(decision.pk),
            "decision_hash": decision.decision_hash,
            "evidence_hash": decision.evidence_hash,
            "finding": case.finding.ref,
            "slot": said.slot,
            "meaning": MEANINGS[Answer(said.answer)].format(slot=said.slot),
            "statement": statement(decision, slot=said.slot),
            "statement_lang": "en",
            "comment": said.comment,
            "signer": said.member.person,
            "signer_name": said.member.name,
            "role": said.member.role,
            "side": said.member.side,
            "on_behalf_of": None,
            "policy": case.rule,
            "factors": list(said.factors),
            "ip": said.ip,
            "nonce": nonce,
            "signed_at_us": microseconds(said.at),
        }
    )


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(dt.UTC).isoformat()


def event_data(decision: Decision, **more: Any) -> dict[str, Any]:
    """Return what an event about a decision tells the outside: ids, state and band."""
    return {
        "finding": decision.case.finding.ref,
        "band": decision.case.band,
        "decision": str(decision.pk),
        "version": decision.version,
        "kind": decision.kind,
        "state": decision.state,
        **more,
    }
