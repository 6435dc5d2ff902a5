"""From a scope to literal addresses; a name opens nothing by itself."""

from collections.abc import Callable, Iterator

import dns.resolver
import pytest
from pytest_django import Settings

from exposure.models import Authorisation, Run, RunTarget
from exposure.services import scope as service
from exposure.services.targets import expand
from tenants.models import User
from tests import factories
from tests.name_server import serve_names

Resolve = Callable[..., None]


@pytest.fixture
def run(scope: Authorisation) -> Run:
    """A run of the scope."""
    return factories.make_run(scope)


@pytest.fixture
def resolve(settings: Settings) -> Iterator[Resolve]:
    """Let every name point at these addresses, or at nothing."""
    with serve_names("127.78.53.3") as server:
        settings.DNS_RESOLVERS = [("127.78.53.3", server.port)]

        def point(*addresses: str) -> None:
            for address in addresses:
                type_ = "AAAA" if ":" in address else "A"
                server.know(f"vpn.northmill.example. 60 IN {type_} {address}")

        yield point


def addresses() -> list[str]:
    return list(RunTarget.objects.order_by("address").values_list("address", flat=True))


def test_a_range_has_no_network_and_no_broadcast_address(
    scope: Authorisation, run: Run
) -> None:
    factories.make_entry(scope, "127.79.2.0/30")

    assert expand(run) == 3
    assert addresses() == ["127.79.1.1", "127.79.2.1", "127.79.2.2"]


def test_what_is_excluded_is_not_written_down(
    scope: Authorisation, run: Run, ida: User
) -> None:
    factories.make_entry(scope, "127.79.2.0/30")
    service.add_exclusion(
        scope.pk,
        value="127.79.2.2",
        port=None,
        reason="Furnace",
        by=factories.membership_of(ida),
    )

    expand(run)

    assert addresses() == ["127.79.1.1", "127.79.2.1"]


def test_expanding_again_adds_nothing(run: Run) -> None:
    expand(run)

    assert expand(run) == 1


def test_a_name_that_points_inside_is_looked_at(
    scope: Authorisation, run: Run, resolve: Resolve
) -> None:
    factories.make_entry(scope, "127.79.2.0/30")
    factories.make_entry(scope, "vpn.northmill.example")
    resolve("127.79.2.1")

    expand(run)

    assert addresses().count("127.79.2.1") == 1


@pytest.mark.parametrize("outside", ["127.80.0.1", "93.184.216.34", "::1"])
def test_a_name_that_points_outside_is_refused_and_logged(
    scope: Authorisation, run: Run, resolve: Resolve, outside: str
) -> None:
    factories.make_entry(scope, "vpn.northmill.example")
    resolve(outside, "127.79.1.1")

    expand(run)

    event = run.events.get()
    assert addresses() == ["127.79.1.1"]
    assert event.target == outside
    assert event.text == (
        "refused: vpn.northmill.example points outside the authorised ranges, "
        "nothing sent"
    )


def test_a_name_that_points_nowhere_is_logged(
    scope: Authorisation, run: Run, resolve: Resolve
) -> None:
    factories.make_entry(scope, "vpn.northmill.example")
    resolve()

    expand(run)

    assert "does not resolve" in run.events.get().text


def test_without_any_resolver_a_run_says_so_and_goes_on(
    scope: Authorisation, run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise dns.resolver.NoResolverConfiguration

    settings.DNS_RESOLVERS = []
    monkeypatch.setattr(dns.resolver, "Resolver", none)
    factories.make_entry(scope, "vpn.northmill.example")

    expand(run)

    said = list(run.events.values_list("text", flat=True))
    assert "This machine has no resolver for names." in said
    assert addresses() == ["127.79.1.1"]


def test_a_range_that_may_not_be_scanned_here_any_more_is_refused(
    run: Run, settings: Settings
) -> None:
    settings.SCAN_ALLOWED_PRIVATE_RANGES = ()

    expand(run)

    assert addresses() == []
    assert run.events.get().text.startswith("refused: this installation")
