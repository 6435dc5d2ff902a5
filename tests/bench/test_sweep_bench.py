"""The sweep beside nmap: the same verdicts are required, the ratio is printed.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_sweep_bench.py`.
Everything happens in network namespaces of its own, so nothing but our services is there.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.bench.conftest import FULL
from tests.bench.measured import load
from tests.bench.sweeping import Task, Told

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 2 if FULL else 1
# Services on the first address of each bench; what else is asked is closed.
OPEN = (22, 80, 443)
MOST_KIB = 200 * 1024
SILENT = (
    "add table inet b",
    "add chain inet b in { type filter hook input priority 0 ; }",
    "add rule inet b in ip daddr 127.0.7.0/24 tcp dport != { 22, 80, 443 } drop",
)

pytestmark = pytest.mark.bench


def needs(*programs: tuple[str, str]) -> None:
    """Skip where a program is missing; name the package."""
    for program, package in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            pytest.skip(f"{program} is missing: install the Debian package {package}")


def run(task: Task, *, silent: bool = False) -> Told:
    """Do one task in a network namespace with three services on each address."""
    rules = "".join(f"nft '{rule}' && " for rule in SILENT) if silent else ""
    command = (
        f"PATH=$PATH:/usr/sbin; ip link set lo up && {rules}"
        f"exec {sys.executable} -m tests.bench.sweeping"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        ["unshare", "-rn", "sh", "-c", f'{command} "$0"', json.dumps(asdict(task))],  # noqa: S607 - as installed
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "unshare failed" in done.stderr:
        pytest.skip("this machine does not let us make a network namespace")
    assert done.returncode == 0, done.stderr
    return Told(**json.loads(done.stdout))


def compare(first: str, hosts: int, ports: int, *, silent: bool = False) -> None:
    """Let both sweep in turns; print the ratio of the best rounds."""
    needs(("nmap", "nmap"), ("nft", "nftables"), ("ip", "iproute2"))
    rounds = [
        [
            run(Task(engine, first, hosts, ports), silent=silent)
            for engine in ("nmap", "ours")
        ]
        for _ in range(ROUNDS)
    ]
    peer, own = (
        min(each, key=lambda t: t.seconds) for each in zip(*rounds, strict=True)
    )
    print(  # noqa: T201 - what a bench is for
        f"\n{hosts} hosts x {ports} ports, {'silent' if silent else 'answering'}: "
        f"nmap {peer.seconds:.2f} s ({peer.cpu_seconds:.2f} CPU), "
        f"ours {own.seconds:.2f} s ({own.cpu_seconds:.2f} CPU, {own.kib >> 10} MiB): "
        f"{peer.seconds / own.seconds:.1f} times as fast, {load()}"
    )
    assert own.opened == peer.opened
    assert len(own.opened) == hosts * sum(port <= ports for port in OPEN)
    assert own.counts == peer.counts
    assert own.kib < MOST_KIB


def test_many_hosts_that_answer() -> None:
    compare("127.0.5.0", 256 if FULL else 64, 100)


def test_all_ports_of_a_host() -> None:
    compare("127.0.5.1", 20 if FULL else 1, 65535 if FULL else 20_000)


def test_hosts_behind_a_firewall() -> None:
    compare("127.0.7.0", 256 if FULL else 3, 100 if FULL else 40, silent=True)


@pytest.mark.skipif(not FULL, reason="the full size only: SIGHTLINE_BENCH_FULL=1")
def test_a_hundred_thousand_sockets_to_silent_hosts() -> None:
    needs(("nft", "nftables"), ("ip", "iproute2"))

    told = run(Task("ours", "127.0.7.0", 256, 400), silent=True)

    asked = sum(told.counts.values())
    print(  # noqa: T201 - what a bench is for
        f"\n{asked} sockets tried in {told.seconds:.1f} s: {told.kib >> 10} MiB, {load()}"
    )
    assert asked == 102_400
    assert told.kib < MOST_KIB


def test_a_stop_at_full_speed() -> None:
    needs(("ip", "iproute2"))

    told = run(Task("ours", "127.0.5.1", 20, 65535, stop_after=20_000))

    print(  # noqa: T201 - what a bench is for
        f"\nstopped at full speed: last knock {told.last_sent * 1000:.0f} ms after the stop, "
        f"all processes gone after {told.gone * 1000:.0f} ms, {load()}"
    )
    assert sum(told.counts.values()) < 20 * 65535
