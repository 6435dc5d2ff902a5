"""What browsers send: limited before it is read, and without a name on the disk."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from common.compression import CompressPages
from common.uploads import INCOMING, BodyLimit, PrivateUploads, takes_up_to
from tenants.models import User

MB = 1024 * 1024


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("read")


@takes_up_to(5 * MB)
def upload(request: HttpRequest) -> HttpResponse:
    return HttpResponse("read")


def refused(view: Any, *, by: User | AnonymousUser, length: str) -> HttpResponse | None:
    request = RequestFactory().post("/", CONTENT_LENGTH=length)
    request.user = by
    answer = BodyLimit(page).process_view(request, view, (), {})
    assert answer is None or isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(
    ("view", "length", "is_refused"),
    [
        (page, 2 * MB, False),
        (page, 3 * MB, True),
        (page, 10**15, True),
        (upload, 5 * MB, False),
        (upload, 5 * MB + 1, True),
    ],
)
def test_a_body_is_refused_by_the_length_it_says(
    *, view: Any, length: int, is_refused: bool
) -> None:
    answer = refused(view, by=User(), length=str(length))

    assert (answer is not None) is is_refused
    assert answer is None or answer.status_code == 413


@pytest.mark.parametrize("length", ["", "-1", "many", "1e9", "\u0663\u0663"])
def test_without_a_length_nothing_of_a_body_is_read(length: str) -> None:
    assert refused(page, by=User(), length=length) is None


def test_nobody_is_heard_at_length_before_signing_in() -> None:
    answer = refused(upload, by=AnonymousUser(), length=str(3 * MB))

    assert answer is not None
    assert answer.status_code == 413


def test_what_is_being_sent_has_no_name_on_the_disk(
    tmp_path: Path, settings: Settings
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    handler = PrivateUploads()

    handler.new_file("file", "x" * 400 + ".png", "image/png", 0)
    handler.receive_data_chunk(b"half of", 0)

    folder = tmp_path / "files" / INCOMING
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    handler.receive_data_chunk(b" a photo", 7)
    whole = handler.file_complete(15)
    assert isinstance(whole, UploadedFile)
    assert (whole.read(), whole.size) == (b"half of a photo", 15)
    handler.upload_interrupted()
    assert whole.closed


def test_an_upload_that_never_began_is_broken_off(tmp_path: Path) -> None:
    PrivateUploads().upload_interrupted()


def compressed(response: HttpResponse) -> bool:
    request = RequestFactory(headers={"accept-encoding": "gzip"}).get("/")
    answer = CompressPages(lambda _: response).process_response(request, response)
    return answer.headers.get("Content-Encoding") == "gzip"


def test_pages_are_compressed_and_what_forbids_it_is_not() -> None:
    kept = HttpResponse(b"x" * 1000)
    kept.headers["Cache-Control"] = "no-store, no-transform"

    assert compressed(HttpResponse(b"x" * 1000))
    assert not compressed(kept)
