"""Which names, addresses and ranges a search finds, and which it leaves alone."""

import pytest
from django.utils import timezone

from exposure.models import (
    Authorisation,
    HoldingState,
    Observation,
    SearchState,
)
from exposure.services.trails import trails_of
from tests import factories
from tests.exposure.names.conftest import Search, holding, values
from tests.name_server import NameServer


def test_it_ends_and_knows_the_names_below_the_signed_one(search: Search) -> None:
    assert search().state == SearchState.FINISHED
    assert {
        "plant.example",
        "vpn.plant.example",
        "edge.plant.example",
        "remote.plant.example",
        "scada.plant.example",
        "sixth.plant.example",
        "ns1.plant.example",
        "mail.plant.example",
        "historian.plant.example",
    } <= values(in_scope=True)


def test_what_lies_below_the_signed_name_is_certain_and_what_it_leads_to_is_not(
    search: Search,
) -> None:
    search()

    assert holding("edge.plant.example").confidence == 1
    assert holding("www.elsewhere.example").confidence == pytest.approx(0.6)
    assert holding("127.90.0.7").confidence == pytest.approx(0.8)


def test_a_wildcard_under_one_level_gives_no_names(
    search: Search, names: Authorisation
) -> None:
    factories.make_entry(names, "cust.plant.example")

    search()

    below = {value for value in values() if value.endswith(".cust.plant.example")}
    assert below == set()
    assert holding("cust.plant.example").facts["wildcards"] == ["cust.plant.example"]
    assert "scada.plant.example" in values()


def test_a_wildcard_over_a_whole_zone_gives_no_names_below_it(
    search: Search, server: NameServer, names: Authorisation
) -> None:
    server.know("wild.plant.example. 60 IN NS ns1.plant.example.")
    server.know("*.wild.plant.example. 60 IN A 127.79.2.9")
    factories.make_entry(names, "wild.plant.example")

    search()

    assert not {value for value in values() if value.endswith(".wild.plant.example")}
    assert holding("wild.plant.example").facts["zone"]


def test_a_loop_of_cnames_hangs_no_search(search: Search) -> None:
    search()

    assert "loop1.plant.example" not in values(state=HoldingState.CHANGED)


def test_addresses_outside_are_candidates_and_told(search: Search) -> None:
    search()

    assert holding("rebind.plant.example").facts["outside"] == ["127.90.0.4"]
    assert holding("127.79.2.4").in_scope
    assert {"127.90.0.4", "127.90.0.7", "www.elsewhere.example"} <= values(
        in_scope=False
    )


def test_a_candidate_is_never_asked_about(search: Search, server: NameServer) -> None:
    search()
    server.heard.clear()

    search()

    assert not {name for name in server.names() if name.endswith("elsewhere.example")}
    assert not {name for name in server.names() if name.endswith("contractor.example")}


def test_a_reverse_name_outside_is_a_candidate_unless_it_only_spells_its_address(
    search: Search,
) -> None:
    search()

    assert not holding("gateway.contractor.example").in_scope
    assert "host-127-79-2-7.isp.example" not in values()


def test_certificate_names_that_were_seen_are_found(
    search: Search, names: Authorisation
) -> None:
    run = factories.make_run(names)
    Observation.objects.create(
        run=run,
        vantage=factories.make_vantage(),
        at=timezone.now(),
        address="127.79.2.5",
        port=443,
        probe="tls",
        probe_version=1,
        outcome="identified",
        facts={
            "names": [
                "*.plant.example",
                "remote.plant.example",
                "NORTHMILL.example",
                "plc-21",
                "10.0.0.1",
                "a\\x00b.plant.example",
                "x" * 300,
                "<script>.plant.example",
                None,
            ]
        },
    )

    search()

    seen = values(sightings__source="certificate on")
    (trail, *_) = trails_of([holding("northmill.example")])[
        holding("northmill.example").pk
    ]
    assert seen == {"plant.example", "remote.plant.example", "northmill.example"}
    assert not holding("northmill.example").in_scope
    assert [hop.value for hop in trail] == [
        "127.79.2.0/28",
        "127.79.2.5",
        "northmill.example",
    ]
