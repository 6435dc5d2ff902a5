"""Files of a finding: attached, listed, handed out to be saved, removed."""

import datetime as dt
import io
import uuid
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from common.sealing import SealBroken
from exposure.models import Finding
from tenants.models import (
    FileKind,
    LedgerDetail,
    Membership,
    Role,
    StoredFile,
    User,
    Workspace,
)
from tenants.services import file_disk, files
from tests import factories
from tests.workflows.conftest import member
from tests.workflows.views.conftest import PAGE, look, send, text, visitor
from workflows.models import Case

ATTACH = f"{PAGE}files/"
PNG = b"\x89PNG\r\n\x1a\n"
PHOTO = PNG + b"the cabinet behind line 2" * 20_000
MB = 1024 * 1024
RUNS = "<script>alert(1)</script>"


def attach(
    user: User,
    content: bytes = PHOTO,
    *,
    name: str = "cabinet.png",
    kind: str = "evidence",
    claims: str = "image/png",
) -> Any:
    sent = SimpleUploadedFile(name, content, content_type=claims)
    return send(user, ATTACH, kind=kind, file=sent)


def attached(user: User, **values: Any) -> StoredFile:
    response = attach(user, **values)
    assert response.status_code == 302, text(response)
    return StoredFile.objects.latest("created_at")


def where(row: StoredFile) -> str:
    return f"/w/northmill/files/{row.pk}/"


def fetch(user: User, row: StoredFile, method: str = "get", **headers: str) -> Any:
    return getattr(visitor(user), method)(where(row), headers=headers)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def told() -> str:
    return " ".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


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


def test_t11_nothing_is_found_beside_the_checked_view(case: Case, otto: User) -> None:
    row = attached(otto)
    path = file_disk.path_of(row.workspace_id, row.id)
    guesses = (
        f"/static/{row.workspace_id}/{row.id}",
        f"/files/{row.workspace_id}/{row.id}",
        f"/media/{row.id}",
        str(path),
        f"/w/northmill/files/{row.workspace_id}/{row.id}/",
        f"/w/northmill/files/..%2f{row.id}/",
    )

    for guess in guesses:
        assert visitor(otto).get(guess).status_code == 404
    assert b"cabinet" not in path.read_bytes()


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
    assert "cabinet.png" not in text(look(ida, PAGE))
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


def remove(user: User, row: StoredFile, reason: str = "The wrong cabinet") -> Any:
    return send(user, f"{ATTACH}{row.pk}/remove/", reason=reason)


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


HOSTILE = {
    "an upload that is a page": (RUNS.encode(), "page.html", "text/html"),
    "a page that says it is a picture": (RUNS.encode(), "photo.png", "image/png"),
    "a drawing that runs": (b"<svg onload='x'/>", "plan.svg", "image/svg+xml"),
    "a program": (b"MZ\x90\0\3", "setup.exe", "application/octet-stream"),
    "a program that says it is a PDF": (b"MZ\x90\0\3", "a.pdf", "application/pdf"),
    "a picture with an archive in it": (b"GIF89a\0PK\3\4", "a.gif", "image/gif"),
    "another type than its name": (PHOTO, "photo.jpg", "image/jpeg"),
    "nothing": (b"", "empty.txt", "text/plain"),
    "a name without an ending": (b"text", "README", "text/plain"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_31_what_is_not_what_it_says_is_refused(
    case: Case, otto: User, what: str
) -> None:
    content, name, claims = HOSTILE[what]

    response = attach(otto, content, name=name, claims=claims)

    assert response.status_code == 422
    assert 'class="errors' in text(response)
    assert not StoredFile.objects.exists()


def test_h3_a_page_in_a_text_or_a_picture_is_not_shown(case: Case, otto: User) -> None:
    hostile = {
        "notes.txt": RUNS.encode(),
        "photo.png": PNG + RUNS.encode(),
        "plan.xml": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
    }

    for name, content in hostile.items():
        row = attached(otto, content=content, name=name, claims="text/html")
        response = fetch(otto, row)
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert body(response) == content


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("../../etc/passwd.txt", 'filename="passwd.txt"'),
        ("..\\..\\boot.txt", 'filename="boot.txt"'),
        ("CON.txt", 'filename="_CON.txt"'),
        ("nul.txt", 'filename="_nul.txt"'),
        ('a"; filename="evil.exe".txt', None),
        ("a\0b.txt", None),
        ("txt.\u202eexe.txt", None),
        ("Ko\u0308ln.txt", "filename*=utf-8''K%C3%B6ln.txt"),
        ("K\u00f6ln.txt", "filename*=utf-8''K%C3%B6ln.txt"),
        ("x" * 10_000 + ".txt", None),
        (f"{RUNS}.txt", None),
    ],
)
def test_32_a_hostile_name_is_a_harmless_one(
    case: Case, otto: User, name: str, header: str | None
) -> None:
    row = attached(otto, content=b"text", name=name)

    said = fetch(otto, row).headers["Content-Disposition"]
    assert said.startswith("attachment; ")
    assert header is None or said == f"attachment; {header}"
    assert len(said) < 400
    assert not set(row.name) & set('/\\\0\r\n\u202e<>"')
    path = file_disk.path_of(row.workspace_id, row.id)
    assert path.name == str(row.id)
    assert path.exists()


def test_25_a_name_that_came_another_way_is_text_and_no_header(
    case: Case, otto: User
) -> None:
    row = attached(otto)
    StoredFile.objects.update(name=f'"{RUNS}\r\nSet-Cookie: a=b.png')

    assert RUNS not in text(look(otto, PAGE))
    assert "&lt;script&gt;" in text(look(otto, PAGE))
    response = fetch(otto, row)
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "Set-Cookie" not in response.headers


def test_30_a_bomb_is_kept_as_it_came_and_unpacked_by_nobody(
    case: Case, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../zeros", bytes(50 * MB))
    bomb = target.getvalue()
    monkeypatch.setattr(zipfile, "ZipFile", None)

    row = attached(otto, content=bomb, name="bomb.zip", claims="application/zip")

    assert row.size == len(bomb) < MB
    assert body(fetch(otto, row)) == bomb


def test_h6_a_large_file_is_refused_in_words(case: Case, otto: User) -> None:
    just_too_large = attach(otto, PNG + bytes(25 * MB))
    far_too_large = attach(otto, PNG + bytes(27 * MB))

    assert just_too_large.status_code == 422
    assert "The file is larger than 25.0 MB." in text(just_too_large)
    assert far_too_large.status_code == 413
    assert "What you sent is larger than 25 MB." in text(far_too_large)
    assert not StoredFile.objects.exists()


def test_h6_no_other_address_takes_a_large_body(case: Case, otto: User) -> None:
    for path in ("/accounts/login/", f"{PAGE}propose/", f"{PAGE}retest/"):
        sent = SimpleUploadedFile("a.png", PNG + bytes(3 * MB))
        assert send(otto, path, file=sent).status_code == 413


def test_h6_the_quota_of_the_workspace_is_said(
    case: Case, otto: User, settings: Settings
) -> None:
    settings.FILES_QUOTA = MB

    attached(otto)
    response = attach(otto, PHOTO + PHOTO)

    assert response.status_code == 422
    assert "0.5 MB of 1.0 MB are left" in text(response)


def test_there_is_an_end_to_the_files_of_a_finding(
    case: Case, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.services.attachments.MOST_FILES", 2)
    attached(otto)
    attached(otto)

    assert "There are 2 files here already." in text(attach(otto))


@pytest.mark.parametrize("kind", ["report", "export", "", "x", "\0"])
def test_people_bring_evidence_and_documents_only(
    case: Case, otto: User, kind: str
) -> None:
    assert attach(otto, kind=kind).status_code == 422
    assert not StoredFile.objects.exists()


def test_a_form_without_a_file_comes_back(case: Case, otto: User) -> None:
    for fields in ({}, {"kind": "evidence"}, {"kind": "evidence", "file": "text"}):
        response = send(otto, ATTACH, **fields)
        assert response.status_code == 422
        assert "This field is required." in text(response)


def test_24_a_form_of_another_site_attaches_nothing(case: Case, otto: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    factories.signed_in(browser, otto)
    sent = SimpleUploadedFile("a.png", PHOTO)

    response = browser.post(
        ATTACH,
        {"kind": "evidence", "file": sent},
        headers={"origin": "https://evil.example", "HX-Request": "true"},
    )

    assert response.status_code == 403
    assert not StoredFile.objects.exists()


def test_an_export_that_is_downloaded_is_in_the_ledger(case: Case, otto: User) -> None:
    export = files.store(
        [b"everything"],
        name="all.zip",
        kind=FileKind.EXPORT,
        about="workspace",
        by=None,
    )
    photo = attached(otto)

    assert fetch(otto, export, "head").status_code == 200
    fetch(otto, photo)
    assert "downloaded" not in told()
    fetch(otto, export)
    assert "Otto Brandt downloaded all.zip." in told()


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


def test_an_export_is_over_when_its_time_is(case: Case, otto: User) -> None:
    export = files.store(
        [b"everything"],
        name="all.zip",
        kind=FileKind.EXPORT,
        about="workspace",
        by=None,
        expires_at=timezone.now() - dt.timedelta(seconds=1),
    )

    assert fetch(otto, export).status_code == 404


def test_a_file_of_another_finding_is_not_removed_here(case: Case, otto: User) -> None:
    row = attached(otto)
    StoredFile.objects.update(about="SL-2")

    assert remove(otto, row).status_code == 404
