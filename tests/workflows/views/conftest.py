"""Members with a browser: each knows how to look at a page and how to send a form."""

from typing import Any

import pytest
from django.test import Client

from tenants.models import Role, User, Workspace
from tests import factories
from workflows.models import Case, Decision

PLACE = "/w/northmill/"
PAGE = f"{PLACE}exposures/SL-1/"
HTMX = {"HX-Request": "true"}
PROPOSAL: dict[str, Any] = {
    "kind": "remediate",
    "action": "Set a password on PLC-P21",
    "technical_basis": "The controller takes blocks from anybody.",
    "safety_effect": "None; the safety relay is wired.",
    "downtime_minutes": "20",
    "lost_meanwhile": "The line stands for twenty minutes.",
    "undo": "Clear the password at the panel.",
}


def visitor(user: User, *, htmx: bool = False) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client(headers=HTMX if htmx else None)
    factories.signed_in(client, user)
    return client


def look(user: User, path: str, *, htmx: bool = False, **query: Any) -> Any:
    """Get a page as this person."""
    return visitor(user, htmx=htmx).get(path, query)


def send(user: User, path: str, *, htmx: bool = False, **fields: Any) -> Any:
    """Post a form as this person."""
    return visitor(user, htmx=htmx).post(path, fields)


def at(decision: Decision, act: str) -> str:
    """Return where an act on a decision is posted to."""
    return f"{PAGE}decisions/{decision.pk}/{act}/"


def said(decision: Decision, word: str = "sign", **more: Any) -> dict[str, Any]:
    """Return the fields of an answer to what is on the screen."""
    return {
        "answer": word,
        "comment": "",
        "evidence_hash": decision.evidence_hash,
        "decision_hash": decision.decision_hash,
        **more,
    }


def text(response: Any) -> str:
    """Return what was answered, in one line."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def auditor(northmill: Workspace) -> User:
    """Someone who reads and does nothing."""
    user = factories.make_user("rita@northmill.example", "Rita Voss")
    factories.make_member(northmill, user, role=Role.AUDITOR)
    return user


def case_of(number: int) -> Case:
    """Return the case of a finding as it is now."""
    return Case.objects.get(finding__number=number)
