"""One sweep of ours or of nmap, with what it found, how long it took and how much it held.

A program of its own, so that it can run in a network namespace:
`python -m tests.bench.sweeping '{"engine": "ours", ...}'` prints one line of JSON.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from exposure.collectors import crew
from exposure.collectors.fence import ScopeFence
from exposure.collectors.targets import PortState, SweepHost, SweepLimits
from exposure.logic.scope import ScopeRule

LOOPBACK = ip_network("127.0.0.0/8")
# No ceiling but our own machine's: what nmap does too.
FREE = SweepLimits(
    max_half_open=32_000,
    rate_per_second=1e9,
    rate_per_host=1e9,
    rate_per_ot_host=1e9,
    per_host=32_000,
    hosts_at_once=256,
)
# Services that accept and hang up, as many as there are addresses.
SERVICES = """
import select, socket
poll = select.poll()
servers = [socket.create_server(("", port), backlog=4096) for port in (22, 80, 443)]
for server in servers:
    poll.register(server, select.POLLIN)
print("up", flush=True)
while poll.poll():
    for server in servers:
        server.settimeout(0.001)
        try:
            while True:
                server.accept()[0].close()
        except TimeoutError:
            pass
"""
NMAP = ("nmap", "-sT", "-n", "-Pn", "-T4", "-oG", "-")


@dataclass(frozen=True)
class Task:
    """What to sweep, and by whom."""

    engine: str
    first: str
    hosts: int
    ports: int
    processes: int = 2
    stop_after: int = 0

    @property
    def addresses(self) -> list[str]:
        """Return the addresses."""
        return [str(ip_address(self.first) + number) for number in range(self.hosts)]


@dataclass
class Told:
    """What came of it: `opened` are sockets, `counts` how many ports in each state."""

    seconds: float
    cpu_seconds: float
    opened: list[str]
    counts: dict[str, int]
    kib: int = 0
    last_sent: float = 0.0
    gone: float = 0.0


def ours(task: Task) -> Told:
    """Sweep with our processes, through a fence, and write everything down."""
    now = datetime.now(UTC)
    day = timedelta(days=1)
    rule = ScopeRule("bench", now - day, now + day, (LOOPBACK,))
    fence = ScopeFence([rule], [LOOPBACK])
    asked, last, stopped_at = 0, 0.0, 0.0
    stop = False
    control = crew.Control(lambda: fence, lambda: FREE, lambda: stop)
    hosts = (SweepHost(each, range(1, task.ports + 1)) for each in task.addresses)
    counts: Counter[str] = Counter()
    opened: set[str] = set()
    began = time.perf_counter()
    for heard in crew.sweep(hosts, control=control, processes=task.processes):
        for result in heard.results:
            if result.attempt == 1:
                asked += 1
                counts[result.state.value] += 1
            if result.state is PortState.OPEN:
                opened.add(f"{result.address}:{result.port}")
            last = max(last, result.at)
        if task.stop_after and asked > task.stop_after and not stop:
            stop, stopped_at = True, time.time()
    seconds = time.perf_counter() - began
    return Told(
        seconds,
        _cpu(),
        sorted(opened),
        dict(counts),
        _memory(task.processes),
        last - stopped_at,
        time.time() - stopped_at,
    )


def nmap(task: Task) -> Told:
    """Sweep with nmap."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - the peer, with constant words
        [*NMAP, f"-p1-{task.ports}", *task.addresses],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    opened, counts = set(), Counter[str]()
    for line in done.stdout.splitlines():
        found = re.match(r"Host: (\S+) .*?Ports: ([^\t]*)", line)
        if not found:
            continue
        for port, state in re.findall(r"(\d+)/(\w+)/tcp", found[2]):
            counts[state] += 1
            if state == "open":
                opened.add(f"{found[1]}:{port}")
        for state, count in re.findall(r"(\w+) \((\d+)\)", line.split("\t")[-1]):
            counts[state] += int(count)
    return Told(seconds, _cpu(), sorted(opened), dict(counts))


def _cpu() -> float:
    both = [
        resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(each.ru_utime + each.ru_stime for each in both)


def _memory(processes: int) -> int:
    """Return what all processes held at most, in KiB: never less than they did."""
    own = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert own
    return (
        int(own[1]) + processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )


def main() -> None:
    """Serve three ports on every address, and sweep."""
    task = Task(**json.loads(sys.argv[1]))
    services = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-S", "-c", SERVICES], stdout=subprocess.PIPE
    )
    assert services.stdout
    services.stdout.readline()
    try:
        told = {"ours": ours, "nmap": nmap}[task.engine](task)
    finally:
        services.kill()
        services.wait()
        services.stdout.close()
    print(json.dumps(asdict(told)))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
