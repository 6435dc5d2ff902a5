"""The desk of Northmill: PLC-P21's open port is routed, Ana proposes, Ida and Otto answer."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import evidence, findings, rebuild
from tenants.models import Membership, User, Workspace
from tenants.scope import current_workspace_id
from tenants.services.fresh import Authenticated
from tests import factories
from workflows.models import Case, Decision, Kind, Signature
from workflows.services import decisions, routing, signing
from workflows.services.decisions import ProposalContent
from workflows.services.signing import Seen

Answerer = Callable[..., Signature]


def content(**values: Any) -> ProposalContent:
    """Return a complete proposal to set a password."""
    return ProposalContent(
        **{
            "kind": Kind.REMEDIATE,
            "action": "Set a password on PLC-P21",
            "technical_basis": "The controller takes blocks from anybody.",
            "safety_effect": "None; the safety relay is wired.",
            "downtime_minutes": 20,
            "lost_meanwhile": "The line stands for twenty minutes.",
            "undo": "Clear the password at the panel.",
            **values,
        }
    )


def member(user: User) -> Membership:
    """Return what the person is in the current workspace."""
    return Membership.objects.select_related("user", "workspace").get(
        user=user, workspace_id=current_workspace_id()
    )


JUST_NOW = Authenticated(("password",), needs_second=False)


def answer(
    decision: Decision, user: User, said: str = "sign", **values: Any
) -> Signature:
    """Answer what is on the screen: this decision as it was fetched."""
    return signing.answer(
        decision.pk,
        by=values.get("by") or member(user),
        answer=said,
        comment=values.get("comment", "" if said == "sign" else "Not like this."),
        seen=values.get("seen") or Seen(decision.evidence_hash, decision.decision_hash),
        shown=values.get("shown") or JUST_NOW,
    )


def learn(finding: Finding, **facts: Any) -> None:
    """Let the finding's material facts change, as a run and the path engine would."""
    row = Finding.objects.select_related("asset__zone", "service").get(pk=finding.pk)
    for name, value in facts.items():
        setattr(row, name, value)
    row.evidence_hash = evidence.bundle_hash(row)
    row.revision += 1
    row.save()


def retest(
    finding: Finding, *, holds: bool | None, at: dt.datetime | None = None
) -> None:
    """Let a re-test end: not there any more, still there, or no answer."""
    Evidence.objects.create(
        finding=finding,
        revision=1,
        kind=EvidenceKind.RETEST,
        holds=holds,
        grade="E4",
        title="Re-test",
        vantage_name="Internet",
        at=at or timezone.now(),
        sha256="c" * 64,
    )
    row = Finding.objects.get(pk=finding.pk)
    findings.move(row, FindingState.CLOSED if holds is False else FindingState.OPEN)


def yesterday() -> dt.datetime:
    """Return this time yesterday."""
    return timezone.now() - dt.timedelta(days=1)


@pytest.fixture
def case(finding: Finding, ana: User, ida: User, otto: User) -> Case:
    """The case of the open programming port, with everybody at the desk."""
    learn(finding)
    routing.route_open_findings()
    return Case.objects.select_related("finding").get(finding=finding)


@pytest.fixture
def proposal(case: Case, ana: User) -> Decision:
    """Ana's first proposal."""
    return decisions.propose(case.finding.ref, by=member(ana), content=content())


@pytest.fixture
def agreed(
    proposal: Decision, ida: User, otto: User, in_northmill: Workspace
) -> Decision:
    """Ana's proposal, signed by both sides."""
    answer(proposal, ida)
    answer(proposal, otto)
    proposal.refresh_from_db()
    return proposal


@pytest.fixture
def seen(in_northmill: Workspace, ana: User, ida: User, otto: User) -> Finding:
    """PLC-P21 behind the panel HMI-P2 that the internet reaches: two steps to the line."""
    site = factories.make_site()
    panels = factories.make_zone(site, "Supervisory network", 2)
    cell = factories.make_zone(site, "Line 2 cell", 1)
    line = factories.make_line(site)
    plc = factories.make_asset(cell, line=line, sends_packets=False)
    panel = factories.make_asset(panels, "HMI-P2", kind="hmi")
    factories.make_conduit(
        site, "Panels to line 2", from_zone=panels, to_zone=cell, ports=(102,)
    )
    run = factories.make_run(factories.make_authorisation(site, signed_by=ida))
    dmz = factories.make_zone(site, "Plant DMZ", 3.5)
    inside = factories.make_vantage("Sensor", dmz)
    first = factories.make_finding(
        factories.make_service(plc, run, vantage=inside, address="127.77.2.11")
    )
    factories.make_finding(
        factories.make_service(
            panel, run, port=80, protocol="http", address="127.77.1.15"
        ),
        check_id="hmi-open",
        title="HMI-P2 shows an operator panel to anyone without sign-in.",
    )
    rebuild.rebuild_paths()
    for row in Finding.objects.all():
        learn(row)
    routing.route_open_findings()
    return Finding.objects.get(pk=first.pk)
