import os
import signal
import subprocess

import pytest

from plant.state import State, read_json, write_json
from tests.plant.running import ROOT, next_address, until

pytestmark = pytest.mark.plant

# The whole plant has fixed addresses; two hosts elsewhere show what a supervisor does.
SMALL_PLANT = """
import sys
from dataclasses import replace
from pathlib import Path
from plant.hosts import host
from plant.state import State
from plant.supervisor import Child, Supervisor
router = replace(host("RTR-UTIL"), address=sys.argv[2])
panel = replace(host("HMI-F1"), address=sys.argv[3])
Supervisor(State(Path(sys.argv[1])), children=[Child(router), Child(panel)]).run()
"""


@pytest.fixture
def plant(plant_python, tmp_path):
    command = [plant_python, "-c", SMALL_PLANT, tmp_path]
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*command, next_address(), next_address()],
        env={"PYTHONPATH": str(ROOT / "platform"), "PATH": os.defpath},
    )
    yield process
    process.kill()
    process.wait()


def status(tmp_path):
    return read_json(State(tmp_path).status)


def is_ready(tmp_path):
    return bool(status(tmp_path).get("ready"))


def test_it_says_when_every_host_listens(plant, tmp_path):
    until(lambda: is_ready(tmp_path))

    assert status(tmp_path)["problem"] == ""
    assert {each["up"] for each in status(tmp_path)["hosts"].values()} == {True}


def test_it_starts_a_dead_host_again(plant, tmp_path):
    until(lambda: is_ready(tmp_path))
    killed = status(tmp_path)["hosts"]["HMI-F1"]["pid"]

    os.kill(killed, signal.SIGKILL)

    until(lambda: status(tmp_path)["hosts"]["HMI-F1"]["pid"] not in (killed, None))
    until(lambda: is_ready(tmp_path))


def test_it_says_which_fixes_hold(plant, tmp_path):
    until(lambda: is_ready(tmp_path))

    write_json(State(tmp_path).wanted_fixes, {"fixed": ["plc-port", "no-such"]})

    until(lambda: status(tmp_path)["fixed"] == ["plc-port"])
    until(lambda: "no-such" in status(tmp_path)["problem"])


def test_it_takes_its_hosts_along_when_it_is_told_to_stop(plant, tmp_path):
    until(lambda: is_ready(tmp_path))
    pids = [each["pid"] for each in status(tmp_path)["hosts"].values()]

    plant.send_signal(signal.SIGTERM)

    assert plant.wait(timeout=30) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not is_ready(tmp_path)


def test_it_never_leaves_a_host_behind(plant, tmp_path):
    until(lambda: is_ready(tmp_path))
    pids = [each["pid"] for each in status(tmp_path)["hosts"].values()]

    plant.kill()

    until(lambda: not any(is_alive(pid) for pid in pids))


def is_alive(pid):
    """Tell whether the process runs; one that only waits to be buried does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a kernel file
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
