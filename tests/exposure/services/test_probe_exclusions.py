"""An excluded probe is not sent, while others at the same port still are."""

import pytest

from exposure.models import ProbeRecord
from exposure.services import scope as service
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_an_excluded_probe_is_not_sent(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    with workspace_scope():
        service.add_exclusion(
            yard.authorisation.pk,
            value="",
            port=None,
            probe="http",
            reason="The panel hangs on web requests.",
            by=factories.membership_of(yard.ida),
        )

    with serve("127.79.1.1", yard.port, saying(PAGE)) as panel:
        yard.discover()

    with workspace_scope():
        sent = list(ProbeRecord.objects.order_by("at").values_list("probe", "result"))
    assert panel.connections == 1  # the sweep, which says nothing
    assert ("connect", "open") in sent
    assert ("http", "identified") not in sent
