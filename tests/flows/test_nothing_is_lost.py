"""kill -9 of each process in the middle of a run: it ends, and everybody is told."""

import re

import pytest
from urllib3.exceptions import HTTPError

from tests.flows.running import Product, eventually
from tests.flows.test_discovery_to_closure import ANA
from tests.flows.visitor import WORKSPACE, Visitor

pytestmark = pytest.mark.flow


@pytest.mark.parametrize(
    "name", ["worker", "scheduler", "web", "mailbox", "valkey", "postgres"]
)
def test_a_run_survives_the_death_of(name: str, product: Product) -> None:
    ana = Visitor(product, ANA).sign_in()
    number = _start_run(ana)
    died = product.kill(name)

    eventually(lambda: product.pid_of(name) not in {0, died})
    eventually(lambda: _ended(ana, number), within=120)
    eventually(lambda: _calls_about(product, number), within=120)


def test_a_broker_that_dies_again_and_again_loses_nothing(product: Product) -> None:
    ana = Visitor(product, ANA).sign_in()
    number = _start_run(ana)
    for _ in range(5):
        died = product.kill("valkey")
        eventually(lambda died=died: product.pid_of("valkey") not in {0, died})

    eventually(lambda: _ended(ana, number), within=120)
    eventually(lambda: _calls_about(product, number), within=120)


def _start_run(ana: Visitor) -> int:
    eventually(ana.can_start)
    page = ana.submit("/start/")
    numbers = [int(found) for found in re.findall(r"[Rr]un (\d+)", page)]
    return max(numbers)


def _ended(ana: Visitor, number: int) -> str:
    page = ana.peek(f"{WORKSPACE}/runs/{number}/")
    return page if "Attack paths are up to date." in page else ""


def _calls_about(product: Product, number: int) -> bool:
    """Whether the webhook told of the end of the run, with a signature that fits."""
    try:
        calls = [str(call) for call in product.calls() if call["fits"]]
    except HTTPError:  # the mailbox is coming back
        return False
    told = [call for call in calls if "scan.finished" in call]
    return any(f"/runs/{number}/" in call for call in told)
