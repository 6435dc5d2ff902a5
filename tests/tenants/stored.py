"""Files of Northmill for the tests: kept, found on the disk, read again."""

from pathlib import Path

from tenants.models import FileKind, StoredFile, User
from tenants.services import file_disk, files
from tests.workflows.conftest import member

PNG = b"\x89PNG\r\n\x1a\n"
PHOTO = PNG + b"the cabinet behind line 2" * 20_000  # some chunks
MB = 1024 * 1024


def keep(
    by: User,
    content: bytes = PHOTO,
    *,
    name: str = "cabinet.png",
    kind: FileKind = FileKind.EVIDENCE,
) -> StoredFile:
    return files.store([content], name=name, kind=kind, about="SL-1", by=member(by))


def path_of(row: StoredFile) -> Path:
    return file_disk.path_of(row.workspace_id, row.id)


def content_of(row: StoredFile) -> bytes:
    return b"".join(files.read(StoredFile.objects.get(pk=row.pk)))
