"""What members do with the files of SL-1."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tenants.models import (
    LedgerDetail,
    StoredFile,
    User,
)
from tests.workflows.views.conftest import PAGE, send, text, visitor

ATTACH = f"{PAGE}files/"
PNG = b"\x89PNG\r\n\x1a\n"
PHOTO = PNG + b"the cabinet behind line 2" * 20_000
MB = 1024 * 1024


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


def remove(user: User, row: StoredFile, reason: str = "The wrong cabinet") -> Any:
    return send(user, f"{ATTACH}{row.pk}/remove/", reason=reason)
