"""From inside a plant a worker is held back by level, unless the customer signed more."""

import pytest

from exposure.logic.profiles import IDENTIFY_ONLY
from exposure.models import Endpoint, ProbeRecord, ScopeEntry, Stage
from exposure.services import discovery, runs
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve, silent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

OUTSIDE, INSIDE = "127.79.1.1", "127.79.2.1"


def inside_the_plant(yard: Yard, level: float, *, known: bool) -> None:
    """Let the installation's own worker look from the DMZ at one described device."""
    with workspace_scope():
        dmz = factories.make_zone(yard.site, "DMZ", level=3.5)
        there = factories.make_zone(yard.site, "There", level=level)
        asset = factories.make_asset(there, "HMI-1")
        Endpoint.objects.create(
            asset=asset, address=INSIDE, port=yard.port if known else None
        )
        sensor = factories.make_vantage("Sensor", dmz)
        factories.make_entry(yard.authorisation, INSIDE, vantage=sensor)


def test_from_inside_a_device_of_the_plant_is_only_listened_to(yard: Yard) -> None:
    inside_the_plant(yard, 2, known=True)

    with serve(INSIDE, yard.port, silent) as heard:
        run = yard.discover()

    with workspace_scope():
        sent = set(ProbeRecord.objects.values_list("probe", "bytes_out"))
        ports = set(ProbeRecord.objects.values_list("port", flat=True))
    assert sent == {("connect", 0), ("banner", 0)}
    assert ports == {yard.port}
    assert heard.connections == 2
    assert "1 addresses: known ports are listened to, nothing is said." in yard.log(run)


def test_from_inside_what_is_above_level_3_is_identified_and_not_swept(
    yard: Yard,
) -> None:
    inside_the_plant(yard, 4, known=True)
    with workspace_scope():
        Endpoint.objects.create(
            asset=factories.make_asset(
                factories.make_zone(yard.site, "Office", level=4), "WEB-1"
            ),
            address="127.79.2.2",
            port=None,
        )
        entry = ScopeEntry.objects.get()
        entry.value = "127.79.2.0/30"
        entry.port_hints = {str(yard.port): "http"}
        entry.save()

    with serve(INSIDE, yard.port, saying(PAGE)):
        run = yard.discover()

    assert [row.protocol for row in yard.services()] == ["http"]
    with workspace_scope():
        assert set(ProbeRecord.objects.values_list("port", flat=True)) == {yard.port}
    assert "known ports are identified, nothing is swept" in yard.log(run)


def test_where_no_port_is_known_nothing_is_sent(yard: Yard) -> None:
    inside_the_plant(yard, 1, known=False)

    run = yard.discover()

    with workspace_scope():
        assert not ProbeRecord.objects.exists()
    assert "Of 1 no port is known: nothing is sent there." in yard.log(run)
    assert run.stage == Stage.VALIDATE


def test_with_more_signed_the_worker_inside_looks_as_from_outside(yard: Yard) -> None:
    inside_the_plant(yard, 1, known=False)
    with workspace_scope():
        entry = ScopeEntry.objects.get()
        entry.port_hints = {str(yard.port): "http"}
        entry.save()
        yard.authorisation.all_from_inside = True
        yard.authorisation.save()

    with serve(INSIDE, yard.port, saying(PAGE)) as heard:
        yard.discover()

    assert [row.protocol for row in yard.services()] == ["http"]
    # The knock, the question, and how the device is afterwards.
    assert heard.connections == 3


def test_an_identify_only_run_touches_only_known_ports(yard: Yard) -> None:
    with workspace_scope():
        factories.make_entry(yard.authorisation, "127.79.1.0/30")
        asset = factories.make_asset(factories.make_zone(yard.site), "WEB-1")
        Endpoint.objects.create(asset=asset, address=OUTSIDE, port=yard.port)
        run = runs.start_run(yard.authorisation.pk, by=None, profile=IDENTIFY_ONLY)

    with (
        serve(OUTSIDE, yard.port, saying(PAGE)) as known,
        serve("127.79.1.2", yard.port, saying(PAGE)) as unknown,
    ):
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert (known.connections, unknown.connections) == (2, 0)
