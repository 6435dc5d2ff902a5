"""A second look: what is new, changed and gone, what moved away, and what is resumed."""

import itertools

from dnslib import RR, DNSRecord

from exposure.models import (
    Authorisation,
    Holding,
    HoldingState,
    NameSearch,
    Run,
    SearchState,
    Site,
)
from exposure.services.find_names import find_for_run
from exposure.services.resolving import never
from exposure.services.targets import expand
from tenants.models import LedgerEntry, User
from tests import factories
from tests.exposure.names.conftest import Search, holding
from tests.name_server import NameServer
from workflows.models import Event
from workflows.services import ledger_watch


def test_a_name_that_flips_to_another_address_between_two_looks_is_told(
    search: Search, server: NameServer, names: Authorisation
) -> None:
    search()
    server.forget("scada.plant.example", "A")
    server.know("scada.plant.example. 60 IN A 127.90.0.66")

    found = search()

    row = holding("scada.plant.example")
    entry = LedgerEntry.objects.filter(action="scan.scope_drift")
    factories.commit()
    ledger_watch.follow()
    event = Event.objects.get(type="scan.scope_drift")
    assert event.path.endswith("/names/")
    assert "127.90.0.66" not in str(event.data)
    assert row.state == HoldingState.CHANGED
    assert found.counts["drifted"] == 1
    assert entry.count() == 1
    assert "127.90.0.66" in found.run.events.get(text__contains="drift").text  # type: ignore[union-attr]  # it is a run's
    gone = row.records.get(value="127.79.2.3")
    assert gone.gone_at is not None


def test_a_name_that_flips_with_every_question_never_becomes_a_target_outside(
    search: Search, server: NameServer, names: Authorisation
) -> None:
    inside, outside = "127.79.2.3", "127.90.0.66"
    answers = itertools.cycle([inside, outside])

    def flip(data: bytes) -> bytes:
        query = DNSRecord.parse(data)
        reply = query.reply()
        reply.add_answer(*RR.fromZone(f"scada.plant.example. 0 IN A {next(answers)}"))
        return bytes(reply.pack())

    server.lies["scada.plant.example", "A"] = flip
    factories.make_entry(names, "scada.plant.example")
    run = factories.make_run(names)
    for _ in range(3):
        find_for_run(run, should_stop=never)
        expand(run)

    targets = set(run.targets.values_list("address", flat=True))
    assert outside not in targets
    assert targets <= {f"127.79.2.{number}" for number in range(1, 15)}
    assert run.events.filter(target=outside, text__startswith="refused").exists()


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
