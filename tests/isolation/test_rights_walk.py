"""Every address x method x place in the workspace answers as the table of rights says.

The expectation is computed from `tenants.rights`, from which docs/rights.md is printed;
nothing is listed by hand. Each request is undone, so that the next one finds the same rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tenants.access import may
from tenants.models import Membership, Portal, Role, Side, Workspace
from tenants.models.memberships import PROVIDER_ROLES
from tenants.rights import LOOKING, Right
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.together import together
from tests.isolation.walking import Address, every_workspace_address, send

# That no view takes another one is walked in tests/isolation/test_every_url.py.
WALKED = ("get", "post")
FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 403, 404, 405
Crowd = list[tuple["Who", Membership, Client]]
LACKS = (b"Your role may not", b"The portal of this workspace is closed")


@dataclass(frozen=True)
class Who:
    """One kind of member: role, side and whether they administer."""

    role: Role
    side: Side = Side.NONE
    is_admin: bool = False

    def __str__(self) -> str:
        """Return what the kind is called in a failure."""
        admin = " administrator" if self.is_admin else ""
        return f"{self.role} {self.side}{admin}"


def everybody() -> Iterator[Who]:
    """Return every kind of member there can be."""
    for role in Role:
        sides = (Side.IT, Side.OT) if role == Role.OWNER else (Side.NONE,)
        for side in sides:
            yield Who(role, side)
            if role not in PROVIDER_ROLES:
                yield Who(role, side, is_admin=True)


def expected(address: Address, method: str, member: Membership) -> int | None:
    """Return the refusal that the table of rights asks for; None if it is let in."""
    takes = "get" if address.right in LOOKING else "post"
    closed = member.workspace.portal == Portal.OFF and not member.is_provider
    if closed and not may(member, address.right):
        return FORBIDDEN  # at the door, before the view is asked
    if method != takes:
        return NOT_ALLOWED
    return None if may(member, address.right) else FORBIDDEN


def ask_and_undo(browser: Client, method: str, path: str) -> Any:
    """Send a request and take back what it did."""
    with transaction.atomic():
        answer = send(browser, method, path)
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def crowd(place: Place) -> Crowd:
    """Return somebody of every kind, members of Northmill who have signed in."""
    found = []
    for number, who in enumerate(everybody()):
        user = factories.make_user(f"walker{number}@northmill.example", str(who))
        member = factories.make_member(
            place.northmill, user, role=who.role, side=who.side, is_admin=who.is_admin
        )
        found.append((who, member, factories.signed_in(Client(), user)))
    return found


@together(every_workspace_address())
def test_it_answers_as_the_table_of_rights_says(
    address: Address, place: Place, crowd: Crowd
) -> None:
    path = address.at("northmill", place.rows)

    for level in Portal:
        Workspace.objects.filter(pk=place.northmill.pk).update(portal=level)
        for who, member, browser in crowd:
            member.workspace.portal = level
            for method in WALKED:
                answer = ask_and_undo(browser, method, path)
                said = f"{level}, {who}: {method} gave {answer.status_code}"
                assert_as_expected(answer, expected(address, method, member), said)


def assert_as_expected(answer: Any, wanted: int | None, said: str) -> None:
    """Check that an answer is the refusal that was wanted, or none."""
    lacking = any(words in answer.content for words in LACKS)
    if wanted is None:
        assert not lacking, said
        assert answer.status_code not in {NOT_FOUND, NOT_ALLOWED}, said
    else:
        assert answer.status_code == wanted, said
        assert lacking is (wanted == FORBIDDEN), said


def test_every_kind_of_member_is_walked() -> None:
    kinds = set(everybody())

    assert {who.role for who in kinds} == set(Role)
    assert {who.side for who in kinds} == set(Side)
    assert {Right(right) for right in LOOKING} <= set(Right)
    assert len(kinds) == 12
