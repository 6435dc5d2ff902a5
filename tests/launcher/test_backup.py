"""A backup brings everything back, or touches nothing."""

import stat

import pytest

from launcher.backup import undo_interrupted_restore


@pytest.fixture
def saved(stub):
    """The backup of a product whose database knows 'before'."""
    stub.run("up", "--detach")
    stub.run("manage", "sql", "CREATE TABLE word AS SELECT 'before' AS x")
    target = stub.root / "saved.tar"
    answer = stub.run("backup", str(target))
    assert answer.returncode == 0, answer.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    stub.run("manage", "sql", "UPDATE word SET x = 'after'")
    return target


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


def test_it_is_refused_when_the_product_runs_or_the_file_is_damaged(stub, saved):
    content = saved.read_bytes()
    middle = content.index(b"PGDMP") + 100
    damaged = {
        "cut": content[:middle],
        "changed": content[:middle] + b"!" + content[middle + 1 :],
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


def test_it_leaves_the_old_data_when_loading_fails_or_is_killed(stub, saved):
    stub.run("stop")
    (stub.root / "manage.py").rename(stub.root / "manage.bak")

    refused = stub.run("restore", str(saved))

    assert refused.returncode == 1
    (stub.root / "manage.bak").rename(stub.root / "manage.py")
    leave_as_killed_half_way(stub)
    assert word(stub) == "after"
    assert not (stub.state / "before-restore").exists()


def leave_as_killed_half_way(stub):
    aside = stub.state / "before-restore"
    aside.mkdir()
    for name in ("pg", "secrets.json"):
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
