"""A device that does not answer as before: everything stops, and people are told."""

from collections.abc import Callable

import pytest

from exposure.models import (
    Endpoint,
    Finding,
    Observation,
    ProbeRecord,
    Run,
    RunState,
    RunTarget,
    TargetState,
)
from exposure.probes.base import Outcome, ProbeResult, Target
from exposure.services import (
    discovery,
    health,
    noting,
    probe_ledger,
    runs,
    validation,
)
from exposure.services.probe_ledger import Kind, Sent
from plant.recorder import recording
from tenants.models import LedgerEntry, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import saying, serve
from tests.plant.conftest import plant_python, start
from tests.plant.running import Running, next_address
from workflows.models import Channel, Delivery, Event
from workflows.services import ledger_watch
from workflows.services.announcements import announce
from workflows.services.messages import compose

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
__all__ = ["plant_python", "start"]

HERE = "127.79.1.1"
PANEL = (
    b"HTTP/1.1 200 OK\r\nServer: MiniWeb\r\nConnection: close\r\n\r\n"
    b"<html><title>SIMATIC HMI Miniweb</title><body>"
)


def other_run(yard: Yard) -> Run:
    """Ask for a run of another site of the same customer, which waits."""
    with workspace_scope():
        site = factories.make_site("Eastwick plant")
        scope = factories.make_authorisation(
            site, signed_by=yard.ida, reference="TH-2026-05"
        )
        factories.make_entry(scope, "127.79.9.9")
        return runs.start_run(scope.pk, by=yard.ida)


def only(run: Run) -> RunTarget:
    with workspace_scope():
        return run.targets.get()


@pytest.mark.plant
def test_a_stack_that_dies_after_the_first_conversation_stops_every_run(
    yard: Yard, start: Callable[[str], Running]
) -> None:
    plc = start("PLC-B1M")  # pymodbus; the front lets the sweep and one probe through
    waiting = other_run(yard)
    with recording(
        "modbus", plc.where("modbus"), address=next_address(), lives=2
    ) as front:
        yard.permit(front.address, hint="modbus", port=front.port)
        run = yard.discover()

    assert yard.fresh(run).state == RunState.STOPPED
    assert yard.fresh(waiting).state == RunState.STOPPED
    assert len(front.connections) == 2
    log = yard.log(run)
    assert "health changed: asked the same question (modbus, port" in log
    assert "it was refused" in log
    assert f"Stopped: {front.address} does not answer as it did" in log
    # Who reads about the other site reads nothing of this one's devices.
    assert "Stopped: a device of another site does not answer" in yard.log(waiting)
    assert front.address not in yard.log(waiting)
    with workspace_scope():
        entry = LedgerEntry.objects.get(action=health.DEVICE_CHANGED)
        repeat = Observation.objects.order_by("-at").first()
    assert entry.object_ref == f"run {run.number}"
    assert repeat is not None
    assert (repeat.probe, repeat.outcome) == ("modbus", "refused")


def test_a_controller_that_is_well_is_asked_once_more_and_nothing_happens(
    yard: Yard,
) -> None:
    yard.permit(HERE)

    with serve(HERE, yard.port, saying(PANEL)) as panel:
        run = yard.discover()

    (found,) = yard.services()
    target = only(run)
    with workspace_scope():
        rows = ProbeRecord.objects.order_by("at").values_list("probe", "connections")
        records = list(rows)
    assert records == [("connect", 1), ("http", 1), ("http", 1)]
    assert panel.connections == 3
    assert found.protocol == "http"
    assert (
        target.careful_because
        == 'treated as a controller because its title says "simatic"'
    )
    assert target.careful_because in yard.log(run)
    assert target.state == TargetState.DONE
    assert yard.fresh(run).stop_requested_at is None


def test_the_repeated_answer_changes_no_service(yard: Yard) -> None:
    yard.permit(HERE)
    answers = [PANEL, PANEL, b"220 something else\r\n"]

    def answer(plug: object) -> None:
        saying(answers.pop(0))(plug)  # type: ignore[arg-type]  # a socket

    with serve(HERE, yard.port, answer):
        run = yard.discover()

    (found,) = yard.services()
    assert (found.protocol, found.observation.outcome) == ("http", "identified")
    assert yard.fresh(run).state == RunState.STOPPED


def test_the_second_check_of_a_controller_asks_how_it_is_too(yard: Yard) -> None:
    yard.permit(HERE)
    page = PANEL + b"<p>Temperature 72.1 C, pump 3 runs, valve V12 is open.</p>" * 12
    answers = [page] * 4

    def answer(plug: object) -> None:
        saying(answers.pop(0) if answers else b"")(plug)  # type: ignore[arg-type]  # a socket

    with serve(HERE, yard.port, answer):
        run = yard.discover()
        validation.validate_findings(heartbeat=lambda: None)

    with workspace_scope():
        finding = Finding.objects.get()
        item = finding.evidence.order_by("-id").first()
    # The sweep, two looks of the run, one of the second check; then the panel is gone.
    assert yard.fresh(run).state == RunState.STOPPED
    assert "health changed" in yard.log(run)
    assert finding.grade == "E3"
    assert item is not None
    assert "does not answer as it did before it was asked" in item.text


def test_every_connection_of_the_second_check_is_in_the_ledger(yard: Yard) -> None:
    yard.permit(HERE)
    page = PANEL + b"<p>Temperature 72.1 C, pump 3 runs, valve V12 is open.</p>" * 12

    with serve(HERE, yard.port, saying(page)) as panel:
        yard.discover()
        validation.validate_findings(heartbeat=lambda: None)

    with workspace_scope():
        counted = sum(ProbeRecord.objects.values_list("connections", flat=True))
        finding = Finding.objects.get()
    assert panel.connections == counted == 5
    assert finding.grade == "E4"


def test_a_budget_that_a_run_used_up_holds_after_it_was_resumed(yard: Yard) -> None:
    yard.permit(HERE)
    run = yard.new_run()
    with workspace_scope():
        all_of_it = Kind("tcp", "s7", 1, "identified", 24, 0, 0)
        probe_ledger.write(
            [Sent(run.requested_at, yard.port, all_of_it)],
            run=run,
            vantage_id=factories.make_vantage().pk,
            address=HERE,
        )
        site = yard.site
        zone = factories.make_zone(site)
        factories.make_asset(zone, address=HERE)  # the inventory calls it a controller

    with serve(HERE, yard.port, saying(PANEL)) as panel:
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert panel.connections == 1  # the sweep's
    assert "its budget of 24 connections is used up" in only(run).left_because


# --- who is told


@pytest.fixture
def alarmed(
    in_northmill: Workspace, ana: User, ida: User, otto: User, mallory: User
) -> Run:
    """A run of Northmill in which a controller fell silent."""
    scope = factories.make_authorisation(factories.make_site(), signed_by=ida)
    run = factories.make_run(scope, state=RunState.RUNNING)
    answer = ProbeResult("modbus", 1, Target("127.77.1.14", 502), Outcome.SILENT)
    health.device_changed(run, answer, "asked again, it was silent.")
    factories.commit()
    ledger_watch.follow()
    return run


def test_both_owners_and_the_provider_are_told_once(
    alarmed: Run, ana: User, ida: User, otto: User
) -> None:
    announce()
    announce()

    event = Event.objects.get(type=health.DEVICE_CHANGED)
    told = Delivery.objects.values_list("channel__member__email", flat=True)
    assert sorted(told) == sorted([ana.email, ida.email, otto.email])
    assert "asked again, it was silent." in event.text
    assert event.path == f"/w/northmill/runs/{alarmed.number}/"
    assert event.data.keys() == {"ledger_entry"}  # no address goes out by webhook


def test_the_mail_says_what_to_do_and_names_no_address(
    alarmed: Run, otto: User, northmill: Workspace
) -> None:
    announce()
    delivery = Delivery.objects.get(channel__member=otto)

    mail = compose(delivery, workspace=northmill)

    whole = f"{mail.subject} {mail.text} {mail.html}"
    assert "a device does not answer as before, runs are stopped" in mail.subject
    assert "Look at the device." in mail.text
    assert f"/w/northmill/runs/{alarmed.number}/" in mail.text
    assert "127.77" not in whole


def test_what_needs_the_most_care_at_an_address_counts(in_northmill: Workspace) -> None:
    zone = factories.make_zone(factories.make_site())
    router = factories.make_asset(zone, "RTR", kind="router", address="127.77.1.14")
    plc = factories.make_asset(zone, "PLC", kind="plc")
    for asset, port in ((plc, 102), (router, 80)):
        Endpoint.objects.create(asset=asset, address="127.77.1.14", port=port)

    assert noting.kinds_of(["127.77.1.14", "127.77.1.15"]) == {"127.77.1.14": "plc"}


def test_an_owner_who_asked_for_less_mail_hears_the_alarm_all_the_same(
    in_northmill: Workspace, otto: User, alarmed: Run
) -> None:
    announce()
    Delivery.objects.all().delete()
    Channel.objects.filter(member=otto).update(wants=["decision."])

    announce()

    assert Delivery.objects.filter(channel__member=otto).exists()
