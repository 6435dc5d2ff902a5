"""Files that mean harm, and the limits: the lines of the threats by their number."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tenants.models import (
    StoredFile,
    User,
)
from tenants.services import file_disk
from tests import factories
from tests.workflows.views.attaching import (
    ATTACH,
    MB,
    PHOTO,
    PNG,
    attach,
    attached,
    body,
    fetch,
)
from tests.workflows.views.conftest import PAGE, look, send, text, visitor
from workflows.models import Case

RUNS = "<script>alert(1)</script>"
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
