"""An owner of one plant answers for that plant and for no other."""

import uuid

import pytest

from common.errors import DomainError, NotAllowed
from exposure.models import Finding
from tenants.models import Membership, User
from tests.workflows.conftest import answer, content, member
from workflows.models import Case, Decision
from workflows.services import decisions, signing


def _answers_for(user: User, *sites: uuid.UUID) -> None:
    Membership.objects.filter(user=user).update(site_ids=list(sites))


def test_an_owner_of_this_site_signs(
    proposal: Decision, finding: Finding, ida: User
) -> None:
    _answers_for(ida, finding.asset.site_id)

    assert answer(proposal, ida).slot == "it"


def test_an_owner_of_another_site_does_not(proposal: Decision, ida: User) -> None:
    _answers_for(ida, uuid.uuid4())

    with pytest.raises(NotAllowed):
        answer(proposal, ida)
    assert signing.slot_for(proposal, by=member(ida)) == ""
    assert list(signing.waiting_for(member(ida))) == []


def test_without_an_owner_of_the_site_nothing_is_proposed(
    case: Case, ana: User, ida: User
) -> None:
    _answers_for(ida, uuid.uuid4())

    with pytest.raises(DomainError, match="IT"):
        decisions.propose(case.finding.ref, by=member(ana), content=content())
