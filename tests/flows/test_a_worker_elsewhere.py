"""A worker of a vantage: its own process looks, the installation's own one does not."""

import datetime as dt
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.flows.running import ROOT, Product, eventually
from tests.flows.test_discovery_to_closure import ANA
from tests.flows.visitor import WORKSPACE, Visitor

pytestmark = pytest.mark.flow

OTTO = "otto@northmill.example"
NAME, REFERENCE = "Second line", "ZZ-ELSEWHERE"  # the other one stays first in lists


def test_a_scope_is_looked_at_by_the_worker_of_its_vantage(product: Product) -> None:
    # Given a vantage with a worker of its own, and a signed scope that is looked at
    # from there. Nobody is at the address, so that other stories see no change.
    ana = Visitor(product, ANA).sign_in()
    eventually(lambda: "Attack paths are up to date." in ana.open(_run(1)))
    ana.open(f"{WORKSPACE}/vantages/")
    ana.submit("/vantages/add/", name=NAME, own_worker="on")
    assert f"Without a worker: {NAME}" in ana.text
    command = re.search(r"manage\.py vantage (\S+) (\S+)", ana.text)
    assert command is not None
    workspace, vantage = command.groups()
    _permit(product, ana, address=_nobody(product))

    # When a run starts before the worker is there
    eventually(ana.can_start)
    chosen = ana.option("authorisation", REFERENCE)
    page = ana.submit("/start/", authorisation=chosen)
    number = max(int(found) for found in re.findall(r"[Rr]un (\d+)", page))

    # Then it waits and says for whom, until the worker comes.
    eventually(lambda: NAME in ana.open(_run(number)))
    assert "Attack paths are up to date." not in ana.text
    with _worker(product, "vantage", workspace, vantage):
        eventually(lambda: "There" in ana.open(f"{WORKSPACE}/vantages/"))
        eventually(
            lambda: "Attack paths are up to date." in ana.open(_run(number)), within=120
        )
        assert NAME in ana.text

        # And a retired vantage ends its worker.
        ana.open(f"{WORKSPACE}/vantages/")
        ana.submit(f"/{vantage}/retire/")


def _run(number: int) -> str:
    return f"{WORKSPACE}/runs/{number}/"


def _nobody(product: Product) -> str:
    return f"{product.environment['SIGHTLINE_PLANT_NETWORK']}.250.1"


def _permit(product: Product, ana: Visitor, *, address: str) -> None:
    today = dt.datetime.now(dt.UTC).date()
    ana.open(f"{WORKSPACE}/scope/")
    ana.submit(
        "/scope/create/",
        **{
            "new-reference": REFERENCE,
            "new-statement": "Look at what nobody uses.",
            "new-valid_from": str(today - dt.timedelta(days=1)),
            "new-valid_until": str(today + dt.timedelta(days=30)),
        },
    )
    place = ana.path
    ana.submit("/entries/add/", value=address, vantage=ana.option("vantage", NAME))
    otto = Visitor(product, OTTO).sign_in()
    otto.open(place)
    otto.submit("/sign/", agreed="on")


@contextmanager
def _worker(product: Product, *words: str) -> Iterator[None]:
    """Run the command that the page prints, in a process group of its own."""
    process = subprocess.Popen(  # noqa: S603 - our own start script
        [str(ROOT / "sightline"), "manage", *words],
        env=product.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
        process.wait(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
