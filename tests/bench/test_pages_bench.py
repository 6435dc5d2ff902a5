"""Pages over a full house: p50, p95 and statements of each, as the application's role.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_pages_bench.py`
for 200 customers with 20 000 findings each; without it the house is small. Prints times,
asserts none: what it asserts is that pages are right and ask little.
"""

import itertools
import random

import pytest
from django.test import Client

from tests.bench.conftest import FULL, House
from tests.bench.measured import load, p50_p95, queries_of, timed

pytestmark = pytest.mark.bench

ROUNDS, FEW = 40 if FULL else 8, 3  # the plant is one page of all assets, however many
MOST_QUERIES = 15
PAGES = {
    "exposures, open": "exposures/",
    "exposures, open, page 100": "exposures/?page=100",
    "exposures, closed": "exposures/?view=closed",
    "exposures, closed, last page": "exposures/?view=closed&page=9999",
    "exposures, needs IT": "exposures/?view=needs-it",
    "exposures, needs OT": "exposures/?view=needs-ot",
    "exposures, verifying": "exposures/?view=verifying",
    "exposures, decided": "exposures/?view=decided",
    "exposures, q of a title": "exposures/?q=operator+panel",
    "exposures, q of an asset": "exposures/?q=PLC-00017",
    "exposures, q of a product": "exposures/?q=nginx+1.20",
    "exposures, q of all": "exposures/?q=anyone&page=20",
    "exposures, q of a number": "exposures/?q=104",
    "exposures, q of an address": "exposures/?q=10.0.0.7",
    "exposures, q of a protocol": "exposures/?q=modbus",
    "exposures, q of two letters": "exposures/?q=nx",
    "exposures, q of nothing": "exposures/?q=zzzzz",
    "today": "",
    "finding": "exposures/SL-41/",
    "plant": "plant/",
}


@pytest.fixture
def browser(full_house: House) -> Client:
    """The provider's analyst, in a browser whose session is known."""
    client = Client()
    client.force_login(full_house.ana)
    for slug in slugs(full_house):
        client.get(f"/w/{slug}/runs/")  # the visit of this hour is noted
    return client


def slugs(house: House) -> list[str]:
    """Return the customers in an order that no cache likes."""
    found = ["weeeeeeee", *(f"w{number:08x}" for number in range(1, house.customers))]
    random.Random(1).shuffle(found)  # noqa: S311 - reproducible, not a secret
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page(name: str, browser: Client, full_house: House) -> None:
    customers = itertools.cycle(slugs(full_house))
    path = PAGES[name]
    browser.get(f"/w/{next(customers)}/{path}")

    times = [
        timed(lambda: browser.get(f"/w/{next(customers)}/{path}"))
        for _ in range(FEW if name == "plant" else ROUNDS)
    ]
    asked = queries_of(browser, f"/w/{next(customers)}/{path}")

    middle, tail = p50_p95(times)
    print(  # noqa: T201 - what a bench is for
        f"\n{name:32} p50 {middle:6.1f} ms  p95 {tail:6.1f} ms  "
        f"{len(asked):2} statements  {load()}"
    )
    assert len(asked) <= MOST_QUERIES
