"""Row-level security beside an explicit filter: the same rows, in turn, in one run.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_rls_bench.py`.
The application's role is subject to the policies; the owner's bypasses them and has the
filter on the workspace only, which the product's managers write into every query.
Prints ratios, asserts that both answer the same.
"""

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.db.models import QuerySet

from exposure.models import COUNTED, Asset, Finding, Service
from tenants.models import Workspace
from tenants.scope import workspace_scope
from tests.bench.conftest import FULL, House
from tests.bench.measured import load, p50_p95, timed
from workflows.models import Case
from workflows.views.saved_views import findings_in

pytestmark = pytest.mark.bench

ROUNDS = 200 if FULL else 50
Query = Callable[[House], QuerySet[Any]]
QUERIES: dict[str, Query] = {
    "page 1 of the open": lambda h: _view(h, "open")[:50],
    "page 100 of the open": lambda h: _view(h, "open")[4950:5000],
    "page 1 of the closed": lambda h: _view(h, "closed")[:50],
    "waits for IT": lambda h: _view(h, "needs-it")[:50],
    "search in titles": lambda h: _view(h, "open", "operator panel")[:50],
    "search for an asset": lambda h: _view(h, "open", "PLC-00017")[:50],
    "one finding": lambda _: Finding.objects.filter(number=41).values_list("title"),
    "findings of 50 with asset": lambda _: Finding.objects.filter(
        number__lte=50
    ).values_list("title", "asset__name"),
    "open, by state": lambda _: Finding.objects.filter(state__in=COUNTED).values_list(
        "urgency", "in_hand"
    ),
    "cases that are due": lambda _: Case.objects.order_by("decide_by").values_list(
        "pk"
    )[:50],
    "assets by name": lambda _: Asset.objects.order_by("name").values_list("name")[:50],
    "services last seen": lambda _: Service.objects.order_by("-last_seen").values_list(
        "pk"
    )[:50],
}


def _view(house: House, view: str, text: str = "") -> QuerySet[Any]:
    return findings_in(view, text=text, reader=house.ana).values_list("pk")


@pytest.mark.parametrize("name", QUERIES)
def test_the_wall_costs_little(name: str, full_house: House) -> None:
    keys = list(Workspace.objects.values_list("pk", flat=True))
    luck = random.Random(2)  # noqa: S311 - reproducible, not a secret
    walled, plain = [], []

    for _ in range(ROUNDS):
        key = luck.choice(keys)
        with workspace_scope(key):
            sql, values = QUERIES[name](full_house).query.sql_with_params()
        _ask("owner", key, sql, values)  # the pages are at hand for both
        order = ["default", "owner"]
        luck.shuffle(order)
        answers = {alias: _ask(alias, key, sql, values) for alias in order}
        walled.append(answers["default"][0])
        plain.append(answers["owner"][0])
        assert answers["default"][1] == answers["owner"][1]

    (ours, our_tail), (theirs, their_tail) = p50_p95(walled), p50_p95(plain)
    print(  # noqa: T201 - what a bench is for
        f"\n{name:26} policies {ours:7.2f} / {our_tail:7.2f} ms  "
        f"filter {theirs:7.2f} / {their_tail:7.2f} ms  ratio {ours / theirs:.2f}  {load()}"
    )


def _ask(
    alias: str, workspace: uuid.UUID, sql: str, values: Any
) -> tuple[float, list[Any]]:
    """Return how long one role takes inside its transaction, and what it gets."""
    rows: list[Any] = []
    with workspace_scope(workspace, using=alias), connections[alias].cursor() as cursor:

        def act() -> None:
            cursor.execute(sql, values)
            rows.extend(cursor.fetchall())

        return timed(act), rows
