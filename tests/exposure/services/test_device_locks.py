"""Two jobs never talk to one device at once, also from two vantages."""

import threading

import pytest

from config.schedule import QUEUES
from exposure.services import device_locks, validation
from exposure.services.device_locks import held, in_turn
from tenants.models import Workspace
from tenants.scope import bind_workspace
from tenants.services.dispatch import NETWORK
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import SCREEN, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HERE, THERE = "127.79.1.1", "127.79.1.2"


def never() -> bool:
    return False


def test_a_device_that_another_job_holds_is_left_out(yard: Yard) -> None:
    with held([HERE]) as first, held([HERE, THERE]) as second:
        pass
    with held([HERE]) as again:
        pass

    assert (first, second, again) == ({HERE}, {THERE}, {HERE})


def test_the_same_address_of_another_customer_is_another_device(yard: Yard) -> None:
    other = Workspace.objects.create(
        provider=yard.workspace.provider, name="Eastholm", slug="eastholm"
    )
    theirs: list[frozenset[str]] = []

    def take() -> None:
        with bind_workspace(other.pk), held([HERE]) as mine:
            theirs.append(mine)

    with held([HERE]):
        job = threading.Thread(target=take)
        job.start()
        job.join()

    assert theirs == [frozenset({HERE})]


def test_what_is_held_comes_when_it_is_free(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = held([HERE])
    other.__enter__()
    monkeypatch.setattr(
        device_locks.time, "sleep", lambda _: other.__exit__(None, None, None)
    )

    parts = list(in_turn([HERE, THERE], should_stop=never))

    assert parts == [{THERE}, {HERE}]


def test_who_is_stopped_waits_for_no_device(yard: Yard) -> None:
    with held([HERE]):
        assert list(in_turn([HERE], should_stop=lambda: True)) == []


def test_a_second_check_waits_for_the_job_that_talks_to_the_device(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.permit(HERE)
    with serve(HERE, yard.port, saying(SCREEN)) as panel:
        yard.discover()
        before = panel.connections
        other, seen = held([HERE]), list[int]()
        other.__enter__()

        def let_go(_: float) -> None:
            seen.append(panel.connections - before)
            other.__exit__(None, None, None)

        monkeypatch.setattr(device_locks.time, "sleep", let_go)
        validation.validate_findings(heartbeat=lambda: None)

    assert seen == [0]
    assert (
        panel.connections == before + 2
    )  # the second check, and the look at its health


def test_every_job_that_talks_to_devices_is_in_the_queue_of_one_at_a_time() -> None:
    talking = ("exposure.discover", "exposure.validate", "exposure.retest")

    assert {QUEUES[name] for name in talking} == {NETWORK}
