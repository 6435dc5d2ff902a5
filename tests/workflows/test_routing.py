"""Routing gives every open finding a case."""

from django.utils import timezone

from exposure.models import Finding, FindingState, Run, RunState
from tenants.models import User
from tests import factories
from tests.workflows.conftest import learn
from workflows.models import Case, Event
from workflows.services.routing import due, route_open_findings


def test_it_opens_a_case_with_its_reason(finding: Finding, otto: User) -> None:
    assert route_open_findings() == 1

    case = Case.objects.get()
    assert (case.lead, case.slots, case.rule) == ("ot", ["it", "ot"], "field")
    assert "OT leads" in case.reason
    # public PoC, open to the internet, C3: the table says next window
    assert (case.band, case.indicated_band) == ("out_of_cycle", "out_of_cycle")
    assert case.decide_by == due("out_of_cycle", start=case.routed_at)
    assert (case.seen_revision, case.seen_state) == (finding.revision, "open")


def test_it_asks_for_no_more_than_the_evidence_carries(finding: Finding) -> None:
    learn(finding, grade="E1")

    route_open_findings()

    case = Case.objects.get()
    assert (case.band, case.indicated_band) == ("scheduled", "out_of_cycle")


def test_it_opens_one_case_however_often_it_runs(finding: Finding) -> None:
    assert (route_open_findings(), route_open_findings()) == (1, 0)

    assert Event.objects.filter(type="finding.routed").count() == 1


def test_it_waits_until_a_finding_is_open(finding: Finding) -> None:
    Finding.objects.update(state=FindingState.VALIDATING)

    assert route_open_findings() == 0


def test_it_says_once_how_a_run_ended(finding: Finding) -> None:
    authorisation = Run.objects.get().authorisation
    for state in (RunState.FINISHED, RunState.STOPPED, RunState.FAILED):
        run = factories.make_run(authorisation, state=state)
        Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    factories.make_run(authorisation, state=RunState.QUEUED)

    route_open_findings()
    route_open_findings()

    told = Event.objects.filter(type__startswith="scan.").order_by("object_ref")
    assert [(event.type, event.object_ref) for event in told] == [
        ("scan.finished", "run 2"),
        ("scan.stopped", "run 3"),
        ("scan.failed", "run 4"),
    ]
    assert told[0].path == "/w/northmill/runs/2/"
