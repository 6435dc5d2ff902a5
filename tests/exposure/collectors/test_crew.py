"""Sweep processes share the work, keep to the fence, and never outlive anybody."""

import ipaddress
import os
import select
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exposure.collectors import child, crew
from exposure.collectors.child import Heard
from exposure.collectors.crew import Control, SweepFailed
from exposure.collectors.fence import ScopeFence
from exposure.collectors.targets import PortState, SweepHost, SweepLimits, SweepResult
from exposure.logic.scope import ScopeRule
from tests.exposure.collectors.knocking import FREE, full, host, listening

ROOT = Path(__file__).resolve().parents[3]
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
V6 = ipaddress.ip_network("::1/128")
SLOW = replace(FREE, rate_per_second=200)


def fence(*, excluded: str = "") -> ScopeFence:
    """Return a fence around loopback."""
    now = datetime.now(UTC)
    rule = ScopeRule(
        "A-1",
        now - timedelta(hours=1),
        now + timedelta(hours=1),
        (LOOPBACK, V6),
        excluded_networks=(ipaddress.ip_network(excluded),) if excluded else (),
    )
    return ScopeFence([rule], [LOOPBACK, V6])


@dataclass
class Orders:
    """What a test lets the sweep do, and may change."""

    fence: ScopeFence = field(default_factory=fence)
    limits: SweepLimits = FREE
    stop: bool = False

    def control(self) -> Control:
        """Return it as a sweep asks it."""
        return Control(lambda: self.fence, lambda: self.limits, lambda: self.stop)


def children() -> set[int]:
    """Return the processes that this one started, dead ones that nobody buried too."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


@pytest.fixture
def before() -> Iterator[set[int]]:
    """Fail the test if it leaves a process behind, alive or dead."""
    known = children()
    yield known
    assert children() == known


def closed_hosts(*lasts: int, ports: int = 50) -> list[SweepHost]:
    """Return hosts where, but for some daemon, nothing listens."""
    return [SweepHost(f"127.80.9.{last}", range(1, 1 + ports)) for last in lasts]


def sweep(
    hosts: list[SweepHost],
    orders: Orders,
    *,
    processes: int = 2,
    then: Callable[[list[SweepResult]], None] = lambda _: None,
) -> Heard:
    """Sweep, and after each report let the test do something."""
    heard = Heard()
    each = crew.sweep(hosts, control=orders.control(), processes=processes, seed=3)
    for more in each:
        heard.results += more.results
        heard.ended += more.ended
        then(heard.results)
    return heard


def test_every_port_of_every_host_is_reported_once(before: set[int]) -> None:
    hosts = closed_hosts(1, 2, 3, 4, 5)
    with listening("127.80.9.3") as server, listening("::1") as other:
        port, sixth = server.getsockname()[1], other.getsockname()[1]
        heard = sweep(
            [
                *hosts,
                host("127.80.9.6", port),
                host("127.80.9.3", port),
                host("::1", sixth),
            ],
            Orders(),
        )

    asked = Counter((r.address, r.port) for r in heard.results)
    assert len(asked) == 5 * 50 + 3
    assert set(asked.values()) == {1}
    opened = {r.address for r in heard.results if r.state is PortState.OPEN}
    assert {"127.80.9.3", "::1"} <= opened
    assert len(heard.ended) == 8


def test_the_processes_know_nothing_of_django(before: set[int]) -> None:
    code = (
        "import sys, exposure.collectors.sweeper;"
        "print([m for m in sys.modules if m.split('.')[0] in "
        "{'django', 'celery', 'tenants', 'config', 'asyncio', 'psycopg'}])"
    )

    told = subprocess.run(  # noqa: S603 - our own program
        [*child.COMMAND[:-2], "-c", code], cwd=ROOT, capture_output=True, check=True
    )

    assert told.stdout.strip() == b"[]"


def test_a_killed_process_is_replaced_and_nothing_is_asked_twice(
    before: set[int],
) -> None:
    hosts = closed_hosts(1, 2, 3, 4)
    known: set[tuple[str, int]] = set()

    def kill(results: list[SweepResult]) -> None:
        if len(results) > 60 and not known:
            known.update((r.address, r.port) for r in results)
            os.kill(min(children() - before), signal.SIGKILL)

    heard = sweep(hosts, Orders(limits=SLOW), then=kill)

    asked = Counter((r.address, r.port) for r in heard.results)
    assert known
    assert {asked[each] for each in known} == {1}
    assert len(asked) == 200
    assert len(heard.ended) == 4


def test_processes_that_die_again_and_again_fail_the_sweep(
    before: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-S", "-c", ""))

    with pytest.raises(SweepFailed, match="4 times"):
        sweep(closed_hosts(1), Orders())


@pytest.mark.parametrize("said", [b"\\x01\\xff\\xff\\xff\\x7f", b"\\x09\\0\\0\\0\\0"])
def test_a_process_that_talks_nonsense_is_a_dead_one(
    before: set[int], monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    program = f"import os,sys; os.write(1, b'{said.decode()}'); sys.stdin.read()"
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-S", "-c", program))

    with pytest.raises(SweepFailed):
        sweep(closed_hosts(1), Orders())


def test_a_stop_ends_it_with_targets_left_over(before: set[int]) -> None:
    orders = Orders(limits=replace(SLOW, timeout=5.0))

    def stop(results: list[SweepResult]) -> None:
        orders.stop = len(results) > 20

    with full("127.80.9.9") as port:
        hosts = [host("127.80.9.9", port), *closed_hosts(1, 2, ports=500)]
        heard = sweep(hosts, orders, then=stop)

    # What was on its way is told, too: it was sent.
    cut = [r for r in heard.results if r.state is PortState.CUT_SHORT]
    assert [(r.address, r.port) for r in cut] == [("127.80.9.9", port)]
    assert len(heard.results) < 200
    assert heard.ended == []


def test_nothing_is_sent_when_it_was_stopped_before_it_began(before: set[int]) -> None:
    orders = Orders(limits=replace(SLOW, rate_per_second=1), stop=True)

    assert sweep(closed_hosts(1), orders) == Heard()


def test_nothing_is_sent_while_nobody_can_say_whether_to_stop(
    before: set[int],
) -> None:
    orders = Orders()
    asked = 0

    def is_current() -> bool:
        nonlocal asked
        asked += 1
        orders.stop = asked > 20
        return False

    control = replace(orders.control(), is_current=is_current)

    assert list(crew.sweep(closed_hosts(1), control=control)) == []


def test_whoever_cannot_be_asked_any_more_ends_the_sweep(before: set[int]) -> None:
    def broken() -> bool:
        raise LookupError("gone")

    control = replace(Orders(limits=SLOW).control(), is_current=broken)

    with pytest.raises(LookupError, match="gone"):
        list(crew.sweep(closed_hosts(1, ports=999), control=control))


def test_a_caller_who_leaves_early_leaves_nobody_behind(before: set[int]) -> None:
    each = crew.sweep(
        closed_hosts(1, ports=5000), control=Orders(limits=SLOW).control()
    )

    next(each)
    assert children() > before
    each.close()  # type: ignore[attr-defined] # a generator


def test_an_exclusion_reaches_every_process_while_it_runs(before: set[int]) -> None:
    orders = Orders(limits=SLOW)

    def exclude(results: list[SweepResult]) -> None:
        if len(results) > 20:
            orders.fence = fence(excluded="127.80.9.2/32")

    heard = sweep(closed_hosts(1, 2, ports=200), orders, then=exclude)

    states = Counter((r.address, r.state) for r in heard.results)
    assert states["127.80.9.1", PortState.REFUSED_BY_SCOPE] == 0
    assert states["127.80.9.2", PortState.REFUSED_BY_SCOPE] > 100
    # At 200 a second, 20 ms of news and 50 ms of wait are a few knocks.
    assert states["127.80.9.2", PortState.CLOSED] < 90


def test_reasons_that_differ_for_each_port_are_no_trouble(before: set[int]) -> None:
    orders = Orders(fence=fence(excluded="127.80.9.1/32"))

    heard = sweep(closed_hosts(1, ports=33_000), orders)

    assert len(heard.results) == 33_000
    assert {r.state for r in heard.results} == {PortState.REFUSED_BY_SCOPE}
    assert all(r.error for r in heard.results)


def test_no_process_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.exposure.collectors.test_crew import *\n"
        "orders = Orders(limits=replace(SLOW, rate_per_second=20))\n"
        "for _ in crew.sweep(closed_hosts(1, 2, ports=999), control=orders.control(), processes=2):\n"
        "    print(*children(), flush=True)\n"
    )
    parent = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(ROOT)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = parent.stdout.readline().split()
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert len(pids) == 2
    for pid in pids:
        with suppress(ProcessLookupError):  # it is gone already
            handle = os.pidfd_open(int(pid))
            assert select.select([handle], [], [], 10)[0], "it goes on without parent"
            os.close(handle)
