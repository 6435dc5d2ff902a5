"""What one change leaves, and the best set of them: asked on pages, done by a worker."""

import pytest

from tests.flows.running import Product, eventually
from tests.flows.test_discovery_to_closure import OTTO
from tests.flows.visitor import WORKSPACE, Visitor

pytestmark = pytest.mark.flow


def test_a_plan_is_worked_out_and_says_what_is_left(product: Product) -> None:
    otto = Visitor(product, OTTO).sign_in()
    eventually(lambda: _can_tick(otto), within=180)

    otto.open(f"{WORKSPACE}/plans/")
    otto.submit("/plans/make/", downtime="0")
    plan = otto.path
    page = eventually(lambda: _when_ready(otto, plan))

    assert "Production downtime 0 h" in page
    assert "Proven" in page
    assert "Pasteuriser 2" in page
    assert "Next plan" in page


def _can_tick(otto: Visitor) -> bool:
    return "Count the ticked ones" in otto.peek(f"{WORKSPACE}/paths/")


def _when_ready(otto: Visitor, plan: str) -> str:
    page = otto.peek(plan)
    return page if "Count the ticked ones" in page else ""
