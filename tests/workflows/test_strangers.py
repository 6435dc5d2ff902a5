"""Ids of another customer are refused by every service, however they were learned."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from exposure.models import Finding
from tenants.models import Membership, Role, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.workflows.conftest import JUST_NOW, content, learn, member
from workflows.models import Case, Channel, Decision, DecisionState, Delivery, Event
from workflows.services import channels, claims, decisions, deliveries, routing, signing
from workflows.services.announcements import announce
from workflows.services.signing import Seen


@pytest.fixture
def ours(
    northmill: Workspace, ana: User, ida: User, otto: User
) -> dict[str, uuid.UUID]:
    """Ids of Northmill that a stranger might have got hold of."""
    with workspace_scope(northmill.id):
        site = factories.make_site()
        asset = factories.make_asset(factories.make_zone(site))
        run = factories.make_run(factories.make_authorisation(site, signed_by=ida))
        finding = factories.make_finding(factories.make_service(asset, run))
        learn(finding)
        routing.route_open_findings()
        proposal = decisions.propose("SL-1", by=member(ana), content=content())
        announce()
        return {
            "decision": proposal.pk,
            "channel": Channel.objects.filter(member=ida).get().pk,
            "delivery": Delivery.objects.filter(event__type="decision.proposed")[0].pk,
        }


@pytest.fixture
def stranger(mallory: User, eastholm: Workspace) -> Membership:
    """Mallory, with every right there is: at Eastholm."""
    row = Membership.objects.select_related("user").get(user=mallory)
    row.role, row.side = Role.MANAGER, ""
    row.expires_at = timezone.now() + dt.timedelta(days=1)
    row.reason = "Looks after the brewery."
    row.save()
    return row


ACTS: list[Callable[[dict[str, uuid.UUID], Membership], Any]] = [
    lambda _, by: decisions.propose("SL-1", by=by, content=content()),
    lambda ids, by: decisions.withdraw(ids["decision"], by=by),
    lambda ids, by: signing.answer(
        ids["decision"],
        by=by,
        answer="sign",
        comment="",
        seen=Seen("a", "b"),
        shown=JUST_NOW,
    ),
    lambda _, by: claims.request_retest("SL-1", by=by),
    lambda ids, by: channels.send_test(ids["channel"], by=by),
    lambda ids, by: channels.disable(ids["channel"], by=by),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_nothing(
    act: Callable[[dict[str, uuid.UUID], Membership], Any],
    ours: dict[str, uuid.UUID],
    stranger: Membership,
    eastholm: Workspace,
) -> None:
    with pytest.raises(ObjectDoesNotExist), workspace_scope(eastholm.id):
        act(ours, stranger)


def test_a_strange_owner_claims_nothing(
    ours: dict[str, uuid.UUID], mallory: User, eastholm: Workspace
) -> None:
    with pytest.raises(Decision.DoesNotExist), workspace_scope(eastholm.id):
        claims.claim_fixed(ours["decision"], by=member(mallory))


def test_a_strange_job_delivers_nothing(
    ours: dict[str, uuid.UUID],
    eastholm: Workspace,
    northmill: Workspace,
    mailoutbox: list[Any],
) -> None:
    with workspace_scope(eastholm.id):
        deliveries.deliver(ours["delivery"])

    with workspace_scope(northmill.id):
        assert Delivery.objects.get(pk=ours["delivery"]).attempts == 0
    assert mailoutbox == []


def test_events_reach_members_only(
    ours: dict[str, uuid.UUID], mallory: User, eastholm: Workspace, northmill: Workspace
) -> None:
    with workspace_scope(eastholm.id):
        announce()

        assert not Delivery.objects.exists()
        assert not Event.objects.exists()
        assert not Case.objects.exists()
        assert not Finding.objects.exists()
    with workspace_scope(northmill.id):
        assert set(
            Delivery.objects.values_list("channel__member__email", flat=True)
        ) == {
            "ida@northmill.example",
            "otto@northmill.example",
        }
        assert Decision.objects.get().state == DecisionState.PROPOSED
