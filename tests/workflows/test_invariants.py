"""What must hold after any sequence of acts, however odd."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.canonical import canonical_bytes
from common.errors import DomainError
from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import findings
from tenants.models import Membership, User
from tenants.models.memberships import PROVIDER_ROLES
from tests.workflows.conftest import answer, content, learn, member, retest
from workflows.logic.lifecycle import COVERING, LIVE
from workflows.models import Answer, Case, Decision, DecisionState, Event, Signature
from workflows.services import claims, decisions
from workflows.services.evidence_watch import follow
from workflows.services.frozen import sha256

PEOPLE = st.sampled_from(["ana", "ida", "otto"])
ACTS = st.one_of(
    st.tuples(st.just("propose"), PEOPLE),
    st.tuples(
        st.just("answer"),
        st.tuples(PEOPLE, st.sampled_from(list(Answer)), st.booleans()),
    ),
    st.tuples(st.just("withdraw"), PEOPLE),
    st.tuples(st.just("claim"), PEOPLE),
    st.tuples(st.just("ask_retest"), PEOPLE),
    st.tuples(st.just("end_retest"), st.sampled_from([True, False, None])),
    st.tuples(st.just("learn"), st.sampled_from(["none", "public_poc", "active"])),
    st.tuples(st.just("redetect"), st.none()),
    st.tuples(st.just("change_side"), st.sampled_from(["it", "ot"])),
    st.tuples(st.just("follow"), st.none()),
)
# A good start, so that most runs come to where it gets interesting.
PREFIXES = st.sampled_from(
    [
        [],
        [("propose", "ana")],
        [("propose", "ana"), ("answer", ("ida", "sign", False))],
        [
            ("propose", "ana"),
            ("answer", ("ida", "sign", False)),
            ("answer", ("otto", "sign", False)),
        ],
        [
            ("propose", "ana"),
            ("answer", ("otto", "sign", False)),
            ("answer", ("ida", "sign", False)),
            ("claim", "otto"),
        ],
    ]
)


class Desk:
    """Everything people, runs and clocks can do to one case."""

    def __init__(self, case: Case, people: dict[str, User]) -> None:
        self.case, self.people = case, people
        self.closed_by_retest = False

    def propose(self, who: str) -> None:
        decisions.propose("SL-1", by=member(self.people[who]), content=content())

    def answer(self, how: tuple[str, str, bool]) -> None:
        who, said, old = how
        rows = Decision.objects.order_by("version")
        row = rows.first() if old else rows.last()
        if row is not None:
            answer(row, self.people[who], said)

    def withdraw(self, who: str) -> None:
        if row := Decision.objects.order_by("version").last():
            decisions.withdraw(row.pk, by=member(self.people[who]))

    def claim(self, who: str) -> None:
        if row := Decision.objects.order_by("version").last():
            claims.claim_fixed(row.pk, by=member(self.people[who]))

    def ask_retest(self, who: str) -> None:
        claims.request_retest("SL-1", by=member(self.people[who]))

    def end_retest(self, holds: bool | None) -> None:  # noqa: FBT001 - drawn, not called
        if Finding.objects.get().state == FindingState.VERIFYING:
            retest(self.case.finding, holds=holds)

    def learn(self, threat: str) -> None:
        learn(self.case.finding, threat=threat)

    def redetect(self, _: None) -> None:
        row = Finding.objects.get()
        if row.state == FindingState.CLOSED:
            findings.move(row, FindingState.OPEN)

    def change_side(self, side: str) -> None:
        Membership.objects.filter(user=self.people["ida"]).update(side=side)

    def follow(self, _: None) -> None:
        follow()

    def check(self, act: str, *, before: str) -> None:
        """Check invariants 1, 2, 3 and 5."""
        after = Finding.objects.get().state
        if FindingState.CLOSED in (before, after) and before != after:
            assert act == (
                "redetect" if before == FindingState.CLOSED else "end_retest"
            )
        for decision in Decision.objects.all():
            check_signatures(decision)
        covering = Decision.objects.filter(state__in=COVERING).count()
        if after == FindingState.TREATED:
            assert covering == 1
        assert Decision.objects.filter(state__in=LIVE).count() <= 1


def check_signatures(decision: Decision) -> None:
    given = list(Signature.objects.filter(decision=decision))
    for row in given:
        assert (
            row.evidence_hash
            == decision.evidence_hash
            == sha256(decision.evidence_bytes)
        )
        assert (
            row.decision_hash
            == decision.decision_hash
            == sha256(decision.decision_bytes)
        )
        payload = json.loads(bytes(row.payload))
        assert canonical_bytes(payload) == bytes(row.payload)
        assert row.payload_hash == sha256(row.payload)
        assert payload["decision_hash"] == decision.decision_hash
        assert row.person_id != decision.proposer_id
        assert row.role not in PROVIDER_ROLES
    assert len({row.person_id for row in given}) == len(given)
    if decision.state in {*COVERING, DecisionState.COMPLETED}:
        assert sorted(row.slot for row in given) == sorted(decision.case.slots)
        assert {row.answer for row in given} == {Answer.SIGN}


def check_timeline() -> None:
    """A closed finding names a re-test that came after the last claim."""
    for closed in Event.objects.filter(type="finding.closed"):
        proof = Evidence.objects.get(pk=closed.data["retest"])
        assert (proof.kind, proof.holds) == (EvidenceKind.RETEST, False)
        before = Event.objects.filter(
            type="change.fix_claimed", sequence__lt=closed.sequence
        )
        if claim := before.order_by("sequence").last():
            assert proof.at > claim.at


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(prefix=PREFIXES, more=st.lists(ACTS, min_size=1, max_size=10))
def test_the_invariants_hold_after_every_act(
    case: Case,
    ana: User,
    ida: User,
    otto: User,
    prefix: list[tuple[str, Any]],
    more: list[tuple[str, Any]],
) -> None:
    with transaction.atomic():
        desk = Desk(case, {"ana": ana, "ida": ida, "otto": otto})
        for name, what in [*prefix, *more]:
            before = Finding.objects.get().state
            act: Callable[[Any], None] = getattr(desk, name)
            with contextlib.suppress(DomainError):
                act(what)
            desk.check(name, before=before)

        follow()
        told = Event.objects.count()
        assert follow() == 0
        assert Event.objects.count() == told
        check_timeline()
        transaction.set_rollback(True)
