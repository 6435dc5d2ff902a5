"""Files of a finding: attached, listed, handed out to be saved, removed."""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from common.sealing import SealBroken
from exposure.models import Finding
from tenants.models import (
    FileKind,
    Membership,
    Role,
    StoredFile,
    User,
    Workspace,
)
from tenants.services import file_disk, files
from tests import factories
from tests.workflows.conftest import member
from tests.workflows.views.attaching import (
    ATTACH,
    PHOTO,
    attach,
    attached,
    body,
    fetch,
    remove,
    told,
    where,
)
from tests.workflows.views.conftest import PAGE, look, text, visitor
from workflows.models import Case


@pytest.fixture
def portia(northmill: Workspace) -> User:
    """Uses the portal of Northmill, and owns nothing."""
    user = factories.make_user("portia@northmill.example", "Portia Lund")
    factories.make_member(northmill, user, role=Role.PORTAL)
    return user


def test_a_photo_is_attached_and_comes_back_as_it_was(case: Case, otto: User) -> None:
    response = attach(otto)

    assert response.headers["Location"] == f"{PAGE}#files"
    row = StoredFile.objects.get()
    assert (row.about, row.uploaded_by) == ("SL-1", otto)
    assert row.site_id == Finding.objects.get().asset.site_id
    page = text(look(otto, PAGE))
    assert "cabinet.png" in page
    assert f'href="{where(row)}"' in page
    assert f'title="{row.sha256}"' in page
    assert "Otto Brandt" in page
    assert body(fetch(otto, row)) == PHOTO


def test_it_is_to_be_saved_and_nothing_else(case: Case, otto: User) -> None:
    row = attached(otto)

    headers = fetch(otto, row, **{"accept-encoding": "gzip, br"}).headers

    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'attachment; filename="cabinet.png"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(PHOTO))
    assert "no-store" in headers["Cache-Control"]
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "Content-Encoding" not in headers


def test_a_part_of_it_cannot_be_asked_for(case: Case, otto: User) -> None:
    row = attached(otto)

    response = fetch(otto, row, range="bytes=0-3")

    assert response.status_code == 200
    assert body(response) == PHOTO


def test_its_head_has_its_length_and_no_body(case: Case, otto: User) -> None:
    row = attached(otto)

    response = fetch(otto, row, "head")

    assert response.headers["Content-Length"] == str(len(PHOTO))
    assert response.content == b""


def test_4_a_guessed_id_and_an_address_kept_after_the_end_are_not_found(
    case: Case, otto: User
) -> None:
    row = attached(otto)
    browser = visitor(otto)
    assert browser.get(where(row)).status_code == 200
    follower = uuid.UUID(int=row.pk.int + 1)

    assert browser.get(f"/w/northmill/files/{follower}/").status_code == 404
    Membership.objects.filter(user=otto).delete()
    assert browser.get(where(row)).status_code == 404
    assert Client().get(where(row)).status_code == 302


def test_another_customer_does_not_find_it(
    case: Case, otto: User, mallory: User
) -> None:
    row = attached(otto)

    assert visitor(mallory).get(where(row)).status_code == 404


def test_who_answers_for_other_sites_finds_neither_file_nor_line(
    case: Case, otto: User, ida: User
) -> None:
    row = attached(otto)
    whole = files.store(
        [b"everything"],
        name="all.zip",
        kind=FileKind.EXPORT,
        about="workspace",
        by=None,
    )
    Membership.objects.filter(user=ida).update(site_ids=[uuid.uuid4()])
    Membership.objects.filter(user=otto).update(site_ids=[row.site_id])

    assert fetch(ida, row).status_code == 404
    assert look(ida, PAGE).status_code == 404
    assert attach(ida).status_code == 404
    assert fetch(otto, row).status_code == 200
    assert fetch(otto, whole).status_code == 404


def test_an_auditor_reads_and_attaches_nothing(
    case: Case, otto: User, northmill: Workspace
) -> None:
    audrey = factories.make_user("audrey@northmill.example", "Audrey")
    factories.make_member(northmill, audrey, role=Role.AUDITOR)
    row = attached(otto)

    assert attach(audrey).status_code == 403
    assert fetch(audrey, row).status_code == 200
    assert "Attach a file" not in text(look(audrey, PAGE))


def test_a_portal_user_and_the_provider_attach(
    case: Case, portia: User, ana: User
) -> None:
    assert attached(portia, kind="upload").kind == FileKind.UPLOAD
    assert attached(ana).uploaded_by == ana


def test_who_attached_it_removes_it_and_the_line_stays(case: Case, otto: User) -> None:
    row = attached(otto)

    assert remove(otto, row).status_code == 302

    assert fetch(otto, row).status_code == 404
    page = text(look(otto, PAGE))
    assert "<s>cabinet.png</s>" in page
    assert "Removed by Otto Brandt: The wrong cabinet" in page
    assert where(row) not in page
    assert "Otto Brandt removed cabinet.png: The wrong cabinet" in told()


def test_somebody_else_removes_it_as_an_administrator_only(
    case: Case, otto: User, ida: User, portia: User
) -> None:
    row = attached(otto)
    Membership.objects.filter(user=ida).update(is_admin=True)

    assert "Remove" not in text(look(portia, PAGE))
    assert remove(portia, row).status_code == 403
    assert fetch(otto, row).status_code == 200
    assert remove(ida, row).status_code == 302
    assert fetch(otto, row).status_code == 404


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "\0"])
def test_it_is_not_removed_without_a_reason(
    case: Case, otto: User, reason: str
) -> None:
    row = attached(otto)

    browser = visitor(otto)
    browser.post(f"{ATTACH}{row.pk}/remove/", {"reason": reason})

    assert "is not removed. Say why" in text(browser.get(PAGE))
    assert fetch(otto, row).status_code == 200


def test_removing_twice_changes_nothing_more(case: Case, otto: User) -> None:
    row = attached(otto)
    remove(otto, row)

    remove(otto, row, "Another reason")

    row.refresh_from_db()
    assert row.deleted_reason == "The wrong cabinet"


def test_a_report_and_an_export_are_not_removed_here(case: Case, ida: User) -> None:
    Membership.objects.filter(user=ida).update(is_admin=True)
    report = files.store(
        [b"%PDF-"], name="r.pdf", kind=FileKind.REPORT, about="SL-1", by=member(ida)
    )

    assert remove(ida, report).status_code == 403


def test_a_lost_file_is_said_in_red(case: Case, otto: User) -> None:
    row = attached(otto)

    file_disk.path_of(row.workspace_id, row.id).unlink()

    page = text(look(otto, PAGE))
    assert '<p class="t-now">Sealed but missing:' in page
    response = fetch(otto, row)
    assert response.status_code == 400
    assert "sealed but missing" in text(response)


def test_a_changed_file_is_never_whole(case: Case, otto: User) -> None:
    row = attached(otto)
    path = file_disk.path_of(row.workspace_id, row.id)
    raw = bytearray(path.read_bytes())

    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(SealBroken):
        body(fetch(otto, row))
    raw[100] ^= 1
    path.write_bytes(raw)
    assert fetch(otto, row).status_code == 400


def test_an_export_of_everything_is_not_handed_out_here(case: Case, otto: User) -> None:
    export = files.store(
        [b"everything"],
        name="all.zip",
        kind=FileKind.EXPORT,
        about="workspace",
        by=None,
    )

    assert fetch(otto, export, "head").status_code == 404
    assert fetch(otto, export).status_code == 404


def test_looking_as_somebody_reads_but_is_written_down(
    case: Case, ana: User, otto: User
) -> None:
    row = attached(otto)
    browser = visitor(ana)
    browser.post(f"/w/northmill/people/{otto.pk}/look/", {"reason": "Cannot open it."})

    assert body(browser.get(where(row))) == PHOTO
    assert "Ana Torres downloaded cabinet.png." in told()
    sent = SimpleUploadedFile("b.png", PHOTO)
    assert browser.post(ATTACH, {"kind": "evidence", "file": sent}).status_code == 403
    assert browser.post(f"{ATTACH}{row.pk}/remove/", {"reason": "x"}).status_code == 403


def test_a_report_is_over_when_its_time_is(case: Case, otto: User) -> None:
    report = files.store(
        [b"everything"],
        name="all.zip",
        kind=FileKind.REPORT,
        about="workspace",
        by=None,
        expires_at=timezone.now() - dt.timedelta(seconds=1),
    )

    assert fetch(otto, report).status_code == 404


def test_a_file_of_another_finding_is_not_removed_here(case: Case, otto: User) -> None:
    row = attached(otto)
    StoredFile.objects.update(about="SL-2")

    assert remove(otto, row).status_code == 404
