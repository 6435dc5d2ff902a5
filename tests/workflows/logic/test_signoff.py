"""Who answers, and what all answers together mean."""

from collections.abc import Mapping
from itertools import permutations, product

import pytest

from common.errors import Conflict, NotAllowed
from workflows.logic.signoff import (
    Hashes,
    Member,
    check_same,
    check_signer,
    missing,
    outcome,
    slot_of,
    unfillable,
    without_authority,
)

ANSWERS = ("sign", "changes", "reject")
ANA = Member("ana", "Ana Torres", "analyst", "")
IDA = Member("ida", "Ida Larsen", "owner", "it")
OTTO = Member("otto", "Otto Brandt", "owner", "ot")
OLGA = Member("olga", "Olga Meyer", "owner", "ot")
BOTH = ("it", "ot")


def check(member: Member, answered: Mapping[str, str] | None = None) -> str:
    return check_signer(member, slots=BOTH, proposer="ana", answered=answered or {})


@pytest.mark.parametrize("slots", [("it",), BOTH, ("it", "ot", "safety")])
def test_it_means_the_same_in_every_order(slots: tuple[str, ...]) -> None:
    for said in product(ANSWERS, repeat=len(slots)):
        pairs = list(zip(slots, said, strict=True))
        ends = set()
        for order in permutations(pairs):
            given: dict[str, str] = {}
            for number, (slot, word) in enumerate(order, start=1):
                given[slot] = word
                state = outcome(slots, answers=given)
                assert (state == "partly_answered") == (number < len(slots))
            ends.add(state)

        assert len(ends) == 1


@pytest.mark.parametrize(
    ("it", "ot", "state"),
    [
        ("sign", "sign", "approved"),
        ("reject", "reject", "rejected"),
        ("sign", "reject", "disputed"),
        ("reject", "sign", "disputed"),
        ("changes", "sign", "returned"),
        ("reject", "changes", "returned"),
    ],
)
def test_it_puts_two_answers_together(it: str, ot: str, state: str) -> None:
    assert outcome(BOTH, answers={"it": it, "ot": ot}) == state


def test_it_never_takes_silence_for_a_yes() -> None:
    assert outcome(BOTH, answers={}) == "proposed"
    assert outcome((), answers={}) == "proposed"
    assert outcome(BOTH, answers={"it": "sign"}) == "partly_answered"


def test_it_names_who_still_has_to_answer() -> None:
    assert missing(("it", "ot", "safety"), answered=["ot"]) == ("it", "safety")


@pytest.mark.parametrize("role", ["analyst", "manager", "auditor", "portal"])
@pytest.mark.parametrize("side", ["", "it", "ot"])
def test_it_gives_no_slot_to_the_provider_or_to_readers(role: str, side: str) -> None:
    assert slot_of(Member("x", "X", role, side)) == ""


def test_it_gives_no_slot_to_who_has_left() -> None:
    assert slot_of(Member("ida", "Ida", "owner", "it", active=False)) == ""


def test_it_lets_each_side_fill_its_own_slot() -> None:
    assert (check(IDA), check(OTTO)) == ("it", "ot")
    assert slot_of(Member("kim", "Kim", "approver", "")) == "safety"


def test_it_refuses_the_provider() -> None:
    with pytest.raises(NotAllowed, match="answered by IT and OT; you fill no slot"):
        check(ANA)


def test_it_refuses_the_proposer() -> None:
    with pytest.raises(NotAllowed, match="proposes a treatment does not sign"):
        check_signer(IDA, slots=BOTH, proposer="ida", answered={})


def test_it_refuses_one_person_in_both_slots() -> None:
    moved = Member("ida", "Ida Larsen", "owner", "ot")

    with pytest.raises(NotAllowed, match="One person answers for one side only"):
        check(moved, {"it": "ida"})


def test_it_refuses_a_second_answer_for_a_side() -> None:
    with pytest.raises(Conflict, match="has answered for OT already"):
        check(OLGA, {"ot": "otto"})


def test_it_refuses_a_side_that_is_not_asked() -> None:
    with pytest.raises(NotAllowed, match="answered by IT; you fill no slot"):
        check_signer(OTTO, slots=("it",), proposer="ana", answered={})


def test_it_accepts_only_the_same_bytes() -> None:
    row = Hashes(evidence="e", decision="d")

    check_same(Hashes("e", "d"), row=row, evidence_now="e")
    with pytest.raises(Conflict, match="a text that is not the one"):
        check_same(Hashes("e", "x"), row=row, evidence_now="e")
    with pytest.raises(Conflict, match="other evidence"):
        check_same(Hashes("x", "d"), row=row, evidence_now="e")
    with pytest.raises(Conflict, match="has changed since"):
        check_same(Hashes("e", "d"), row=row, evidence_now="new")


def test_it_finds_slots_that_nobody_could_fill() -> None:
    assert unfillable(BOTH, proposer="ana", members=[IDA, OTTO]) == ()
    assert unfillable(BOTH, proposer="ana", members=[ANA, IDA]) == ("ot",)
    assert unfillable(BOTH, proposer="ida", members=[IDA, OTTO]) == ("it",)


def test_it_notices_a_signer_who_lost_the_side() -> None:
    moved = Member("ida", "Ida Larsen", "owner", "ot")
    given = {"it": "ida", "ot": "otto"}

    assert without_authority(given, members=[IDA, OTTO]) == ()
    assert without_authority(given, members=[moved, OTTO]) == ("it",)
    assert without_authority(given, members=[OTTO]) == ("it",)
