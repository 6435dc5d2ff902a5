"""Two customers with everything in them: what is of one never shows up at the other.

Addresses, tables and tasks are walked elsewhere; this is about what leaves by a side
door: searches, exports, mails, calls, caches and the roll-up (T1, T6, T8, T10, T11).
"""

import uuid
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from exposure.models import Asset, Finding, Run
from tenants.models import Membership, Side, User, Workspace
from tenants.rights import LOOKING
from tenants.scope import workspace_scope
from tests import factories
from tests.isolation.conftest import SECRET_NAME, Place, fill, owner
from tests.isolation.walking import ask, every_workspace_address
from tests.loopback import OK, saying, serve
from tests.workflows.conftest import member
from workflows.models import Channel, Delivery, Event
from workflows.services import channels, deliveries
from workflows.services.announcements import announce
from workflows.services.events import About, record

THEIRS = "Kettle-7-of-Eastholm"


@pytest.fixture
def both(place: Place) -> Place:
    """Eastholm has as much as Northmill."""
    owner(place.eastholm, "irma@eastholm.example", side=Side.IT)
    fill(place.eastholm, name=THEIRS, signed_by=place.mallory, proposer=place.ana)
    return place


def traces_of(workspace: Workspace) -> list[str]:
    """Return ids and names by which a row of a workspace would give itself away."""
    with workspace_scope(workspace.id):
        ids = [
            str(pk)
            for model in (Asset, Finding, Run, Event, Channel)
            for pk in model.objects.values_list("pk", flat=True)
        ]
        names = list(Asset.objects.values_list("name", flat=True))
    return [str(workspace.pk), *ids, *names]


def assert_clean(text: str, workspace: Workspace) -> None:
    """Check that nothing of a workspace is in a text."""
    assert [each for each in traces_of(workspace) if each in text] == []


def chain_now() -> None:
    """Let the database chain the entries of the ledger, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("words", [SECRET_NAME, "127.77.1.14", "program", "SL-1", "%"])
def test_a_search_finds_the_own_ones_only(words: str, both: Place) -> None:
    """T10."""
    page = ask(both.mallory, "get", f"/w/eastholm/exposures/?q={words}")

    assert_clean(page.content.decode().replace(words, ""), both.northmill)


def test_what_is_downloaded_holds_the_own_rows_only(both: Place) -> None:
    """T11 and row 1: exports."""
    chain_now()
    browser = factories.signed_in(Client(), both.mallory)
    archive = browser.get("/w/eastholm/ledger/export/").getvalue()
    with zipfile.ZipFile(BytesIO(archive)) as files:
        text = "".join(files.read(name).decode() for name in files.namelist())
    with workspace_scope(both.eastholm.id):
        number = Run.objects.get().number
    probes = browser.get(f"/w/eastholm/runs/{number}/ledger.csv")

    assert str(both.eastholm.pk) in text
    assert_clean(text, both.northmill)
    assert_clean(probes.getvalue().decode(), both.northmill)


def tell_everything(workspace: Workspace) -> None:
    """Let everything that waits in a workspace be sent now."""
    with workspace_scope(workspace.id):
        announce()
        rows = list(Delivery.objects.filter(state="waiting"))
    for row in rows:
        with workspace_scope(workspace.id):
            Delivery.objects.update(due_at=F("due_at") - timezone.timedelta(days=1))
        with workspace_scope(workspace.id):
            deliveries.deliver(row.pk)


def test_mails_and_calls_reach_the_own_people_only(both: Place, settings: Any) -> None:
    """T6: an event of one customer, with receivers at both."""
    settings.SITE_URL = "https://sightline.example"
    with serve(saying(OK)) as north, serve(saying(OK)) as east:
        for workspace, server in ((both.northmill, north), (both.eastholm, east)):
            with workspace_scope(workspace.id):
                Channel.objects.filter(kind="webhook").update(enabled=False)
                channels.add_webhook(
                    f"http://127.0.0.1:{server.port}/",
                    name="Tickets",
                    by=member(both.ana),
                )
            tell_everything(workspace)
        mail.outbox.clear()
        north.requests.clear()
        east.requests.clear()

        with workspace_scope(both.northmill.id):
            record(
                "decision.proposed", text=f"{SECRET_NAME} waits.", about=About("SL-1")
            )
        for workspace in (both.northmill, both.eastholm):
            tell_everything(workspace)

        assert (len(north.requests), len(east.requests)) == (1, 0)
    people = Membership.objects.filter(workspace=both.northmill)
    addresses = set(people.values_list("user__email", flat=True))
    assert mail.outbox
    assert {to for each in mail.outbox for to in each.to} <= addresses
    assert both.mallory.email not in {to for each in mail.outbox for to in each.to}


def keys_after(user: User, workspace: Workspace) -> set[str]:
    """Return what the cache remembers after somebody has seen every page."""
    cache.clear()
    for page in every_workspace_address():
        if page.right in LOOKING and not page.parameters:
            ask(user, "get", page.at(workspace.slug, {}))
    return {key for key in cache._cache if "allauth" not in key}  # type: ignore[attr-defined]  # of the local cache


def test_what_is_remembered_names_its_workspace(both: Place) -> None:
    """T8: caches carry the tenant."""
    ours, theirs = (
        keys_after(both.ana, both.northmill),
        keys_after(both.ana, both.eastholm),
    )

    assert ours & theirs == set()
    assert all(str(both.northmill.pk) in key for key in ours if "visit:" in key)


def test_the_roll_up_ends_with_the_access(both: Place) -> None:
    """T10: not even a count of a customer to whom nobody lets us in any more."""
    before = ask(both.ana, "get", "/customers/").content.decode()
    Membership.objects.filter(user=both.ana, workspace=both.eastholm).update(
        expires_at=timezone.now()
    )
    after = ask(both.ana, "get", "/customers/").content.decode()

    assert "Eastholm Brewing" in before
    assert "Eastholm" not in after
    assert_clean(after.replace(str(both.northmill.pk), ""), both.eastholm)


def test_an_id_of_theirs_is_no_filter(both: Place) -> None:
    """Row 1: another customer's id in a filter."""
    with workspace_scope(both.northmill.id):
        finding = Finding.objects.get()
    for name in ("q", "view", "page", "asset", "site", "workspace", "workspace_id"):
        for value in (finding.pk, both.northmill.pk, uuid.uuid4()):
            page = ask(both.mallory, "get", f"/w/eastholm/exposures/?{name}={value}")
            text = page.content.decode().replace(str(value), "")
            assert_clean(text, both.northmill)
