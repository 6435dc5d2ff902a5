"""What it costs to read 20 000 findings (4 000 in CI) in a scope of sites, beside reading them without.

Run with `pytest -m bench -s tests/bench/test_sites_bench.py`; prints, asserts no time. The
scope names every site, so both sides answer the same rows.
"""

import itertools
import statistics
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.utils import timezone

from exposure.models import Asset, Evidence, Finding, Observation, Service
from tenants.models import User
from tenants.scope import site_scope, workspace_scope
from tests import factories
from tests.bench.conftest import FULL
from workflows.models import Case, Event
from workflows.views import saved_views
from workflows.views.waiting import without_proposal

SITES, EACH, ROUNDS = 4, 10, 9
ASSETS = 500 if FULL else 100

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


def fill(ida: User) -> list[uuid.UUID]:
    """Make findings with cases on assets of four sites."""
    sites = [factories.make_site(f"Plant {number}") for number in range(SITES)]
    address = itertools.count(1)
    for site in sites:
        zone = factories.make_zone(site)
        signed = factories.make_authorisation(
            site, signed_by=ida, reference=f"A {site.name}"
        )
        run = factories.make_run(signed)
        vantage, now = factories.make_vantage(), timezone.now()
        here = {"workspace_id": site.workspace_id}
        assets = Asset.objects.bulk_create(
            Asset(site=site, zone=zone, name=f"A{number}", **here)
            for number in range(ASSETS)
        )
        observation = Observation.objects.create(
            run=run, vantage=vantage, at=now, address="127.0.0.1", port=1, probe="x",
            probe_version=1, outcome="identified",
        )  # fmt: skip
        services = Service.objects.bulk_create(
            Service(
                asset=asset, vantage=vantage, port=102, protocol="s7", state="new",
                address=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", observation=observation,
                first_run=run, last_run=run, first_seen=now, last_seen=now, **here,
            )
            for asset, n in zip(assets, address, strict=False)
        )  # fmt: skip
        findings = Finding.objects.bulk_create(
            Finding(
                number=next(address) * EACH * 10 + number, asset=service.asset,
                service=service, check_id=f"c{number}", check_version=1, title="Open",
                state="open", grade="E4", threat="none", gives="control",
                detected_at=now, **here,
            )
            for service in services
            for number in range(EACH)
        )  # fmt: skip
        Case.objects.bulk_create(
            Case(
                finding=finding, lead="it", slots=["it", "ot"], rule="x", reason="x",
                band="out_of_cycle", indicated_band="out_of_cycle", routed_at=now,
                decide_by=now, **here,
            )
            for finding in findings
        )  # fmt: skip
        Event.objects.bulk_create(
            Event(
                type="finding.routed", at=now, object_ref=f"SL-{finding.number}",
                sequence=1, text="x", site_id=site.pk, **here,
            )
            for finding in findings
        )  # fmt: skip
    return [site.pk for site in sites]


def page() -> list[object]:
    """Read one page of the list, as `workflows.views.exposures` does."""
    first = list(Finding.objects.order_by("number").values_list("pk", flat=True)[:50])
    rows = Finding.objects.filter(pk__in=first)
    return list(rows.select_related("asset__zone", "asset__line", "service", "case"))


def queries() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what the pages ask for."""
    yield (
        "keys of the list",
        lambda: len(
            saved_views.findings_in("open", text="", reader=User()).values_list(
                "pk", "case__band", "number"
            )
        ),
    )
    yield "counts of the saved views", saved_views.counts
    yield "50 rows of the list", page
    yield "cases without a proposal", lambda: without_proposal().count()
    yield "newest 60 events", lambda: len(Event.objects.order_by("-at")[:60])
    yield "one finding", lambda: Finding.objects.order_by("number").first()
    yield (
        "its evidence",
        lambda: len(Evidence.objects.filter(finding=Finding.objects.first())),
    )


def median(ask: Callable[[], object]) -> float:
    """Return milliseconds, after one round to warm up."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times[1:])


def test_a_scope_of_sites_beside_none() -> None:
    provider = factories.make_provider("Northgate")
    northmill = factories.make_workspace(provider, "Northmill Dairy")
    ida = factories.make_user("ida@northmill.example", "Ida Larsen")
    with workspace_scope(northmill.pk):
        ids = fill(ida)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")  # as a server does by itself after a while
    with workspace_scope(northmill.pk):
        measure(ids)


def measure(ids: list[uuid.UUID]) -> None:
    """Print each query without a scope, and in two."""
    print()  # noqa: T201 - what a bench is for
    for name, ask in queries():
        without = median(ask)
        with site_scope(ids):
            every = median(ask)
        with site_scope(ids[:1]):
            one = median(ask)
        print(  # noqa: T201 - what a bench is for
            f"{name}: {without:.1f} ms without, {every:.1f} in a scope of all sites "
            f"({every / without:.2f} x), {one:.1f} in a scope of one"
        )
    assert Finding.objects.count() == SITES * ASSETS * EACH
