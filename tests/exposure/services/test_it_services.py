"""A run at the edge of an office: what is named, found, and proven gone."""

import pytest

from exposure.models import Finding, FindingState
from exposure.services import findings, validation
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

ADDRESS = "127.79.1.1"
GATEWAY = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie: DSSIGNIN=url_default; path=/dana-na/\r\n"
    b"Connection: close\r\n\r\n<html><title>Ivanti Connect Secure</title>"
    b'<PARAM NAME="ProductVersion" VALUE="22.7.2.2615"></html>'
)
PANEL_OF_A_DEALER = (
    b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    b"<title>Shop</title><p>mGuard by Innominate, from stock</p>"
)
SECTION = b"# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n"
OPEN = b"$%d\r\n%s\r\n" % (len(SECTION), SECTION)
CLOSED = b"-NOAUTH Authentication required.\r\n"


def test_a_run_names_a_vpn_gateway_with_the_version_that_it_shows(yard: Yard) -> None:
    yard.permit(ADDRESS)

    with serve(ADDRESS, yard.port, saying(GATEWAY)):
        run = yard.discover()

    [found] = yard.services()
    assert found.product == "Ivanti Connect Secure 22.7.2.2615"
    assert found.observation.facts["kind"] == "vpn"
    assert found.observation.facts["remote_access"] is True
    assert "Ivanti Connect Secure 22.7.2.2615" in yard.log(run)


def test_a_run_says_perhaps_where_little_speaks_for_a_product(yard: Yard) -> None:
    yard.permit(ADDRESS)

    with serve(ADDRESS, yard.port, saying(PANEL_OF_A_DEALER)):
        yard.discover()

    [found] = yard.services()
    assert found.product == "perhaps Phoenix Contact FL mGuard"


def test_an_open_database_is_proven_twice_and_gone_once_it_wants_a_password(
    yard: Yard,
) -> None:
    yard.permit(ADDRESS, hint="redis")

    with serve(ADDRESS, yard.port, saying(OPEN)) as server:
        yard.discover()
        validation.validate_findings(heartbeat=lambda: None)
        with workspace_scope():
            finding = Finding.objects.get()
            assert (finding.check_id, finding.state) == ("redis-open", "open")
            assert finding.grade == "E4"
            findings.request_retest(finding.pk, by=None)
        server.answer = saying(CLOSED)
        validation.retest(finding.pk, heartbeat=lambda: None)

    with workspace_scope():
        finding.refresh_from_db()
    assert finding.state == FindingState.CLOSED
