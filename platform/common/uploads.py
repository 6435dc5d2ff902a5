"""What browsers send: refused when it is too long, kept off the memory and out of sight."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader

INCOMING = "incoming"  # below the folder of files, on the same disk
CONTENT_TOO_LARGE = 413
MEGABYTE = 1024 * 1024
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PrivateUploads(FileUploadHandler):
    """Keeps what is sent in a file without a name: nobody finds it, no crash leaves it."""

    file: UploadedFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; its name from the browser is a text, never a path."""
        super().new_file(*args, **kwargs)
        self.file = UploadedFile(
            _nameless(),
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Put a piece on the disk."""
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Return the whole file, to be read from its beginning."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        """Drop what has come so far."""
        if hasattr(self, "file"):
            self.file.close()


class BodyLimit:
    """Refuses a request that says it is longer than its view takes, before it is read.

    Nobody is heard at length before signing in. Goes before whatever reads the form, such as the check against forged requests.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is done once the view is known."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],  # noqa: ARG002 - Django's signature
        kwargs: dict[str, Any],  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase | None:
        """Answer 413 in words, or let the view come."""
        length, limit = _length_of(request), settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length <= limit:
            return None
        if request.user.is_authenticated:
            limit = getattr(view, "largest_body", limit)
        if length <= limit:
            return None
        message = f"What you sent is larger than {limit // MEGABYTE} MB."
        page = loader.get_template("400.html").render({"message": message}, request)
        return HttpResponse(page, status=CONTENT_TOO_LARGE)


def takes_up_to(size: int) -> Callable[[View], View]:
    """Let requests to a view be longer than others, up to `size` bytes."""

    def decorate(view: View) -> View:
        view.largest_body = size  # type: ignore[attr-defined]  # read by BodyLimit
        return view

    return decorate


def _length_of(request: HttpRequest) -> int:
    # Without a length nothing of the body is read at all.
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if str(given).isdecimal() else 0


def _nameless() -> IO[bytes]:
    folder = Path(settings.FILES_DIR) / INCOMING
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)
