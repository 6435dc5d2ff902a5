"""What a search says of a zone: its servers, its mail, its certificates, its ends."""

import pytest

from exposure.models import (
    Authorisation,
    ProbeRecord,
)
from exposure.services import scope as scope_service
from tenants.models import User
from tests import factories
from tests.exposure.names.conftest import Search, holding, values
from tests.name_server import SERVERS, NameServer


def test_a_cname_that_anybody_could_claim_is_said_and_not_touched(
    search: Search, server: NameServer
) -> None:
    search()

    row = holding("old-portal.plant.example")
    assert row.facts["dangling"] == "plant-portal.azurewebsites.net"
    assert row.facts["claimable"] == "Microsoft Azure"
    assert row.to_act_on == 1
    assert not holding("plant-portal.azurewebsites.net").in_scope
    assert "plant-portal.azurewebsites.net" not in server.names()


def test_what_the_domain_says_about_mail_and_certificates(search: Search) -> None:
    search()

    facts = holding("plant.example").facts
    assert facts["spf_all"] == "+"
    assert facts["dmarc_policy"] == "none"
    assert facts["caa"] == "present"
    assert facts["mail_servers"] == ["10 mail.plant.example"]
    assert facts["dnssec"] == "unsigned"


def test_an_open_zone_transfer_is_seen_at_the_one_server_that_gives_it(
    search: Search, server: NameServer
) -> None:
    server.transfers_to = {SERVERS[1]}

    search()

    assert holding("plant.example").facts["transfer_open"] == [
        f"ns2.plant.example ({SERVERS[1]})"
    ]
    # Nobody guesses this name, and no other record leads to it.
    assert "known.cust.plant.example" in values(in_scope=True)


def test_an_internal_address_in_a_zone_is_a_fact_and_no_candidate(
    search: Search, server: NameServer
) -> None:
    server.know("inside.plant.example. 60 IN A 10.1.2.3")
    server.transfers_to = {SERVERS[0]}

    search()

    assert holding("inside.plant.example").facts["outside"] == ["10.1.2.3"]
    assert "10.1.2.3" not in values()


def test_every_contact_with_a_zones_own_server_is_in_the_ledger_of_probes(
    search: Search, server: NameServer
) -> None:
    search()

    written = set(
        ProbeRecord.objects.filter(probe="dns").values_list("address", "transport")
    )
    assert written == {(each, how) for each in SERVERS for how in ("udp", "tcp")}
    assert not ProbeRecord.objects.filter(bytes_out=0).exists()


def test_a_delegation_to_nobody_is_lame(search: Search, names: Authorisation) -> None:
    factories.make_entry(names, "sub.plant.example")

    search()

    assert holding("sub.plant.example").facts["lame"] == ["ns.sub.plant.example"]


def test_a_server_that_is_excluded_is_not_contacted(
    search: Search, names: Authorisation, ida: User
) -> None:
    for server in SERVERS:
        scope_service.add_exclusion(
            names.pk,
            value=server,
            port=None,
            reason="Not ours",
            by=factories.membership_of(ida),
        )

    search()

    assert not ProbeRecord.objects.filter(probe="dns").exists()


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "10.0.0.53"])  # noqa: S104 - refused
def test_a_name_server_at_a_forbidden_address_is_not_contacted(
    search: Search, server: NameServer, address: str
) -> None:
    for name in ("ns1", "ns2"):
        server.forget(f"{name}.plant.example", "A")
        server.know(f"{name}.plant.example. 60 IN A {address}")

    search()

    assert not ProbeRecord.objects.filter(probe="dns").exists()
    assert holding("plant.example").facts["servers_asked"] == 0
