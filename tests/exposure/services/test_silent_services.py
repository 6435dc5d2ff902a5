"""UDP services that fall silent, and findings on them that are looked at again."""

import pytest

from exposure.models import Finding, FindingState, ServiceState
from exposure.services import findings, validation
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers_udp import free_udp_port, serve_udp
from tests.exposure.services.test_asking import found, hurry, permit, replayed, silent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
__all__ = ["hurry"]

HERE = "127.79.1.1"


@pytest.fixture
def port() -> int:
    return free_udp_port()


class TestGone:
    """When a UDP service counts as gone."""

    @pytest.fixture(autouse=True)
    def seen_once(self, yard: Yard, port: int) -> None:
        permit(yard, HERE, port)
        with serve_udp(HERE, port, found):
            yard.end(yard.discover())

    def state(self, yard: Yard) -> str:
        (seen,) = yard.services()
        return seen.state

    def test_one_run_without_a_word_says_nothing(self, yard: Yard, port: int) -> None:
        with serve_udp(HERE, port, silent):
            run = yard.discover()

        assert self.state(yard) == ServiceState.NEW
        assert f"moxa {port}/udp did not answer" in yard.log(run)

    def test_two_runs_in_a_row_without_a_word_do(self, yard: Yard, port: int) -> None:
        with serve_udp(HERE, port, silent):
            yard.end(yard.discover())
            run = yard.discover()

        assert self.state(yard) == ServiceState.GONE
        assert f"moxa {port}/udp is gone" in yard.log(run)

    def test_an_answer_in_between_begins_anew(self, yard: Yard, port: int) -> None:
        for reply in (silent, found, silent):
            with serve_udp(HERE, port, reply):
                yard.end(yard.discover())

        assert self.state(yard) == ServiceState.UNCHANGED

    def test_a_refused_port_does_at_once(self, yard: Yard) -> None:
        yard.discover()

        assert self.state(yard) == ServiceState.GONE

    def test_one_that_comes_back_is_changed(self, yard: Yard, port: int) -> None:
        yard.end(yard.discover())

        with serve_udp(HERE, port, found):
            yard.discover()

        assert self.state(yard) == ServiceState.CHANGED


class TestRetest:
    """A finding on a UDP service, looked at again."""

    @pytest.fixture
    def finding(self, yard: Yard, port: int) -> Finding:
        permit(yard, HERE, port, hint="knx")
        with serve_udp(HERE, port, replayed("knx")):
            yard.end(yard.discover())
            validation.validate_findings(heartbeat=lambda: None)
        with workspace_scope():
            row = Finding.objects.get()
            assert row.state == FindingState.OPEN
            findings.request_retest(row.pk, by=None)
        return row

    def state(self, finding: Finding) -> str:
        validation.retest(finding.pk, heartbeat=lambda: None)
        with workspace_scope():
            return Finding.objects.get(pk=finding.pk).state

    def test_silence_does_not_close_it(self, finding: Finding, port: int) -> None:
        with serve_udp(HERE, port, silent):
            assert self.state(finding) == FindingState.OPEN

    def test_a_port_that_is_refused_twice_does(self, finding: Finding) -> None:
        assert self.state(finding) == FindingState.CLOSED
