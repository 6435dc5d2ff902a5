"""The search for names of a plant whose name server shows everything that can be wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from exposure.models import (
    Authorisation,
    Holding,
    HoldingState,
    NameSearch,
    Observation,
    ProbeRecord,
    Run,
    SearchState,
    Site,
)
from exposure.services import scope as scope_service
from exposure.services.find_names import find_for_run
from exposure.services.resolving import never
from exposure.services.trails import trails_of
from tenants.models import LedgerEntry, User, Workspace
from tests import factories
from tests.name_server import (
    ELSEWHERE,
    PLANT,
    REVERSE,
    SERVERS,
    NameServer,
    serve_names,
)

Search = Callable[[], NameSearch]


@pytest.fixture(scope="module")
def running() -> Iterator[NameServer]:
    """One server for all tests of this file."""
    with serve_names() as server:
        yield server


@pytest.fixture
def server(running: NameServer, settings: Settings) -> NameServer:
    """The name server of the plant, which is also the resolver of this installation."""
    running.records.clear()
    running.lies.clear()
    running.heard.clear()
    running.transfers_to = set()
    running.dead_zones = {"sub.plant.example"}
    for zone in (PLANT, ELSEWHERE, REVERSE):
        running.know(zone)
    settings.DNS_RESOLVERS = [(SERVERS[0], running.port)]
    settings.DNS_ZONE_PORT = running.port
    settings.DNS_QUERIES_PER_SECOND = 50_000
    return running


@pytest.fixture
def names(
    in_northmill: Workspace, ida: User, server: NameServer, monkeypatch: Any
) -> Authorisation:
    """A signed scope: one domain, and the range that most of its names point at."""
    monkeypatch.setattr("exposure.services.name_steps.guesses", few_guesses)
    authorisation = factories.make_authorisation(factories.make_site(), signed_by=ida)
    factories.make_entry(authorisation, "plant.example")
    factories.make_entry(authorisation, "127.79.2.0/28")
    return authorisation


def few_guesses(zone: str, known: set[str]) -> Iterator[str]:
    """Try what the zone of the tests has, and a little more: quick, and nothing is lost."""
    words = [
        "vpn",
        "scada",
        "old-portal",
        "out",
        "rebind",
        "www",
        "loop1",
        "sixth",
        "sub",
        "nobody",
        "remote",
    ]
    return (f"{word}.{zone}" for word in words if f"{word}.{zone}" not in known)


@pytest.fixture
def search(names: Authorisation) -> Search:
    """Look once, as the first step of a run."""

    def look() -> NameSearch:
        run = factories.make_run(names)
        find_for_run(run, should_stop=never)
        return NameSearch.objects.get(run=run)

    return look


def holding(value: str) -> Holding:
    return Holding.objects.get(value=value)


def values(**wanted: Any) -> set[str]:
    return set(Holding.objects.filter(**wanted).values_list("value", flat=True))


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


def test_a_wildcard_under_one_level_gives_no_names(
    search: Search, names: Authorisation
) -> None:
    factories.make_entry(names, "cust.plant.example")

    search()

    below = {value for value in values() if value.endswith(".cust.plant.example")}
    assert below == set()
    assert holding("cust.plant.example").facts["wildcards"] == ["cust.plant.example"]
    assert "scada.plant.example" in values()


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


def test_a_loop_of_cnames_hangs_no_search(search: Search) -> None:
    search()

    assert "loop1.plant.example" not in values(state=HoldingState.CHANGED)


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


def test_addresses_outside_are_candidates_and_told(search: Search) -> None:
    search()

    assert holding("rebind.plant.example").facts["outside"] == ["198.51.100.4"]
    assert holding("127.79.2.4").in_scope
    assert {"198.51.100.4", "198.51.100.7", "www.elsewhere.example"} <= values(
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


def test_a_name_that_flips_to_another_address_between_two_looks_is_told(
    search: Search, server: NameServer, names: Authorisation
) -> None:
    search()
    server.forget("scada.plant.example", "A")
    server.know("scada.plant.example. 60 IN A 198.51.100.66")

    found = search()

    row = holding("scada.plant.example")
    entry = LedgerEntry.objects.filter(action="scope.drifted")
    factories.commit()
    assert row.state == HoldingState.CHANGED
    assert found.counts["drifted"] == 1
    assert entry.count() == 1
    assert "198.51.100.66" in found.run.events.get(text__contains="drift").text  # type: ignore[union-attr]  # it is a run's
    gone = row.records.get(value="127.79.2.3")
    assert gone.gone_at is not None


def test_a_name_is_new_then_unchanged_then_gone_then_back(
    search: Search, server: NameServer
) -> None:
    states = []

    for step in range(4):
        if step == 2:
            server.forget("scada.plant.example", "A")
        if step == 3:
            server.know("scada.plant.example. 60 IN A 127.79.2.3")
        search()
        states.append(holding("scada.plant.example").state)

    assert states == ["new", "unchanged", "gone", "changed"]


def test_a_resolver_that_fails_takes_nothing_away(
    search: Search, server: NameServer
) -> None:
    search()
    server.dead_zones = {"plant.example"}

    search()

    row = holding("scada.plant.example")
    assert row.state != HoldingState.GONE
    assert row.records.get(type="A").gone_at is None
    assert row.facts["resolves"] == "unknown"


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


def test_a_stop_ends_it_and_the_next_one_goes_on(
    names: Authorisation, server: NameServer
) -> None:
    run = factories.make_run(names)

    find_for_run(run, should_stop=lambda: len(server.heard) > 60)
    stopped = NameSearch.objects.get(run=run)
    before = Holding.objects.filter(checked_at__isnull=False).count()
    stopped.state, stopped.finished_at = SearchState.RUNNING, None
    stopped.save()
    find_for_run(run, should_stop=never)

    after = Holding.objects.filter(checked_at__isnull=False).count()
    assert before < after
    assert NameSearch.objects.get(run=run).state == SearchState.FINISHED


def test_what_was_looked_up_is_not_asked_again_after_a_crash(
    names: Authorisation, server: NameServer, search: Search
) -> None:
    done = search()
    NameSearch.objects.filter(pk=done.pk).update(state=SearchState.RUNNING)
    server.heard.clear()

    find_for_run(Run.objects.get(pk=done.run_id), should_stop=never)

    asked = {(name, type_) for _, name, type_ in server.heard}
    assert ("scada.plant.example", "A") not in asked
    assert NameSearch.objects.get(pk=done.pk).state == SearchState.FINISHED


def test_an_unsigned_scope_asks_nothing(
    names: Authorisation, search: Search, server: NameServer
) -> None:
    names.signed_at = None
    names.save()

    search()

    assert server.heard == []
    assert not Holding.objects.filter(in_scope=True).exists()


def test_another_site_of_the_workspace_has_its_own_holdings(
    search: Search, names: Authorisation, ida: User
) -> None:
    search()
    other = factories.make_authorisation(
        Site.objects.create(name="Ridgemoor"), signed_by=ida, reference="RM-1"
    )
    factories.make_entry(other, "scada.plant.example")
    find_for_run(factories.make_run(other), should_stop=never)

    assert Holding.objects.filter(value="scada.plant.example").count() == 2
