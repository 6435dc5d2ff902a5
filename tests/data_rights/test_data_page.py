import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

import workflows.tasks  # noqa: F401 - fills the registry of tasks
from tenants import work
from tenants.models import (
    Closure,
    DataPolicy,
    Export,
    Job,
    LedgerEntry,
    Portal,
    Role,
    Staff,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tests import factories
from tests.data_rights.conftest import Cast, asked_for_deletion
from tests.isolation.walking import changed, picture

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PAGE = "/w/northmill/data/"
REASON = "We move to another service."


def browser(user: User) -> Client:
    return factories.signed_in(Client(), user)


def post(user: User, path: str, **fields: object) -> Any:
    return browser(user).post(f"{PAGE}{path}", fields, follow=True)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_everybody_reads_it_and_administrators_decide(cast: Cast) -> None:
    for user in (cast.ana, cast.otto, cast.ida):
        page = browser(user).get(PAGE)
        assert page.status_code == 200
        assert "Probe records and observations" in text(page)
        assert ("Ask for an export" in text(page)) is (user == cast.ida)
        assert ("Delete Northmill Dairy" in text(page)) is (user == cast.ida)


def test_an_export_is_asked_for_written_and_downloaded(cast: Cast) -> None:
    assert "The file is being written" in text(post(cast.ida, "export/"))
    assert "Being written" in text(browser(cast.otto).get(PAGE))
    with workspace_scope(cast.northmill.pk):
        job = Job.objects.get(task="workflows.export_workspace")
    work.run_job(cast.northmill.pk, job.pk)

    page = text(browser(cast.ida).get(PAGE))
    with workspace_scope(cast.northmill.pk):
        export = Export.objects.get()
    got = browser(cast.ida).post(f"{PAGE}download/", {"export": export.pk})

    assert "Ready" in page
    assert got.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "no-store" in got.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))) as archive:
        assert "manifest.json" in archive.namelist()
    assert "Download" not in text(browser(cast.otto).get(PAGE))


def test_nobody_else_downloads_it_by_any_address(cast: Cast) -> None:
    post(cast.ida, "export/")
    with workspace_scope(cast.northmill.pk):
        job = Job.objects.get(task="workflows.export_workspace")
    work.run_job(cast.northmill.pk, job.pk)
    with workspace_scope(cast.northmill.pk):
        export = Export.objects.get()

    for user in (cast.ana, cast.otto):
        assert post(user, "download/", export=export.pk).status_code == 403
        path = f"/w/northmill/files/{export.file_id}/"
        assert browser(user).get(path).status_code == 404
    theirs = browser(cast.mallory)
    path = "/w/eastholm/data/download/"
    assert theirs.post(path, {"export": export.pk}).status_code == 404
    for fields in ({"export": "x"}, {"export": "\0"}, {}):
        assert "Choose one" in text(theirs.post(path, fields, follow=True))


def test_who_answers_for_some_sites_decides_nothing(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        row = cast.me(cast.ida)
        row.site_ids = [cast.northmill.pk]
        row.save(update_fields=["site_ids"])
    before = picture(cast.northmill)

    for path in ("export/", "hold/", "retention/", "close/"):
        answer = post(cast.ida, path, reason="x", name="Northmill Dairy", jobs="9")
        assert answer.status_code == 403, path
    assert changed(before, picture(cast.northmill)) == set()


def test_without_a_fresh_factor_nothing_happens(cast: Cast) -> None:
    before = picture(cast.northmill)
    stale = Client()
    stale.force_login(cast.ida)

    for path in ("export/", "download/", "erase/", "close/"):
        sent = {"person": cast.otto.pk, "name": "Northmill Dairy", "reason": REASON}
        answer = stale.post(f"{PAGE}{path}", sent)
        assert answer.status_code == 302, path
        assert "/accounts/" in answer["Location"]
    assert changed(before, picture(cast.northmill)) == set()


def test_how_long_what_is_kept_is_chosen_on_the_page(cast: Cast) -> None:
    assert "Noted." in text(post(cast.ida, "retention/", jobs="9", visits="400"))
    refused = text(post(cast.ida, "retention/", jobs="9", visits="1"))
    for strange in ("", "-3", "1e3", "٣", "9" * 500, "\0"):
        post(cast.ida, "retention/", jobs=strange)

    assert "choose between 365 and 3650 days" in refused
    with workspace_scope(cast.northmill.pk):
        assert DataPolicy.objects.get().days == {"jobs": 9, "visits": 400}


def test_a_hold_is_set_and_lifted_and_told(cast: Cast) -> None:
    post(cast.ida, "hold/", reason="A court <b>asks</b> for it.")
    page = text(browser(cast.otto).get(PAGE))
    refused = text(post(cast.ida, "close/", name="Northmill Dairy", reason=REASON))
    post(cast.ida, "lift/")

    assert "A court &lt;b&gt;asks&lt;/b&gt; for it." in page
    assert "All deletion is on hold: A court" in refused
    with workspace_scope(cast.northmill.pk):
        assert not Closure.objects.exists()
        actions = list(LedgerEntry.objects.values_list("action", flat=True))
    assert {"data.held", "data.hold_lifted"} <= set(actions)


def test_a_deletion_is_asked_for_seen_and_called_off(cast: Cast) -> None:
    wrong = text(post(cast.ida, "close/", name="Northmill", reason=REASON))
    post(cast.ida, "close/", name="Northmill Dairy", reason=REASON)

    assert "Type the name of the workspace" in wrong
    assert "The deletion is under way" in text(browser(cast.otto).get(PAGE))
    # The portal is read only meanwhile, and still it can be called off.
    assert Workspace.objects.get(pk=cast.northmill.pk).portal == Portal.READ
    assert "The workspace stays." in text(post(cast.ida, "call-off/"))
    assert Workspace.objects.get(pk=cast.northmill.pk).portal == Portal.FULL


def test_a_closed_portal_keeps_nobody_from_the_own_data(cast: Cast) -> None:
    Workspace.objects.filter(pk=cast.northmill.pk).update(portal=Portal.OFF)

    assert browser(cast.ida).get(PAGE).status_code == 200
    assert "The file is being written" in text(post(cast.ida, "export/"))
    assert browser(cast.otto).get(PAGE).status_code == 403


def test_the_provider_sees_and_confirms_it(cast: Cast, settings: Settings) -> None:
    max_ = factories.make_user("max@northgate.example", "Max Holm")
    Staff.objects.create(
        provider=cast.northmill.provider, user=max_, role=Role.MANAGER.value
    )
    asked_for_deletion(cast, cast.ida)

    page = text(browser(max_).get("/p/northgate/"))
    path = f"/p/northgate/close/{cast.northmill.pk}/"
    refused = browser(cast.ana).post(path)
    again = browser(max_).post(path, follow=True)

    assert "Northmill Dairy</span> is deleted on" in page
    assert "Eastholm Brewing</span> is deleted on" not in page
    assert refused.status_code == 403
    assert "confirmed" in text(again)
    assert (
        browser(max_)
        .post(f"/p/northgate/close/{cast.eastholm.pk}/", follow=True)
        .status_code
        == 200
    )
    with workspace_scope(cast.eastholm.pk):
        assert not Closure.objects.exists()


def test_nobody_erases_who_was_never_here(cast: Cast) -> None:
    before = picture(cast.northmill, cast.eastholm)

    stranger = post(cast.ida, "erase/", person=cast.mallory.pk, reason="x")
    assert stranger.status_code == 404
    for person in ("x", "", "\0", "9" * 9000):
        answer = text(post(cast.ida, "erase/", person=person, reason="x"))
        assert "Choose one from the list." in answer
    assert changed(before, picture(cast.northmill, cast.eastholm)) == set()
