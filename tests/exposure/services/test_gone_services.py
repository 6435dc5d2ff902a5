"""A service that answers no more is gone; its findings stay until a re-test."""

import pytest

from exposure.models import Finding, FindingState, Service, ServiceState
from exposure.services import scope as service
from exposure.services.snapshot import take_snapshot
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, SCREEN, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HERE = "127.79.1.1"


def seen_once(yard: Yard, answer: bytes) -> None:
    yard.permit(HERE)
    with serve(HERE, yard.port, saying(answer)):
        yard.end(yard.discover())


def test_it_is_marked_and_the_log_says_so(yard: Yard) -> None:
    seen_once(yard, PAGE)

    run = yard.discover()

    assert [each.state for each in yard.services()] == [ServiceState.GONE]
    assert f"{HERE} http {yard.port} is gone" in yard.log(run)


def test_one_that_answers_again_is_unchanged_or_back(yard: Yard) -> None:
    seen_once(yard, PAGE)
    states = []

    with serve(HERE, yard.port, saying(PAGE)):
        yard.end(yard.discover())
        states.append(yard.services()[0].state)
    yard.end(yard.discover())
    with serve(HERE, yard.port, saying(PAGE)):
        yard.discover()
        states.append(yard.services()[0].state)

    assert states == [ServiceState.UNCHANGED, ServiceState.CHANGED]


def test_a_port_that_was_excluded_meanwhile_is_not_called_gone(yard: Yard) -> None:
    seen_once(yard, PAGE)
    with workspace_scope():
        service.add_exclusion(
            yard.authorisation.pk,
            value=HERE,
            port=yard.port,
            reason="Furnace",
            by=factories.membership_of(yard.ida),
        )

    yard.discover()

    assert [each.state for each in yard.services()] == [ServiceState.NEW]


def test_silence_does_not_take_exposure_away(yard: Yard) -> None:
    seen_once(yard, SCREEN)
    with workspace_scope():
        before = take_snapshot()

    yard.discover()

    with workspace_scope():
        after = take_snapshot()
        (finding,) = Finding.objects.all()
    assert finding.state == FindingState.VALIDATING
    assert after.services == before.services
    assert after.findings == before.findings


def test_what_is_gone_without_a_finding_leaves_the_picture(yard: Yard) -> None:
    seen_once(yard, PAGE)

    yard.discover()

    with workspace_scope():
        assert Service.objects.exists()
        assert take_snapshot().services == ()
