"""What a run asks over UDP, what comes of an answer, and what silence does not say."""

import pytest

from exposure.models import (
    Finding,
    ProbeRecord,
    Run,
    RunTarget,
    Service,
    ServiceState,
)
from exposure.probes import moxa
from exposure.services import asking, discovery, runs
from exposure.services import scope as service
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.probes.test_transcripts import FOLDER, load
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve
from tests.exposure.services.servers_udp import Reply, free_udp_port, serve_udp

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HERE, THERE = "127.79.1.1", "127.79.1.2"
FOUND = bytes.fromhex("81000018000000005062002950620090e8010203c0a87ffe")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait a whole second for each answer."""
    monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.02)


@pytest.fixture
def port() -> int:
    return free_udp_port()


def permit(yard: Yard, value: str, port: int, hint: str = "moxa") -> None:
    """Put an entry into the scope, with one UDP port that is worth a question."""
    with workspace_scope():
        entry = factories.make_entry(yard.authorisation, value)
        entry.port_hints = {f"{port}/udp": hint}
        entry.save()


def found(_: bytes) -> list[bytes]:
    return [FOUND]


def silent(_: bytes) -> list[bytes]:
    return []


def replayed(name: str) -> Reply:
    """Return a service that answers as a recording does."""
    _, _, exchanges = load(FOLDER / f"{name}.json")
    answers: dict[bytes, list[bytes]] = {}
    for exchange in exchanges:
        if exchange.direction == "sent":
            last = exchange.data
        else:
            answers.setdefault(last, []).append(exchange.data)
    return lambda question: answers.get(question, [])


def ledger(run: Run) -> list[tuple[str, str, int]]:
    with workspace_scope():
        rows = ProbeRecord.objects.filter(run=run, transport="udp").order_by("at")
        return list(rows.values_list("probe", "result", "connections"))


def test_it_finds_a_service_on_a_host_without_an_open_port(
    yard: Yard, port: int
) -> None:
    permit(yard, HERE, port)

    with serve_udp(HERE, port, found) as server:
        run = yard.discover()

    (seen,) = yard.services()
    with workspace_scope():
        target = run.targets.get()
    assert (seen.protocol, seen.port_name) == ("moxa", f"{port}/udp")
    assert (seen.state, seen.product) == (ServiceState.NEW, "Moxa device server")
    # Once to find it, and once more to see whether it is still well.
    assert server.asked == [moxa.SEARCH] * 2
    assert ledger(run) == [("moxa", "identified", 1)] * 2
    assert (target.udp_asked, target.udp_answered) == ([port], [port])
    assert f"{HERE} moxa {port}/udp: Moxa device server" in yard.log(run)


def test_silence_is_in_the_ledger_and_nowhere_else(yard: Yard, port: int) -> None:
    permit(yard, "127.79.1.0/30", port)

    with serve_udp(HERE, port, silent) as server:
        run = yard.discover()

    with workspace_scope():
        asked = dict(run.targets.values_list("address", "udp_asked"))
        answered = list(run.targets.values_list("udp_answered", flat=True))
    assert yard.services() == []
    assert server.asked == [moxa.SEARCH] * 2
    assert sorted(ledger(run)) == [("moxa", "refused", 1), ("moxa", "silent", 2)]
    assert asked == {HERE: [port], THERE: [port]}
    assert answered == [[], []]


def test_the_same_port_over_tcp_is_another_service(yard: Yard) -> None:
    with workspace_scope():
        entry = factories.make_entry(yard.authorisation, HERE)
        entry.port_hints = {str(yard.port): "http", f"{yard.port}/udp": "moxa"}
        entry.save()

    with (
        serve(HERE, yard.port, saying(PAGE)),
        serve_udp(HERE, yard.port, found),
    ):
        yard.discover()

    assert sorted(each.protocol for each in yard.services()) == ["http", "moxa"]


def test_what_answers_in_another_protocol_has_no_name(yard: Yard, port: int) -> None:
    permit(yard, HERE, port)

    with serve_udp(HERE, port, lambda _: [b"hello"]):
        yard.discover()

    assert [(each.protocol, each.product) for each in yard.services()] == [("udp", "")]


def test_an_excluded_port_hears_nothing_and_the_log_says_so(
    yard: Yard, port: int
) -> None:
    permit(yard, HERE, port)
    with workspace_scope():
        service.add_exclusion(
            yard.authorisation.pk,
            value=HERE,
            port=port,
            reason="Furnace",
            by=factories.membership_of(yard.ida),
        )

    with serve_udp(HERE, port, found) as furnace:
        run = yard.discover()

    assert furnace.asked == []
    assert ledger(run) == []
    assert f"{HERE} refused, 1 UDP ports: Nothing was sent." in yard.log(run)


def test_a_probe_beyond_a_question_waits_for_a_written_consent(
    yard: Yard, port: int
) -> None:
    permit(yard, HERE, port, hint="snmp-public")
    run = yard.new_run()

    with serve_udp(HERE, port, replayed("snmp-public")) as agent:
        discovery.discover(run.pk, heartbeat=lambda: None)
        without = list(agent.asked)
        fence = discovery.Fence(discovery.rule_for_run(run))
        with workspace_scope():
            targets = run.targets.all()
        asking.ask_over_udp(
            run,
            fence,
            targets=targets,
            per_second=100,
            consents=frozenset({"default_credentials"}),
        )

    assert without == []
    # A question without an answer in time is asked once more: on a busy machine it is two.
    assert len(set(agent.asked)) == 1
    with workspace_scope():
        assert Finding.objects.get().check_id == "snmp-public"


def test_an_address_that_was_asked_is_not_asked_again_after_a_crash(
    yard: Yard, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "HOSTS_AT_ONCE", 1)
    permit(yard, "127.79.1.0/30", port)
    run = yard.new_run()

    def crash() -> None:
        with workspace_scope():
            if RunTarget.objects.exclude(udp_asked=[]).exists():
                raise RuntimeError("The worker is gone.")

    with (
        serve_udp(HERE, port, found) as first,
        serve_udp(THERE, port, silent) as second,
    ):
        monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.6)
        with pytest.raises(RuntimeError):
            discovery.discover(run.pk, heartbeat=crash)
        monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.02)
        before = len(second.asked)
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert first.asked == [moxa.SEARCH] * 2  # and once more at its end
    assert len(second.asked) == before + 2
    sent = sum(connections for _, _, connections in ledger(run))
    assert sent == len(first.asked) + len(second.asked)


def test_a_stop_ends_the_questions(yard: Yard, port: int) -> None:
    permit(yard, "127.79.1.0/29", port)
    yard.hurry(1)  # one datagram a second
    run = yard.new_run()

    def stop_after_the_first_word() -> None:
        with workspace_scope():
            if server.asked:
                runs.request_stop(run.pk, by=yard.ida)

    with serve_udp(HERE, port, found) as server:
        run_state = discovery.discover(run.pk, heartbeat=stop_after_the_first_word)

    assert run_state is None
    assert yard.fresh(run).state == "stopped"
    assert sum(connections for _, _, connections in ledger(run)) < 6


def test_a_run_over_silent_addresses_asks_them_side_by_side(
    yard: Yard, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.3)
    permit(yard, "127.79.1.0/29", port)
    waiting: set[int] = set()
    together: list[int] = []

    def note(number: int) -> Reply:
        def reply(_: bytes) -> list[bytes]:
            waiting.add(number)
            together.append(len(waiting))
            return []

        return reply

    with (
        serve_udp("127.79.1.1", port, note(1)),
        serve_udp("127.79.1.2", port, note(2)),
        serve_udp("127.79.1.3", port, note(3)),
    ):
        yard.discover()

    # The third host was asked before the first was asked a second time.
    assert together[:3] == [1, 2, 3]
    with workspace_scope():
        assert not Service.objects.exists()
