"""What each side has said to the newest proposal, as the words on screen know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.models import Answer, Decision, DecisionState, Signature

CODES = {
    Answer.SIGN: "signed",
    Answer.CHANGES: "changes",
    Answer.REJECT: "rejected",
}
# The proposal is no longer there, so what was signed counts for nothing.
GONE = frozenset({DecisionState.VOIDED, DecisionState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Given:
    """The answer of one slot: a code of `common.words.ANSWER`, and what it rests on.

    `signature` is None while nobody has answered; `version` is the version answered.
    """

    code: str
    signature: Signature | None = None
    version: int | None = None


WAITING = Given("waiting")


def answers(decisions: Sequence[Decision], *, slots: Sequence[str]) -> dict[str, Given]:
    """Return what each slot has said; `decisions` come newest first.

    A side that signed an earlier version only is shown as such: its signature is
    kept and does not count.
    """
    return {slot: _given(decisions, slot) for slot in slots}


def pair_of(decisions: Sequence[Decision], *, slots: Sequence[str]) -> dict[str, str]:
    """Return the code of each slot, for the pair in lists."""
    return {slot: each.code for slot, each in answers(decisions, slots=slots).items()}


def _given(decisions: Sequence[Decision], slot: str) -> Given:
    for place, decision in enumerate(decisions):
        for signature in decision.signatures.all():
            if signature.slot != slot:
                continue
            counts = place == 0 and decision.state not in GONE
            code = CODES[Answer(signature.answer)]
            if not counts:
                if code != "signed":
                    return WAITING  # what was asked for then is answered by now
                code = "stale"
            return Given(code, signature, decision.version)
    return WAITING
