"""The register of vendors' access: an access ends when nothing of it answers any more."""

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.logic.paths.snapshot import Window
from exposure.models import (
    Asset,
    Conduit,
    Finding,
    Service,
    ServiceState,
    Site,
    VendorAccess,
    Zone,
)
from exposure.services import vendors
from exposure.services.vendors import VendorText
from tenants.models import Job, User
from tests import factories
from tests.accesses import in_the_ledger, make_vendor_access
from tests.exposure.services.conftest import member

TODAY = dt.date(2026, 11, 27)
TEXT = VendorText(
    vendor="Pumpwright",
    basis="imported",
    source="Service contract of 2 March",
    to_asset="PLC-P21",
    ports=(102, 102, 80),
)


@pytest.fixture
def plant(finding: Finding) -> Site:
    """PLC-P21, and a gateway that answers on the internet on two ports."""
    site = finding.asset.site
    gateway = factories.make_asset(factories.make_zone(site, "Edge", level=4), "VPN-GW")
    for port in (443, 8443):
        factories.make_service(
            gateway, finding.service.first_run, port=port, address="127.77.1.10"
        )
    return site


def test_it_leads_from_an_entry_to_an_asset(plant: Site, ana: User) -> None:
    edge, cell = (Zone.objects.get(name=name) for name in ("Edge", "Cell 2"))
    factories.make_conduit(plant, "Rule 40", from_zone=edge, to_zone=cell)

    row = vendors.add_vendor_access(
        plant.pk,
        replace(TEXT, entry="VPN-GW", entry_port=443, conduit="Rule 40"),
        by=member(ana),
    )

    assert (str(row.entry), row.entry_port, str(row.to_asset)) == (
        "VPN-GW",
        443,
        "PLC-P21",
    )
    assert row.ports == [80, 102]
    assert row.conduit == Conduit.objects.get(name="Rule 40")
    told = in_the_ledger("plant.vendor_access_added")
    assert told["text"] == "Registered: Remote access of Pumpwright."
    assert Job.objects.filter(task="exposure.rebuild_paths").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to_asset": ""}, "to_zone"),
        ({"to_asset": "NO-SUCH"}, "to_asset"),
        ({"to_asset": "", "to_zone": Site().pk}, "to_zone"),
        ({"entry": "NO-SUCH"}, "entry"),
        ({"conduit": "Rule 99"}, "conduit"),
        ({"ports": (0,)}, "ports"),
        ({"ports": (70_000,)}, "ports"),
        ({"ports": tuple(range(1, 60))}, "ports"),
        ({"basis": "heard"}, "basis"),
        ({"opened": "sometimes"}, "opened"),
        ({"source": "the PIN is 4711"}, "source"),
    ],
)
def test_what_it_refuses_names_the_field_and_leaves_nothing(
    plant: Site, ana: User, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        vendors.add_vendor_access(
            plant.pk,
            replace(TEXT, **changed),  # type: ignore[arg-type]  # by name
            by=member(ana),
        )

    assert refused.value.field == field
    assert not VendorAccess.objects.exists()


def test_it_leads_to_one_place_only(plant: Site, ana: User) -> None:
    cell = Zone.objects.get(name="Cell 2")

    with pytest.raises(InvalidInput, match="one zone, or to one asset"):
        vendors.add_vendor_access(
            plant.pk, replace(TEXT, to_zone=cell.pk), by=member(ana)
        )


def test_the_same_access_is_in_the_register_once(plant: Site, ana: User) -> None:
    vendors.add_vendor_access(plant.pk, TEXT, by=member(ana))

    with pytest.raises(InvalidInput, match="already"):
        vendors.add_vendor_access(plant.pk, TEXT, by=member(ana))


def test_a_change_is_kept_and_a_removal_as_well(plant: Site, ana: User) -> None:
    row = vendors.add_vendor_access(plant.pk, TEXT, by=member(ana))

    vendors.change_vendor_access(
        row.pk, replace(TEXT, mfa=True, until=TODAY), by=member(ana)
    )
    vendors.remove_vendor_access(row.pk, by=member(ana))

    changed = in_the_ledger("plant.vendor_access_changed")
    removed = in_the_ledger("plant.vendor_access_removed")
    assert (changed["before"]["mfa"], changed["after"]["mfa"]) == (False, True)
    assert removed["before"]["until"] == "2026-11-27"
    assert not VendorAccess.objects.exists()


def test_who_may_not_describe_the_plant_changes_nothing(
    plant: Site, otto: User
) -> None:
    row = make_vendor_access(plant, to_asset=Asset.objects.get(name="VPN-GW"))

    for act in (
        lambda: vendors.add_vendor_access(plant.pk, TEXT, by=member(otto)),
        lambda: vendors.change_vendor_access(row.pk, TEXT, by=member(otto)),
        lambda: vendors.remove_vendor_access(row.pk, by=member(otto)),
    ):
        with pytest.raises(NotAllowed):
            act()

    assert VendorAccess.objects.get().source == "Service contract"


def test_what_answers_is_what_its_entry_shows_on_its_port(plant: Site) -> None:
    gateway, plc = (Asset.objects.get(name=name) for name in ("VPN-GW", "PLC-P21"))
    any_port, one_port, unnamed = (
        make_vendor_access(plant, vendor, to_asset=plc, **values)
        for vendor, values in (
            ("Any", {"entry": gateway}),
            ("One", {"entry": gateway, "entry_port": 8443}),
            ("Unnamed", {}),
        )
    )
    seen = vendors.answering([any_port, one_port, unnamed])

    assert [each.port for each in seen[any_port.pk]] == [443, 8443]
    assert [each.port for each in seen[one_port.pk]] == [8443]
    assert seen[unnamed.pk] == []


@pytest.mark.parametrize(
    ("until", "named", "answers", "window"),
    [
        (None, True, False, Window.ON_REQUEST),
        (TODAY, True, False, Window.ON_REQUEST),
        (TODAY - dt.timedelta(days=1), True, True, Window.ON_REQUEST),
        (TODAY - dt.timedelta(days=1), True, False, Window.OVER),
        (TODAY - dt.timedelta(days=1), False, False, Window.ON_REQUEST),
    ],
    ids=["no end", "last day", "past, answers", "past, silent", "past, unknown"],
)
def test_its_last_day_alone_closes_nothing(
    plant: Site, *, until: dt.date | None, named: bool, answers: bool, window: Window
) -> None:
    row = make_vendor_access(
        plant,
        to_asset=Asset.objects.get(name="PLC-P21"),
        entry=Asset.objects.get(name="VPN-GW") if named else None,
        opened="on_request",
        until=until,
    )

    assert vendors.window_of(row, answers=answers, today=TODAY) == window


def test_an_entry_that_leaves_is_forgotten_and_the_end_takes_it_along(
    plant: Site, ana: User
) -> None:
    vendors.add_vendor_access(plant.pk, replace(TEXT, entry="VPN-GW"), by=member(ana))
    gateway = Asset.objects.get(name="VPN-GW")
    Service.objects.filter(asset=gateway).update(
        asset=Asset.objects.get(name="PLC-P21")
    )

    gateway.delete()

    assert VendorAccess.objects.get().entry is None


def test_a_service_that_is_gone_answers_no_more(plant: Site) -> None:
    row = make_vendor_access(
        plant,
        to_asset=Asset.objects.get(name="PLC-P21"),
        entry=Asset.objects.get(name="VPN-GW"),
    )
    Service.objects.filter(port__in=(443, 8443)).update(state=ServiceState.GONE)

    assert vendors.answering([row]) == {row.pk: []}


def test_an_access_ends_with_its_last_day_where_the_plant_is(
    plant: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = dt.datetime(2026, 11, 28, 2, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: early)

    for zone, day in (("America/Chicago", 27), ("Europe/Berlin", 28)):
        plant.time_zone = zone
        assert vendors.today_at(plant) == dt.date(2026, 11, day)
