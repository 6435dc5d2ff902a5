"""The roll-up of all customers, and "which customers have X?", through their own policy.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_rollup_bench.py`.
Prints times; asserts that what is added up is what the rows say.
"""

from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tenants.rollup import provider_memberships, rollup_rows, rollup_scope
from tests.bench.conftest import FULL, House
from tests.bench.measured import load, p50_p95, queries_of, timed
from workflows.views import customer_facts, having, site_facts
from workflows.views.customer_facts import facts_by_workspace

pytestmark = pytest.mark.bench

ROUNDS = 30 if FULL else 8
MOST_QUERIES = 15
PAGES = (
    "customers/",
    "customers/sites/",
    "customers/having/?q=nginx",
    "customers/having/?q=anyone",
)
TRUTH = """
SELECT f.workspace_id, count(*) FILTER (WHERE item.band = 'immediate'),
  count(*) FILTER (WHERE f.state = 'open' AND NOT EXISTS (
    SELECT FROM workflows_decision d WHERE d.case_id = item.id
      AND d.state IN ('proposed', 'partly_answered', 'approved', 'claimed')))
FROM exposure_finding f JOIN workflows_case item ON item.finding_id = f.id
WHERE f.state IN ('validating', 'open', 'treated', 'verifying')
GROUP BY 1
"""


def scope(house: House) -> Any:
    return rollup_scope(row.workspace_id for row in provider_memberships(house.ana))


def test_the_facts_of_all_customers(full_house: House) -> None:
    with scope(full_house):
        found = facts_by_workspace(names=True)
        times = [timed(partial(facts_by_workspace, names=True)) for _ in range(ROUNDS)]
        each = {
            name: p50_p95([timed(partial(rollup_rows, sql, values)) for _ in range(9)])
            for name, sql, values in _queries()
        }

    middle, tail = p50_p95(times)
    parts = ", ".join(f"{name} {one:.1f}" for name, (one, _) in each.items())
    print(  # noqa: T201 - what a bench is for
        f"\nfacts of {len(found)} customers: p50 {middle:.1f} ms, p95 {tail:.1f} ms "
        f"({parts}), {load()}"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(TRUTH)
        truth = {key: (now, left) for key, now, left in cursor.fetchall()}
    assert {key: (row.now, row.proposals) for key, row in found.items()} == truth


@pytest.mark.parametrize("page", PAGES)
def test_a_page_over_all_customers(page: str, full_house: House) -> None:
    browser = Client()
    browser.force_login(full_house.ana)
    browser.get(f"/{page}")

    times = [timed(lambda: browser.get(f"/{page}")) for _ in range(ROUNDS)]
    asked = queries_of(browser, f"/{page}")

    middle, tail = p50_p95(times)
    print(  # noqa: T201 - what a bench is for
        f"\n/{page:28} p50 {middle:6.1f} ms  p95 {tail:6.1f} ms  "
        f"{len(asked):2} statements  {load()}"
    )
    assert len(asked) <= MOST_QUERIES


def test_which_customers_have_it(full_house: House) -> None:
    values = having._values("nginx 1.20")
    with scope(full_house):
        found = rollup_rows(having.HAVING, values)
        times = [
            timed(lambda: rollup_rows(having.HAVING, values)) for _ in range(ROUNDS)
        ]

    middle, tail = p50_p95(times)
    print(  # noqa: T201 - what a bench is for
        f"\nwhich of {full_house.customers} have it, the question alone: "
        f"p50 {middle:.1f} ms, p95 {tail:.1f} ms, {load()}"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, count(*) FROM exposure_service "
            "WHERE product ILIKE '%%nginx 1.20%%' AND state <> 'gone' GROUP BY 1"
        )
        assert {row[0]: row[1] for row in found} == dict(cursor.fetchall())


def _queries() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        ("sites", site_facts.SITES, {"names": True}),
        ("exposure", customer_facts.EXPOSURE, {"points": 40}),
        ("reached", customer_facts.REACHED, {}),
        ("runs", customer_facts.RUNS, {}),
        ("authorisations", customer_facts.AUTHORISATIONS, {}),
        ("counts", customer_facts.COUNTS, customer_facts._counted()),
        ("waits", customer_facts.WAITS, {}),
    ]
