"""PostgreSQL comes up whatever the last run left behind."""

import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from launcher.accounts import run_as
from launcher.processes import PROC, command_line, wait_until_gone
from launcher.terminal import Fault

SLEEPER = [shutil.which("sleep") or "", "60"]


def answer(server, sql):
    return server.run("psql", "-d", "postgres", "-AtXc", sql).stdout.decode().strip()


def test_it_listens_on_a_private_socket_only(postgres):
    postgres.start()

    assert answer(postgres, "SHOW listen_addresses") == ""
    assert answer(postgres, "SHOW unix_socket_directories") == str(postgres.socket)
    assert postgres.socket.stat().st_mode & 0o077 == 0


def test_it_asks_for_the_password(postgres):
    postgres.start()

    impostor = replace(postgres, password="wrong")

    refused = impostor.run("psql", "-d", "postgres", "-c", "SELECT 1")
    assert b"password authentication failed" in refused.stderr


def test_it_keeps_the_data_when_it_is_killed_and_started_at_once(postgres):
    postgres.start()
    answer(postgres, "CREATE TABLE kept AS SELECT 42 AS x")
    answer(postgres, "CHECKPOINT")
    killed = postgres.server()

    os.kill(killed.pid, signal.SIGKILL)
    postgres.start()

    assert postgres.server() != killed
    assert answer(postgres, "SELECT x FROM kept") == "42"


def test_it_is_not_misled_by_a_number_that_is_used_again(postgres):
    postgres.start()
    killed = postgres.server()
    os.kill(killed.pid, signal.SIGKILL)
    wait_until_gone([killed], patience=5)
    lines = (postgres.data / "postmaster.pid").read_text().split("\n")
    # PostgreSQL itself would take a living process of its own account for a server.
    with subprocess.Popen(  # noqa: S603 - sleeps, nothing else
        SLEEPER, **run_as(postgres.account)
    ) as stranger:
        lines[0] = str(stranger.pid)
        (postgres.data / "postmaster.pid").write_text("\n".join(lines))
        seen = postgres.server()

        postgres.start()

        assert seen is None
        assert stranger.poll() is None
        stranger.kill()
    assert postgres.is_ready()


def test_it_is_one_server_when_many_start_it_at_once(postgres):
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: postgres.start(), range(4)))

    first = postgres.server()
    postgres.start()
    assert postgres.is_ready()
    assert postgres.server() == first


def test_it_is_never_half_made(postgres):
    making = ThreadPoolExecutor(1).submit(postgres.start)
    until = time.monotonic() + 20
    while not (seen := list(postgres.home.glob("data.*/global"))):
        assert time.monotonic() < until
    for pid in initdb_of(postgres):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(Fault):
        making.result()

    postgres.start()

    assert answer(postgres, "SELECT 1") == "1"
    assert not seen[0].exists()


def initdb_of(server):
    mark = f"-D {server.home}"
    pids = [int(folder.name) for folder in PROC.glob("[0-9]*")]
    return [pid for pid in pids if mark in command_line(pid)]


def test_it_mends_permissions_that_a_copy_has_opened(postgres):
    postgres.start()
    postgres.stop()
    postgres.data.chmod(0o755)

    postgres.start()

    assert postgres.data.stat().st_mode & 0o077 == 0


def test_it_finds_its_socket_after_the_folder_was_moved(postgres, places):
    postgres.start()
    postgres.stop()
    moved = replace(postgres, home=places.state / "it's moved")
    postgres.home.rename(moved.home)

    try:
        moved.start()
        assert answer(moved, "SELECT 1") == "1"
    finally:
        moved.stop(mode="immediate")


def test_it_says_which_version_made_the_data(postgres):
    postgres.start()
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("12\n")

    with pytest.raises(Fault, match="made by PostgreSQL 12"):
        postgres.start()


def test_it_stops(postgres):
    postgres.start()
    who = postgres.server()

    postgres.stop()

    assert wait_until_gone([who], patience=0.1)
    assert not postgres.is_ready()
