"""The picture of the plant: the same rows, the same bytes, whatever order they come in."""

import datetime as dt
from dataclasses import fields

import numpy as np
import pytest
from django.db import connection

from exposure.logic.paths.compile import compile_graph
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import Basis, Window
from exposure.models import (
    Asset,
    Conduit,
    Credential,
    CredentialPlace,
    Finding,
    Line,
    Service,
    Site,
    VendorAccess,
    Zone,
)
from exposure.services.snapshot import take_snapshot
from tests import factories
from tests.accesses import make_credential, make_vendor_access

KEPT = (Zone, Line, Asset, Conduit, Service, Credential, CredentialPlace, VendorAccess)


@pytest.fixture
def plant(finding: Finding) -> Site:
    """Two cells, a station with a stored password, a vendor whose last day is over."""
    site, run = finding.asset.site, finding.service.first_run
    stations = factories.make_zone(site, "Stations", level=3)
    station = factories.make_asset(stations, "EWS-02")
    panel = factories.make_asset(factories.make_zone(site, "Cell 1"), "HMI-F1")
    for place, asset in enumerate((station, panel)):
        for port in (22, 443):
            factories.make_service(
                asset, run, port=port, protocol="ssh", address=f"127.77.2.{place + 1}"
            )
    factories.make_conduit(site, "Rule 31", from_zone=stations, to_zone=panel.zone)
    make_credential(site, held_on=(station,), opens=(panel, finding.asset), stored=True)
    make_credential(site, "Backup", held_on=(panel, station))
    make_vendor_access(
        site,
        to_zone=panel.zone,
        entry=station,
        entry_port=5900,
        ports=[22],
        until=dt.date(2020, 1, 1),
    )
    return site


def bytes_of(graph: Graph) -> list[bytes]:
    return [
        np.asarray(getattr(graph, each.name)).tobytes()
        for each in fields(graph)
        if each.name not in ("uses", "wins", "guards")
    ]


def test_it_holds_who_signs_in_where_and_which_vendors_come_in(plant: Site) -> None:
    picture = take_snapshot()

    ids = {row.name: row.id for row in picture.assets}
    row = next(each for each in picture.credentials if each.name.startswith("Local"))
    assert row.held_on == (ids["EWS-02"],)
    assert set(row.opens) == {ids["HMI-F1"], ids["PLC-P21"]}
    assert (row.stored, row.shared, row.basis) == (True, True, Basis.IMPORTED)
    (access,) = picture.vendor_accesses
    assert (access.vendor, access.ports) == ("Pumpwright", (22,))
    assert access.window == Window.OVER


def test_it_has_the_same_bytes_after_reading_in_another_order(plant: Site) -> None:
    with connection.cursor() as cursor:  # read tables from their beginning to their end
        for way in ("indexscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    before = take_snapshot()

    for model in KEPT:  # PostgreSQL writes a changed row to a new place
        rows = model._default_manager.order_by("-pk")
        for row in rows:
            row.save(force_update=True)
    after = take_snapshot()

    assert after.assets != before.assets, "the order is the same, so this shows nothing"
    assert after.canonical() == before.canonical()
    policy = ScoringPolicy(phishing=True)
    assert bytes_of(compile_graph(after, policy=policy)) == bytes_of(
        compile_graph(before, policy=policy)
    )
