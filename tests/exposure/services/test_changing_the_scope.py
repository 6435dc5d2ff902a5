"""The scope is read again while a run goes on: a change holds from the next packet."""

import pytest

from exposure.models import Authorisation, TargetState
from exposure.services import discovery, scope
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve
from tests.exposure.services.test_stopping import SLOW, once

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_an_exclusion_made_during_a_run_is_kept(yard: Yard) -> None:
    yard.permit("127.79.4.0/26")
    yard.hurry(SLOW)
    run = yard.new_run()

    def exclude() -> None:
        with workspace_scope():
            if not yard.authorisation.exclusions.exists():
                scope.add_exclusion(
                    yard.authorisation.pk,
                    value="127.79.4.62",
                    port=None,
                    reason="The furnace is being lit.",
                    by=factories.membership_of(yard.ida),
                )

    with serve("127.79.4.62", yard.port, saying(PAGE)) as furnace:
        discovery.discover(run.pk, heartbeat=once(run, TargetState.DONE, exclude))

    assert furnace.connections == 0
    assert "refused by scope" in yard.log(run)


def test_an_authorisation_that_ends_during_a_run_ends_the_sending(yard: Yard) -> None:
    yard.permit("127.79.5.0/26")
    yard.hurry(SLOW)
    run = yard.new_run()

    def withdraw() -> None:
        with workspace_scope():
            Authorisation.objects.filter(pk=yard.authorisation.pk).update(
                signed_at=None, signed_by=None
            )

    with serve("127.79.5.62", yard.port, saying(PAGE)) as last:
        discovery.discover(run.pk, heartbeat=once(run, TargetState.DONE, withdraw))

    assert last.connections == 0
    assert "is not signed. " in yard.log(run)
    assert " addresses were not looked at." in yard.log(run)
