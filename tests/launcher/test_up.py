"""`up` runs the product, once, and survives what happens to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from launcher.processes import Identity, wait_until_gone


def record(stub):
    return json.loads((stub.state / "running.json").read_text())


def page(stub):
    port = stub.environment["SIGHTLINE_PORT"]
    address = f"http://127.0.0.1:{port}/accounts/login/"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status


def until(condition):
    end = time.monotonic() + 15
    while not (answer := condition()):
        assert time.monotonic() < end
    return answer


def test_it_returns_when_the_page_is_served_and_stops_when_told(stub):
    started = stub.run("up", "--detach")

    assert started.returncode == 0, started.stdout + started.stderr
    assert "The stub is prepared" in started.stdout
    assert "The path engine is compiled" in started.stdout
    assert "Sightline is ready after" in started.stdout
    assert page(stub) == 200
    assert stub.run("status").returncode == 0
    programs = [Identity(**only(one)) for one in record(stub)["programs"].values()]

    stub.run("stop")

    assert wait_until_gone(programs, patience=0.1)
    assert stub.run("status").returncode == 3


def only(program):
    return {"pid": program["pid"], "started": program["started"]}


def test_a_compiler_that_fails_makes_pages_slow_and_stops_nothing(stub):
    started = stub.run("up", "--detach", STUB_COMPILER="3")

    assert started.returncode == 0, started.stdout + started.stderr
    assert "The path engine could not be compiled; see" in started.stdout
    assert page(stub) == 200


def test_it_runs_once(stub):
    stub.run("up", "--detach")
    first = record(stub)

    second = stub.run("up")

    assert second.returncode == 0
    assert f"already runs: process {first['pid']}, {first['address']}" in second.stdout
    assert record(stub) == first


def test_it_starts_again_after_it_was_killed(stub):
    stub.run("up", "--detach")
    stub.run("manage", "sql", "CREATE TABLE kept AS SELECT 7 AS x")
    killed = record(stub)
    os.kill(killed["pid"], signal.SIGKILL)

    again = stub.run("up", "--detach")

    assert again.returncode == 0, again.stdout + again.stderr
    assert page(stub) == 200
    assert stub.run("manage", "sql", "SELECT x FROM kept").stdout.strip() == "7"


def test_it_revives_each_process_that_dies(stub):
    stub.run("up", "--detach")
    first = record(stub)["programs"]["worker"]
    database = int((stub.state / "pg/data/postmaster.pid").read_text().split()[0])

    os.kill(first["pid"], signal.SIGKILL)
    os.kill(database, signal.SIGKILL)

    until(lambda: record(stub)["programs"]["worker"]["pid"] != first["pid"])
    log = stub.state / "logs" / "up.log"
    until(lambda: "PostgreSQL is up again" in log.read_text())
    assert "worker ended (killed by SIGKILL); starting it again" in log.read_text()
    assert stub.run("status").returncode == 0


def test_it_stops_orderly_on_ctrl_c(stub):
    words = [sys.executable, stub.root / "sightline", "up"]
    with subprocess.Popen(  # noqa: S603 - our own script
        words, env=stub.environment, stdout=subprocess.PIPE, text=True
    ) as running:
        said = next(line for line in running.stdout if "is ready after" in line)

        running.send_signal(signal.SIGINT)

        rest = running.stdout.read()
        assert running.wait(timeout=20) == 0
    assert said
    assert "Stopped" in rest
    assert not (stub.state / "pg/data/postmaster.pid").exists()
    assert not (stub.state / "running.json").exists()


def test_it_names_who_has_its_port_and_starts_nothing(stub):
    port = int(stub.environment["SIGHTLINE_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        refused = stub.run("up", "--detach")

    assert refused.returncode == 1
    assert f"taken by process {os.getpid()}" in refused.stdout + refused.stderr
    assert not (stub.state / "pg").exists()


def test_it_refuses_a_variable_in_one_line(stub):
    refused = stub.run("up", SIGHTLINE_PORT="many")

    assert refused.returncode == 1
    assert refused.stderr == (
        "sightline: SIGHTLINE_PORT: expected a port number from 1 to 65535.\n"
    )


def test_it_gives_no_serving_process_the_administrators_address(stub):
    stub.run("up", "--detach")

    names = stub.run("manage", "environment").stdout.split()

    assert "SIGHTLINE_DATABASE_URL" in names
    assert "SIGHTLINE_ADMIN_DATABASE_URL" not in names
    for one in record(stub)["programs"].values():
        environment = Path(f"/proc/{one['pid']}/environ").read_bytes()
        assert b"ADMIN_DATABASE_URL" not in environment


def test_it_removes_the_data_on_reset_and_nothing_else(stub):
    stub.run("up", "--detach")

    stub.run("reset")  # nobody answers its question
    assert page(stub) == 200

    stub.run("reset", "--yes")
    left = {entry.name for entry in stub.state.iterdir()}
    assert left == {".sightline-data", "sightline.lock"}
    assert (stub.root / ".venv").exists()
