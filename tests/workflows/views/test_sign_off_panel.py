"""The sign-off panel: who has said what, and what the reader may do next."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import findings
from tenants.models import User
from tests.workflows.conftest import answer, content, learn, member, retest
from tests.workflows.views.conftest import PAGE, look, text
from workflows.models import Case, Decision
from workflows.services import claims, decisions, evidence_watch


def shown(user: User) -> Any:
    return look(user, PAGE).context


def slot(user: User, key: str) -> Any:
    return next(each for each in shown(user)["signoff"].slots if each.key == key)


def test_nothing_is_proposed_at_first(case: Case, ana: User, auditor: User) -> None:
    assert "Nobody has proposed a treatment" in text(look(ana, PAGE))
    assert shown(ana)["propose_form"] is not None
    assert shown(auditor)["propose_form"] is None


def test_a_finding_that_nobody_has_routed_says_so(finding: Finding, ana: User) -> None:
    page = look(ana, PAGE)

    assert "It is not routed to anybody yet" in text(page)
    assert page.context["propose_form"] is None


def test_it_offers_the_sentence_to_those_who_sign(
    proposal: Decision, ana: User, otto: User
) -> None:
    page = shown(otto)

    assert page["answer_side"] == "OT"
    assert page["answer_statement"] == (
        "I approve version 1 for OT: Set a password on PLC-P21"
    )
    assert page["answer_form"].initial == {
        "evidence_hash": proposal.evidence_hash,
        "decision_hash": proposal.decision_hash,
    }
    assert slot(otto, "ot").you
    assert shown(ana)["answer_form"] is None


def test_it_says_for_whom_it_waits(proposal: Decision, ida: User, otto: User) -> None:
    assert shown(ida)["signoff"].state == "Waiting for IT and OT"
    assert slot(ida, "ot").name == "Otto Brandt"

    answer(proposal, ida, comment="Fine with us.")

    assert shown(otto)["signoff"].state == "Waiting for OT"
    assert (slot(otto, "it").answer, slot(otto, "it").comment) == (
        "signed",
        "Fine with us.",
    )
    assert shown(ida)["answer_form"] is None


def test_an_auditor_and_a_reader_see_no_form(proposal: Decision, auditor: User) -> None:
    page = text(look(auditor, PAGE))

    main = page.split('<main id="main"', 1)[1]
    assert "Set a password" in main
    assert "<form" not in main


def test_an_earlier_signature_stays_and_does_not_count(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, otto)
    learn(proposal.case.finding, threat="active")
    evidence_watch.follow()
    voided = shown(otto)["signoff"]
    decisions.propose("SL-1", by=member(ana), content=content(downtime_minutes=45))

    page = text(look(otto, PAGE))

    assert voided.state == "Void"
    assert "The evidence has changed" in voided.note
    mark = slot(otto, "ot")
    assert (mark.answer, mark.version, mark.you) == ("stale", 1, True)
    assert "version 1" in page
    assert "Version 1 does not count any more." in page


def test_it_shows_the_difference_to_the_version_before(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, otto)
    answer(proposal, ida, "changes")
    decisions.propose("SL-1", by=member(ana), content=content(downtime_minutes=45))

    panel = shown(ida)["signoff"]

    assert panel.difference_to == 1
    assert [(each.label, each.before, each.after) for each in panel.difference] == [
        ("Planned stop, minutes", "20", "45")
    ]


def test_the_next_version_starts_from_the_last(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, otto)
    answer(proposal, ida, "changes", comment="Which weekend?")

    page = look(ana, PAGE)

    assert page.context["propose_word"] == "Propose version 2"
    assert page.context["propose_form"]["action"].value() == "Set a password on PLC-P21"
    assert "Which weekend?" in text(page)


def test_owners_claim_what_was_agreed(
    agreed: Decision, ana: User, otto: User, auditor: User
) -> None:
    assert shown(otto)["signoff"].state == "Approved by all sides"
    assert shown(otto)["claim_url"]
    assert not shown(ana)["claim_url"]
    assert not shown(auditor)["retest_url"]


def test_it_watches_a_re_test(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))

    page = look(otto, PAGE)

    assert page.context["retest"].state == "Under way"
    assert page.context["claimed"].by == "Otto Brandt"
    assert f'hx-get="{PAGE}" hx-trigger="sl:tick' in text(page)
    assert 'id="signoff"' in text(look(otto, PAGE, htmx=True))


def test_it_watches_until_the_decision_has_followed_the_re_test(
    agreed: Decision, otto: User
) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    Finding.objects.update(state=FindingState.CLOSED)

    answer = look(otto, PAGE, htmx=True)

    assert "HX-Refresh" not in answer.headers
    assert f'hx-get="{PAGE}"' in text(answer)


def test_it_loads_again_when_the_re_test_is_done(case: Case, otto: User) -> None:
    assert look(otto, PAGE, htmx=True).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("holds", "words"), [(True, "It is still there"), (None, "It could not tell")]
)
def test_it_says_what_a_re_test_found(
    *, holds: bool | None, words: str, case: Case, otto: User
) -> None:
    findings.request_retest(case.finding_id, by=otto)
    retest(case.finding, holds=holds)

    assert shown(otto)["retest"].state == words


def test_what_was_written_last_counts_whatever_it_speaks_of(
    case: Case, otto: User
) -> None:
    findings.request_retest(case.finding_id, by=otto)
    retest(case.finding, holds=True)
    row = Evidence(
        finding=case.finding,
        revision=1,
        kind=EvidenceKind.RETEST,
        holds=None,
        grade="E4",
        title="The re-test could not tell",
        vantage_name="Internet",
        at=timezone.now() - dt.timedelta(days=3),
        sha256="d" * 64,
    )
    row.save()

    assert shown(otto)["retest"].state == "It could not tell"


def test_it_says_by_which_evidence_it_was_closed(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=False)
    evidence_watch.follow()

    page = look(otto, PAGE)

    assert "Closed by evidence." in text(page)
    assert page.context["lead"].startswith("It does not count any more.")
    assert page.context["signoff"].state == "Completed: the re-test proved it"
    assert page.context["propose_form"] is None
    assert not page.context["retest_url"]
