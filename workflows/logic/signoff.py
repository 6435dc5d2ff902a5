"""Who must answer a proposal, who may, and what all answers together mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.errors import Conflict, NotAllowed

SLOT_WORDS: Mapping[str, str] = {"it": "IT", "ot": "OT", "safety": "functional safety"}
_ONE_ANSWER = {"sign": "approved", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Member:
    """What a person is in the customer's workspace at this moment.

    `role` and `side` are codes ("owner", "it"); `active` is whether the account and
    the membership are in force for the site in question.
    """

    person: str
    name: str
    role: str
    side: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a signature is bound to: both are over stored bytes."""

    evidence: str
    decision: str


def slot_of(member: Member) -> str:
    """Return the slot that the member may fill now, "" if none.

    Owners fill the slot of their side, the customer's approver the one of functional
    safety. The provider's people, auditors and portal users fill none.

    >>> slot_of(Member("1", "Otto", "owner", "ot"))
    'ot'
    """
    if not member.active:
        return ""
    if member.role == "owner":
        return member.side
    return "safety" if member.role == "approver" else ""


def missing(slots: Iterable[str], *, answered: Iterable[str]) -> tuple[str, ...]:
    """Return the slots nobody has answered yet, in the order of `slots`."""
    done = set(answered)
    return tuple(slot for slot in slots if slot not in done)


def outcome(slots: Sequence[str], *, answers: Mapping[str, str]) -> str:
    """Return the state of a decision with these answers (slot to answer).

    Nothing ends before all have answered, so the order of answers means nothing. A
    decision without slots is never approved: silence is no agreement.
    """
    if not answers:
        return "proposed"
    if missing(slots, answered=answers):
        return "partly_answered"
    said = {answers[slot] for slot in slots}
    if "changes" in said:
        return "returned"
    return _ONE_ANSWER[said.pop()] if len(said) == 1 else "disputed"


def check_signer(
    member: Member, *, slots: Sequence[str], proposer: str, answered: Mapping[str, str]
) -> str:
    """Return the slot that the member fills, or raise NotAllowed with the reason.

    `answered` maps a slot to the person who filled it; `proposer` is a person.
    """
    slot = slot_of(member)
    if slot not in slots:
        wanted = " and ".join(SLOT_WORDS[each] for each in slots)
        raise NotAllowed(f"This proposal is answered by {wanted}; you fill no slot.")
    if member.person == proposer:
        raise NotAllowed("Whoever proposes a treatment does not sign it.")
    if member.person in answered.values():
        raise NotAllowed("One person answers for one side only.")
    if slot in answered:
        raise Conflict(f"Somebody else has answered for {SLOT_WORDS[slot]} already.")
    return slot


def check_same(seen: Hashes, *, row: Hashes, evidence_now: str) -> None:
    """Raise Conflict unless the reader, the decision and the finding say the same."""
    if seen.decision != row.decision:
        raise Conflict("You answered a text that is not the one proposed now.")
    if seen.evidence != row.evidence:
        raise Conflict("You answered other evidence than this version is based on.")
    if row.evidence != evidence_now:
        raise Conflict("The evidence has changed since this version was proposed.")


def unfillable(
    slots: Sequence[str], *, proposer: str, members: Iterable[Member]
) -> tuple[str, ...]:
    """Return the slots that nobody but the proposer could fill; () is good."""
    fillable = {slot_of(member) for member in members if member.person != proposer}
    return missing(slots, answered=fillable)


def without_authority(
    answered: Mapping[str, str], *, members: Iterable[Member]
) -> tuple[str, ...]:
    """Return the slots whose signer may not fill them any more (lost role or side)."""
    now = {member.person: slot_of(member) for member in members}
    return tuple(slot for slot, person in answered.items() if now.get(person) != slot)
