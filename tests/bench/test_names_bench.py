"""Names a second beside dnspython's asynchronous resolver: the same names, in one run.

Run with `./sightline test -m bench -s tests/bench/test_names_bench.py`. Half of the names
do not exist. Prints rates, asserts that both give the same verdicts.
"""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.asyncresolver
import dns.resolver
import pytest

from exposure.collectors.names.resolver import Limits, ask
from exposure.logic.names.messages import Question, Status
from tests.bench.measured import load

pytestmark = pytest.mark.bench

NAMES = [
    f"{'a' if number % 2 else 'z'}{number}.plant.example" for number in range(20_000)
]
SERVER = Path(__file__).with_name("name_server.py")
ADDRESS = "127.78.9.53"
AT_ONCE = 200  # more makes dnspython slower
Verdicts = dict[str, bool]


@pytest.fixture
def port() -> Iterator[int]:
    """A local name server in a process of its own."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(SERVER), ADDRESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.terminate()


def ours(names: list[str], port: int) -> Verdicts:
    limits = Limits(rate_per_second=1_000_000, in_flight=500, timeout=5)
    answers = ask(
        (Question(name) for name in names),
        resolvers=[(ADDRESS, port)],
        should_stop=lambda: False,
        limits=limits,
    )
    return {each.question.name: each.status is Status.ANSWERED for each in answers}


def theirs(names: list[str], port: int) -> Verdicts:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [ADDRESS], port
    verdicts: Verdicts = {}

    async def work(queue: Iterator[str]) -> None:
        for name in queue:
            try:
                await resolver.resolve(name, "A", search=False)
                verdicts[name] = True
            except dns.resolver.NXDOMAIN:
                verdicts[name] = False

    async def all_of_it() -> None:
        queue = iter(names)
        await asyncio.gather(*(work(queue) for _ in range(AT_ONCE)))

    asyncio.run(all_of_it())
    return verdicts


def rated(act: Callable[[list[str], int], Verdicts], names: list[str], port: int):
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    verdicts = act(names, port)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return len(names) / wall, len(names) / cpu, verdicts


def test_names_a_second(port: int) -> None:
    peer_names = NAMES[:4000]

    peer, peer_cpu, expected = rated(theirs, peer_names, port)
    own, own_cpu, found = rated(ours, NAMES, port)

    print(  # noqa: T201 - what a bench is for
        f"\nnames/s: ours {own:,.0f} ({own_cpu:,.0f} a CPU second), dnspython "
        f"{peer:,.0f} ({peer_cpu:,.0f}), {own / peer:.1f} x; {load()}"
    )
    assert len(found) == len(NAMES)
    assert {name: found[name] for name in peer_names} == expected
