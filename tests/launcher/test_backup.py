"""A backup brings everything back, or touches nothing."""

import hashlib
import io
import json
import os
import stat
import tarfile
import tracemalloc

import pytest

from launcher.backup import undo_interrupted_restore
from launcher.backup_files import add_files, keep_aside, take_files, write_index
from launcher.terminal import Fault

WORKSPACE = "01a2b3c4-0000-7000-8000-000000000001"
PHOTO, LETTER = (f"01a2b3c4-0000-4000-8000-00000000000{n}" for n in (1, 2))
MB = 1024 * 1024


@pytest.fixture
def saved(stub):
    """The backup of a product whose database knows 'before'."""
    stub.run("up", "--detach")
    stub.run("manage", "sql", "CREATE TABLE word AS SELECT 'before' AS x")
    keep(stub.state, PHOTO, b"a sealed photo")
    target = stub.root / "saved.tar"
    answer = stub.run("backup", str(target))
    assert answer.returncode == 0, answer.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    stub.run("manage", "sql", "UPDATE word SET x = 'after'")
    keep(stub.state, PHOTO).unlink()
    keep(stub.state, LETTER, b"a sealed letter")
    return target


def keep(state, name, content=None):
    """Put a file where the product keeps it; return where that is."""
    path = state / "files" / WORKSPACE / name
    if content is not None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(content)
    return path


def word(stub):
    stub.run("up", "--detach")
    return stub.run("manage", "sql", "SELECT x FROM word").stdout.strip()


def test_it_brings_database_and_keys_back(stub, saved):
    keys = (stub.state / "secrets.json").read_text()
    stub.run("reset", "--yes")

    restored = stub.run("restore", str(saved))

    assert restored.returncode == 0, restored.stderr
    assert not (stub.state / "pg/data/postmaster.pid").exists()
    assert (stub.state / "secrets.json").read_text() == keys
    assert word(stub) == "before"
    photo = keep(stub.state, PHOTO)
    assert photo.read_bytes() == b"a sealed photo"
    assert not keep(stub.state, LETTER).exists()
    for path, mode in ((photo, 0o600), (photo.parent, 0o700)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE((stub.state / "files").stat().st_mode) == 0o700


def test_a_backup_from_before_there_were_files_still_restores(stub, saved):
    stub.run("stop")
    without_files(saved)

    restored = stub.run("restore", str(saved))

    assert restored.returncode == 0, restored.stderr
    assert word(stub) == "before"
    assert list((stub.state / "files").iterdir()) == []


def test_a_backup_of_a_later_format_is_named(stub, saved):
    stub.run("stop")
    without_files(saved, version=3)

    refused = stub.run("restore", str(saved))

    assert "has format 3, this Sightline reads 2" in refused.stderr


def without_files(saved, *, version=1):
    """Write the archive anew as the first version did."""
    with tarfile.open(saved) as archive:
        parts = {
            name: archive.extractfile(name).read()
            for name in ("manifest.json", "secrets.json", "demo.json", "database.dump")
        }
    manifest = json.loads(parts["manifest.json"])
    del manifest["sha256"]["files.sha256"]
    parts["manifest.json"] = json.dumps({**manifest, "format": version}).encode()
    with tarfile.open(saved, "w") as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_it_is_refused_when_the_product_runs_or_the_file_is_damaged(stub, saved):
    content = saved.read_bytes()
    middle = content.index(b"PGDMP") + 100
    damaged = {
        "cut": content[:middle],
        "changed": content[:middle] + b"!" + content[middle + 1 :],
        "with a changed file": content.replace(b"a sealed photo", b"a sealed phot0"),
        "without its file": content[: content.index(b"a sealed photo") - 512],
        "with another list": content.replace(PHOTO.encode(), LETTER.encode()),
        "empty": b"",
        "foreign": b"PK\x03\x04" + bytes(600),
    }
    assert "stop it first" in stub.run("restore", str(saved)).stderr
    stub.run("stop")

    for how, what in damaged.items():
        saved.write_bytes(what)
        refused = stub.run("restore", str(saved))
        assert refused.returncode == 1, how
        assert "damaged" in refused.stderr, how

    assert word(stub) == "after"
    assert keep(stub.state, LETTER).read_bytes() == b"a sealed letter"


def test_it_leaves_the_old_data_when_loading_fails_or_is_killed(stub, saved):
    stub.run("stop")
    (stub.root / "manage.py").rename(stub.root / "manage.bak")

    refused = stub.run("restore", str(saved))

    assert refused.returncode == 1
    (stub.root / "manage.bak").rename(stub.root / "manage.py")
    leave_as_killed_half_way(stub)
    assert word(stub) == "after"
    assert not (stub.state / "before-restore").exists()
    assert keep(stub.state, LETTER).read_bytes() == b"a sealed letter"


def leave_as_killed_half_way(stub):
    aside = stub.state / "before-restore"
    aside.mkdir()
    for name in ("pg", "secrets.json", "files"):
        (stub.state / name).rename(aside / name)
    (aside / "all-aside").touch()
    (stub.state / "pg").mkdir()


def test_it_moves_the_rest_back_when_even_the_undoing_was_killed(places):
    aside = places.kept_aside
    aside.mkdir()
    (places.state / "pg").mkdir()  # was moved back before the kill
    (aside / "secrets.json").write_text("old")

    undo_interrupted_restore(places)

    assert (places.state / "pg").exists()
    assert places.secrets.read_text() == "old"
    assert not aside.exists()


@pytest.fixture
def files(tmp_path):
    """A folder of files, and an empty one beside it."""
    folder = tmp_path / "product" / "files"
    (folder / WORKSPACE).mkdir(parents=True)
    for name, content in ((PHOTO, b"photo"), (LETTER, b"letter")):
        (folder / WORKSPACE / name).write_bytes(content)
    return folder


def saved_files(files, room):
    """Return an archive of the files and its index."""
    kept = room / "files"
    keep_aside(files, kept)
    index = room / "files.sha256"
    write_index(kept, index)
    archive = room / "saved.tar"
    with tarfile.open(archive, "w") as out:
        add_files(out, kept, index)
    return archive, index


def taken(archive, index, room):
    with tarfile.open(archive, "r:") as saved:
        take_files(saved, index, room / "files")
    return {path.name: path.read_bytes() for path in room.rglob("*") if path.is_file()}


def test_what_is_half_written_or_strange_is_left_out(files, tmp_path):
    (files / WORKSPACE / f"{PHOTO}.part").write_bytes(b"half")
    (files / "incoming").mkdir()
    (files / "incoming" / PHOTO).write_bytes(b"not ours yet")
    (files / WORKSPACE / PHOTO.replace("0001", "0009")).symlink_to("/etc/passwd")
    (tmp_path / "out").mkdir()

    archive, index = saved_files(files, tmp_path)

    found = taken(archive, index, tmp_path / "out")
    assert found == {PHOTO: b"photo", LETTER: b"letter"}


def test_a_file_that_is_removed_meanwhile_is_in_the_backup(files, tmp_path):
    kept = tmp_path / "files"
    keep_aside(files, kept)
    (files / WORKSPACE / PHOTO).unlink()
    keep_aside(files, kept)

    assert (kept / WORKSPACE / PHOTO).read_bytes() == b"photo"


def test_a_folder_on_another_disk_is_copied(files, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)

    keep_aside(files, tmp_path / "files")

    assert (tmp_path / "files" / WORKSPACE / PHOTO).read_bytes() == b"photo"


@pytest.mark.parametrize(
    "name",
    [
        "files/../../etc/cron.d/x",
        f"/files/{WORKSPACE}/{PHOTO}",
        f"files/{WORKSPACE}/../{PHOTO}",
        f"files/{WORKSPACE}/{PHOTO}/x",
        f"files/{WORKSPACE.upper()}/CON",
    ],
)
def test_a_list_with_a_foreign_name_writes_nothing(tmp_path, name):
    archive, index = tmp_path / "saved.tar", tmp_path / "files.sha256"
    with tarfile.open(archive, "w") as out:
        info = tarfile.TarInfo(name)
        info.size = 1
        out.addfile(info, io.BytesIO(b"x"))
    index.write_text(f"{hashlib.sha256(b'x').hexdigest()}  {name}\n")
    (tmp_path / "out").mkdir()

    with pytest.raises(Fault, match="list of files cannot be read"):
        taken(archive, index, tmp_path / "out")

    assert list((tmp_path / "out" / "files").iterdir()) == []


def test_a_link_in_the_archive_is_not_followed(files, tmp_path):
    archive, index = saved_files(files, tmp_path)
    with tarfile.open(archive, "w") as out:
        for line in index.read_text().splitlines():
            info = tarfile.TarInfo(line.split()[1])
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            out.addfile(info)
    (tmp_path / "out").mkdir()

    with pytest.raises(KeyError):
        taken(archive, index, tmp_path / "out")


def test_the_memory_stays_flat(files, tmp_path):
    with (files / WORKSPACE / PHOTO).open("wb") as out:
        out.truncate(128 * MB)
    (tmp_path / "out").mkdir()
    tracemalloc.start()

    archive, index = saved_files(files, tmp_path)
    with tarfile.open(archive, "r:") as saved:
        take_files(saved, index, tmp_path / "out" / "files")

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "out/files" / WORKSPACE / PHOTO).stat().st_size == 128 * MB
    assert peak < 8 * MB
