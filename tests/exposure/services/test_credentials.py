"""Describing a credential: what it is called and where it works, never what it is."""

from dataclasses import replace

import pytest

from common.errors import InvalidInput, NotAllowed
from exposure.models import Asset, Credential, Finding, PlaceUse, Site, Zone
from exposure.services import credentials
from exposure.services.credentials import CredentialText
from tenants.models import Job, LedgerDetail, User
from tests import factories
from tests.accesses import in_the_ledger, make_credential
from tests.exposure.services.conftest import member

TEXT = CredentialText(
    name="Local admin of the cells",
    basis="imported",
    source="Otto Brandt, 12 November",
    held_on=("EWS-02", " EWS-02 ", ""),
    opens=("PLC-P21",),
    stored=True,
)


@pytest.fixture
def plant(finding: Finding) -> Site:
    """PLC-P21 in its cell, and an engineering station."""
    site = finding.asset.site
    factories.make_asset(factories.make_zone(site, "Operations", level=3), "EWS-02")
    return site


def places(row: Credential) -> set[tuple[str, str]]:
    return {
        (each.use, str(each.asset or each.zone))
        for each in row.places.select_related("asset", "zone")
    }


def test_it_is_held_somewhere_and_opens_something(plant: Site, ana: User) -> None:
    cell = Zone.objects.get(name="Cell 2")

    row = credentials.add_credential(
        plant.pk, replace(TEXT, opens_zones=(cell.pk,)), by=member(ana)
    )

    assert places(row) == {
        (PlaceUse.HELD, "EWS-02"),
        (PlaceUse.OPENS, "PLC-P21"),
        (PlaceUse.OPENS, "Cell 2"),
    }
    told = in_the_ledger("plant.credential_added")
    assert told["text"] == "Added the credential Local admin of the cells."
    assert Job.objects.filter(task="exposure.rebuild_paths").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "admin, password: Milk2027"}, "name"),
        ({"source": "k7#Qz!mw2Lp"}, "source"),
        ({"source": "$6$rounds=5000$abcdefgh$x"}, "source"),
        ({"name": "8846f7eaee8fb117ad06bdd830b7586c"}, "name"),
        ({"held_on": ("NO-SUCH",)}, "held_on"),
        ({"opens": ("PLC-P21", "NO-SUCH")}, "opens"),
        ({"opens_zones": (Site().pk,)}, "opens_zones"),
        ({"basis": "heard"}, "basis"),
    ],
)
def test_what_it_refuses_names_the_field_and_leaves_nothing(
    plant: Site, ana: User, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        credentials.add_credential(
            plant.pk,
            replace(TEXT, **changed),  # type: ignore[arg-type]  # by name
            by=member(ana),
        )

    assert refused.value.field == field
    assert not Credential.objects.exists()
    assert not LedgerDetail.objects.exists()


def test_another_plants_asset_is_not_there(plant: Site, ana: User) -> None:
    other = factories.make_site("Ridgemoor")
    factories.make_asset(factories.make_zone(other), "RIDGE-1")

    with pytest.raises(InvalidInput, match="no asset called RIDGE-1"):
        credentials.add_credential(
            plant.pk, replace(TEXT, opens=("RIDGE-1",)), by=member(ana)
        )


def test_a_name_is_there_once_in_a_plant(plant: Site, ana: User) -> None:
    first = make_credential(plant, "Backup")

    with pytest.raises(InvalidInput, match="already"):
        credentials.add_credential(
            plant.pk, replace(TEXT, name="Backup"), by=member(ana)
        )

    assert Credential.objects.get() == first


def test_a_change_replaces_its_places_and_the_ledger_keeps_both(
    plant: Site, ana: User
) -> None:
    row = credentials.add_credential(plant.pk, TEXT, by=member(ana))

    credentials.change_credential(
        row.pk, replace(TEXT, name="Cell admin", held_on=(), mfa=True), by=member(ana)
    )

    assert places(row) == {(PlaceUse.OPENS, "PLC-P21")}
    change = in_the_ledger("plant.credential_changed")
    assert (change["before"]["name"], change["after"]["name"]) == (
        "Local admin of the cells",
        "Cell admin",
    )
    assert (change["before"]["held_on"], change["after"]["held_on"]) == (1, 0)


def test_it_can_be_forgotten(plant: Site, ana: User) -> None:
    row = credentials.add_credential(plant.pk, TEXT, by=member(ana))

    credentials.remove_credential(row.pk, by=member(ana))

    assert not Credential.objects.exists()
    told = in_the_ledger("plant.credential_removed")
    assert told["before"]["name"] == TEXT.name


def test_an_asset_that_leaves_takes_its_places_along(plant: Site, ana: User) -> None:
    row = credentials.add_credential(plant.pk, TEXT, by=member(ana))

    Asset.objects.get(name="EWS-02").delete()

    assert places(row) == {(PlaceUse.OPENS, "PLC-P21")}


def test_who_may_not_describe_the_plant_changes_nothing(
    plant: Site, otto: User, ana: User
) -> None:
    row = credentials.add_credential(plant.pk, TEXT, by=member(ana))

    for act in (
        lambda: credentials.add_credential(
            plant.pk, replace(TEXT, name="Another"), by=member(otto)
        ),
        lambda: credentials.change_credential(
            row.pk, replace(TEXT, mfa=True), by=member(otto)
        ),
        lambda: credentials.remove_credential(row.pk, by=member(otto)),
    ):
        with pytest.raises(NotAllowed):
            act()

    row = Credential.objects.get()
    assert (row.name, row.mfa) == (TEXT.name, False)
