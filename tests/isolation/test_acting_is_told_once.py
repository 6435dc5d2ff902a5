"""A page that asks for itself again and again is one entry of the ledger."""

import pytest
from django.db import connections
from django.test import Client

from tenants.models import LedgerEntry, Role, Side
from tenants.scope import workspace_scope
from tests import factories


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_same_page_is_written_down_once_in_a_look() -> None:
    northgate = factories.make_provider("Northgate")
    northmill = factories.make_workspace(northgate, "Northmill Dairy")
    ana = factories.make_user("ana@northgate.example", "Ana Torres")
    otto = factories.make_user("otto@northmill.example", "Otto Brandt")
    factories.make_member(northmill, ana, role=Role.ANALYST)
    factories.make_member(northmill, otto, role=Role.OWNER, side=Side.OT)
    browser = factories.signed_in(Client(), ana)
    browser.post(f"/w/northmill/people/{otto.pk}/look/", {"reason": "A question."})

    for path in ("", "", "", "runs/", "runs/?page=2"):
        headers = {"HX-Request": "true"} if not path else {}
        assert browser.get(f"/w/northmill/{path}", headers=headers).status_code == 200

    with workspace_scope(northmill.id):
        assert LedgerEntry.objects.filter(action="access.seen_as").count() == 2
        assert LedgerEntry.objects.filter(action="access.visited").count() == 1
    for connection in connections.all():
        connection.close()
