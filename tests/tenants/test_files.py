"""Stored files: sealed on the disk, opened in their own workspace and row only."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from common.errors import Conflict, InvalidInput
from common.sealed_stream import SEALED_CHUNK_BYTES
from common.sealing import SealBroken
from tenants.models import LedgerDetail, StoredFile, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import files, secrets
from tests.tenants.stored import PHOTO, content_of, keep, path_of
from tests.workflows.conftest import member


def test_what_was_stored_is_read_again(in_northmill: Workspace, otto: User) -> None:
    row = keep(otto)

    assert content_of(row) == PHOTO
    assert (row.size, row.media_type) == (len(PHOTO), "image/png")
    assert row.key_id == secrets.key_in_use()[0]
    assert not files.is_missing(row)
    told = [bytes(each.body).decode() for each in LedgerDetail.objects.all()]
    assert any("Otto Brandt stored cabinet.png for SL-1." in text for text in told)


def test_it_is_private_and_unreadable_on_the_disk(
    in_northmill: Workspace, otto: User
) -> None:
    row = keep(otto)

    path = path_of(row)
    assert path.parts[-2:] == (str(in_northmill.id), str(row.id))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert b"cabinet" not in path.read_bytes()
    assert row.id.version == 4  # no part of it can be counted up


def test_the_rest_is_read_when_the_scope_is_closed(
    northmill: Workspace, otto: User
) -> None:
    with workspace_scope(northmill.id):
        content = files.read(keep(otto))

    assert b"".join(content) == PHOTO


def damaged(row: StoredFile, how: str) -> None:
    path = path_of(row)
    raw = bytearray(path.read_bytes())
    if how == "a flipped bit":
        raw[len(raw) // 2] ^= 1
    elif how == "the end cut off":
        del raw[-SEALED_CHUNK_BYTES:]
    elif how == "two chunks changed about":
        first = raw[4 : 4 + SEALED_CHUNK_BYTES]
        second = raw[4 + SEALED_CHUNK_BYTES : 4 + 2 * SEALED_CHUNK_BYTES]
        raw[4 : 4 + 2 * SEALED_CHUNK_BYTES] = second + first
    elif how == "something added":
        raw += b"\0"
    path.write_bytes(raw)


@pytest.mark.parametrize(
    "how",
    [
        "a flipped bit",
        "the end cut off",
        "two chunks changed about",
        "something added",
    ],
)
def test_a_changed_file_is_found(in_northmill: Workspace, otto: User, how: str) -> None:
    row = keep(otto)

    damaged(row, how)

    with pytest.raises(SealBroken):
        content_of(row)


def test_two_files_exchanged_on_the_disk_are_found(
    in_northmill: Workspace, otto: User
) -> None:
    one, other = keep(otto), keep(otto)

    path_of(one).write_bytes(path_of(other).read_bytes())

    with pytest.raises(SealBroken):
        content_of(one)


def test_a_file_moved_to_another_workspace_does_not_open(
    northmill: Workspace, eastholm: Workspace, otto: User, mallory: User
) -> None:
    with workspace_scope(northmill.id):
        ours = keep(otto)
    with workspace_scope(eastholm.id):
        theirs = keep(mallory)

        path_of(theirs).write_bytes(path_of(ours).read_bytes())

        with pytest.raises(SealBroken):
            content_of(theirs)


def test_a_row_copied_to_another_workspace_does_not_open(
    northmill: Workspace, eastholm: Workspace, otto: User, mallory: User
) -> None:
    with workspace_scope(northmill.id):
        ours = keep(otto)
    with workspace_scope(eastholm.id):
        keep(mallory)  # so that there is a key to try
        copy = StoredFile.objects.get()
        copy.id, copy.sealed_key, copy.size = (
            uuid.uuid4(),
            bytes(ours.sealed_key),
            ours.size,
        )
        copy.save(force_insert=True)
        path_of(copy).write_bytes(path_of(ours).read_bytes())

        with pytest.raises(SealBroken):
            content_of(copy)


def test_a_copied_row_does_not_open_the_file_of_the_first(
    in_northmill: Workspace, otto: User
) -> None:
    row = keep(otto)
    first = path_of(row)
    row.id = uuid.uuid4()
    row.save(force_insert=True)
    path_of(row).write_bytes(first.read_bytes())

    with pytest.raises(SealBroken):
        content_of(row)


def test_a_row_of_another_workspace_is_not_found_and_not_read(
    northmill: Workspace, eastholm: Workspace, otto: User
) -> None:
    with workspace_scope(northmill.id):
        ours = keep(otto)

    with workspace_scope(eastholm.id):
        assert not StoredFile.objects.filter(pk=ours.pk).exists()
        with pytest.raises(SealBroken):
            files.read(ours)


def test_a_row_without_its_content_says_so(in_northmill: Workspace, otto: User) -> None:
    row = keep(otto)

    path_of(row).unlink()

    assert files.is_missing(row)
    with pytest.raises(files.FileMissing, match="sealed but missing"):
        content_of(row)


def test_a_removed_file_leaves_its_row_only(
    in_northmill: Workspace,
    otto: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = keep(otto)

    with django_capture_on_commit_callbacks(execute=True):
        files.delete(row, by=member(otto), reason="The wrong cabinet")

    row = StoredFile.objects.get()
    assert (row.deleted_by, row.deleted_reason) == (otto, "The wrong cabinet")
    assert not path_of(row).exists()
    assert bytes(row.sealed_key) == b""
    assert not files.is_missing(row)
    with pytest.raises(files.FileMissing, match="was removed"):
        files.read(row)
    with pytest.raises(Conflict):
        files.delete(row, by=member(otto), reason="Again")


def test_removing_needs_a_reason(in_northmill: Workspace, otto: User) -> None:
    row = keep(otto)

    for reason in ("", "  ", "x" * 301):
        with pytest.raises(InvalidInput):
            files.delete(row, by=member(otto), reason=reason)


def test_no_row_can_be_deleted(in_northmill: Workspace, otto: User) -> None:
    row = keep(otto)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        row.delete()
