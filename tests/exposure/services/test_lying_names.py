"""Names that lie: whatever they point at, nothing outside the scope is touched."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from exposure.models import RunTarget
from exposure.services import discovery
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.names import Zone, name_server
from tests.exposure.services.servers import PAGE, Heard, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

NAME = "vpn.northmill.example"
INSIDE, OUTSIDE = "127.79.1.1", "127.80.0.66"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Zone, tuple[str, int]]]:
    """One name server for all tests of this file."""
    with name_server() as running:
        yield running


@pytest.fixture
def zone(server: tuple[Zone, tuple[str, int]], settings: Settings) -> Zone:
    """The only name server that Sightline asks, empty at the beginning."""
    zone, address = server
    settings.DNS_RESOLVERS = [address]
    zone.answers.clear()
    return zone


@pytest.fixture
def listeners(yard: Yard) -> Iterator[tuple[Heard, Heard]]:
    """Real listeners at an address inside the scope and at one outside of it."""
    with (
        serve(INSIDE, yard.port, saying(PAGE)) as inside,
        serve(OUTSIDE, yard.port, saying(PAGE)) as outside,
    ):
        yield inside, outside


def named(yard: Yard) -> None:
    """Put the name beside a range that holds the inside alone."""
    yard.permit(f"{INSIDE}/32")
    with workspace_scope():
        entry = factories.make_entry(yard.authorisation, NAME)
        entry.port_hints = {str(yard.port): "http"}
        entry.save()


LIES = {
    "another customer's address": [["A 127.80.0.66"]],
    "inside first, outside later": [["A 127.79.1.1"], ["A 127.80.0.66"]],
    "inside and outside at once": [["A 127.79.1.1", "A 127.80.0.66"]],
    "a chain that ends outside": [["CNAME edge.elsewhere.example."]],
    "IPv4 behind IPv6": [["AAAA ::ffff:127.80.0.66"]],
    "link-local": [["A 169.254.1.1", "AAAA fe80::1"]],
    "a metadata service": [["A 169.254.169.254"]],
    "our own machine": [["A 127.0.0.1", "AAAA ::1"]],
    "nowhere": [["A 0.0.0.0"]],
}


@pytest.mark.parametrize("lie", LIES)
def test_w6_a_lying_name_touches_nothing_outside(
    yard: Yard, zone: Zone, listeners: tuple[Heard, Heard], lie: str
) -> None:
    inside, outside = listeners
    named(yard)
    zone.answers[NAME] = [list(turn) for turn in LIES[lie]]
    zone.answers["edge.elsewhere.example"] = [["A 127.80.0.66"]]

    run = yard.discover()

    with workspace_scope():
        targets = set(RunTarget.objects.values_list("address", flat=True))
    assert outside.connections == 0
    assert inside.connections == 2  # the sweep and the question
    assert targets == {INSIDE}
    if INSIDE not in str(LIES[lie][0]):
        assert "nothing sent" in yard.log(run)


def test_w6_a_name_that_turns_between_check_and_use_is_not_asked_again(
    yard: Yard, zone: Zone, listeners: tuple[Heard, Heard]
) -> None:
    inside, outside = listeners
    named(yard)
    zone.answers[NAME] = [["A 127.79.1.1"]]

    def turn() -> None:
        """Let the name point outside once its addresses are known."""
        zone.answers[NAME] = [["A 127.80.0.66"]]

    run = yard.new_run()
    discovery.discover(run.pk, heartbeat=turn)

    assert outside.connections == 0
    assert inside.connections == 2  # asked again, the name would lead out of the scope


def test_a_name_that_nobody_answers_for_ends_in_words(
    yard: Yard, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(yard)

    run = yard.discover()

    assert "does not resolve, nothing sent" in yard.log(run)
