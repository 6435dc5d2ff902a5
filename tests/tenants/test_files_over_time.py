"""Files together: the room they take, keys that are replaced, and what is swept."""

import datetime as dt
import os
import threading
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from common.errors import Conflict, InvalidInput
from common.sealed_stream import CHUNK_BYTES
from tenants.models import FileKind, StoredFile, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import file_disk, files, secrets
from tests.tenants.stored import MB, PHOTO, content_of, keep, path_of
from tests.workflows.conftest import member


def leftovers() -> set[Path]:
    root = file_disk.path_of(uuid.uuid4(), uuid.uuid4()).parent.parent
    return {path for path in root.rglob("*") if path.is_file()}


def test_a_file_that_is_too_large_leaves_nothing(
    in_northmill: Workspace, otto: User
) -> None:
    before = leftovers()

    with pytest.raises(InvalidInput, match=r"larger than 1\.0 MB"):
        files.store(
            (bytes(CHUNK_BYTES) for _ in range(17)),
            name="export.zip",
            kind=FileKind.EXPORT,
            about="export",
            by=member(otto),
            limit=MB,
        )

    assert leftovers() == before
    assert not StoredFile.objects.exists()


def test_a_sender_that_breaks_off_leaves_nothing(
    in_northmill: Workspace, otto: User
) -> None:
    before = leftovers()

    def content() -> Iterator[bytes]:
        yield PHOTO
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.store(
            content(),
            name="cabinet.png",
            kind=FileKind.UPLOAD,
            about="SL-1",
            by=member(otto),
        )

    assert leftovers() == before


def test_the_quota_is_said_in_numbers(
    in_northmill: Workspace, otto: User, settings: Settings
) -> None:
    settings.FILES_QUOTA = MB
    before = leftovers()
    first = keep(otto)

    with pytest.raises(InvalidInput, match=r"0\.5 MB of 1\.0 MB are left"):
        keep(otto, PHOTO + PHOTO)
    keep(otto, PHOTO + PHOTO, name="report.png", kind=FileKind.REPORT)  # ours: free

    assert len(leftovers() - before) == 2
    files.delete(first, by=member(otto), reason="Makes room")
    keep(otto, PHOTO + PHOTO)


def test_memory_stays_flat(in_northmill: Workspace, otto: User) -> None:
    tracemalloc.start()

    row = files.store(
        (bytes(MB) for _ in range(64)),
        name="export.zip",
        kind=FileKind.EXPORT,
        about="export",
        by=member(otto),
        limit=100 * MB,
    )
    size = sum(len(chunk) for chunk in files.read(row))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 64 * MB
    assert peak < 8 * MB


def test_a_new_data_key_seals_the_keys_of_files(
    northmill: Workspace, otto: User
) -> None:
    with workspace_scope(northmill.id):
        row = keep(otto)
        before = path_of(row).read_bytes()

    call_command("rotate_data_keys", workspace="northmill", stdout=StringIO())

    secrets.forget_open_keys()
    with workspace_scope(northmill.id):
        kept = StoredFile.objects.get()
        assert kept.key_id == secrets.key_in_use()[0] != row.key_id
        assert content_of(kept) == PHOTO
        assert path_of(kept).read_bytes() == before


class Attempt(threading.Thread):
    """Does something in a thread of its own, and remembers what became of it."""

    def __init__(self, workspace: Workspace, work: Callable[[], object]) -> None:
        super().__init__()
        self.workspace, self.work, self.said = workspace, work, ""

    def run(self) -> None:
        try:
            with workspace_scope(self.workspace.id):
                self.work()
            self.said = "done"
        except (InvalidInput, Conflict) as error:
            self.said = type(error).__name__
        finally:
            connections.close_all()


def meanwhile(workspace: Workspace, work: Callable[[], object]) -> Attempt:
    """Begin something beside an open transaction, until it waits for it or has ended."""
    attempt = Attempt(workspace, work)
    attempt.start()
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while attempt.is_alive():
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                break
    return attempt


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_files_at_once_do_not_both_take_the_last_room(
    northmill: Workspace, otto: User, settings: Settings
) -> None:
    settings.FILES_QUOTA = len(PHOTO) + 10
    with workspace_scope(northmill.id):
        secrets.key_in_use()  # else the second waits for the key that the first makes

    with workspace_scope(northmill.id):
        first = keep(otto)
        second = meanwhile(northmill, lambda: keep(otto))
    second.join(timeout=30)

    assert second.said == "InvalidInput"
    with workspace_scope(northmill.id):
        assert StoredFile.objects.get() == first
    connection.close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_file_is_removed_once(northmill: Workspace, otto: User) -> None:
    with workspace_scope(northmill.id):
        row = keep(otto)

    def remove() -> None:
        mine = StoredFile.objects.get(pk=row.pk)
        files.delete(mine, by=member(otto), reason="Twice")

    with workspace_scope(northmill.id):
        remove()
        second = meanwhile(northmill, remove)
    second.join(timeout=30)

    assert second.said == "Conflict"
    assert not path_of(row).exists()
    connection.close()


def old(path: Path) -> None:
    past = (timezone.now() - dt.timedelta(days=2)).timestamp()
    os.utime(path, (past, past))


def test_the_sweep_removes_orphans_and_nothing_else(
    in_northmill: Workspace, otto: User
) -> None:
    kept, young = keep(otto), keep(otto)
    folder = path_of(kept).parent
    orphan, part = folder / str(uuid.uuid4()), folder / f"{uuid.uuid4()}.part"
    fresh = folder / str(uuid.uuid4())
    for path in (orphan, part, fresh):
        path.write_bytes(b"left behind")
    for path in (orphan, part, path_of(kept)):
        old(path)

    assert files.sweep() == 2

    assert not orphan.exists()
    assert not part.exists()
    assert fresh.exists()
    assert content_of(kept) == content_of(young) == PHOTO


def test_what_was_rolled_back_is_swept(northmill: Workspace, otto: User) -> None:
    with workspace_scope(northmill.id):
        before = transaction.savepoint()
        row = keep(otto)
        transaction.savepoint_rollback(before)
    assert path_of(row).exists()
    old(path_of(row))

    with workspace_scope(northmill.id):
        files.sweep()

    assert not path_of(row).exists()


def test_an_expired_file_is_removed_by_the_sweep(
    in_northmill: Workspace,
    otto: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = keep(otto)
    lasting = keep(otto)
    StoredFile.objects.filter(pk=row.pk).update(
        expires_at=timezone.now() - dt.timedelta(seconds=1)
    )

    with django_capture_on_commit_callbacks(execute=True):
        files.sweep()

    row.refresh_from_db()
    assert row.deleted_reason == "Its time was over."
    assert not path_of(row).exists()
    assert content_of(lasting) == PHOTO
