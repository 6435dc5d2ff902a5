"""Outside sources are asked with consent, about the scope alone, and politely."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from common.exchange import OutgoingFailed
from exposure.collectors.passive.contract import Heard, Request
from exposure.models import (
    Authorisation,
    Exclusion,
    Holding,
    Service,
    ServiceElsewhere,
    Sighting,
    SourceAnswer,
    SourceGrant,
)
from exposure.services import source_grants
from exposure.services.asking_sources import Asking, ask_sources
from tenants.models import User
from tests import factories
from tests.exposure.services.conftest import member

DATA = Path(__file__).parents[2] / "data" / "sources"
KEY = "k3y-of-the-provider"
Answers = dict[str, Heard | Exception]


class Internet:
    """Answers for every source what was recorded, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pauses: list[float] = []
        self.answers: Answers = {}
        self.before: Callable[[], None] = lambda: None

    def get(self, request: Request) -> Heard:
        self.before()
        parts = urlsplit(request.url)
        self.asked.append(f"{parts.hostname}{parts.path}")
        answer = self.answers.get(parts.hostname or "", Heard(404, {}, b""))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask(self) -> None:
        asking = Asking(self.get, pause=self.pauses.append)
        ask_sources(heartbeat=lambda: None, asking=asking)


@pytest.fixture
def internet() -> Internet:
    return Internet()


@pytest.fixture
def scope(scope: Authorisation) -> Authorisation:
    """A domain, a name below it, four addresses with one excluded, and a private one."""
    for value in ("plant.example", "vpn.plant.example", "192.88.99.12/30"):
        factories.make_entry(scope, value)
    Exclusion.objects.create(authorisation=scope, value="192.88.99.13", reason="Old.")
    return scope


def recorded(name: str) -> Heard:
    return Heard(200, {}, (DATA / f"{name}.json").read_bytes())


def allow(user: User, *names: str) -> None:
    for name in names:
        source_grants.consent(name, by=member(user))


def test_without_consent_nobody_is_asked(
    scope: Authorisation, internet: Internet, ana: User
) -> None:
    source_grants.set_key("shodan", KEY, by=member(ana))

    internet.ask()

    assert internet.asked == []


def test_a_source_that_needs_a_key_is_not_asked_without_one(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    allow(ida, "shodan", "censys")

    internet.ask()

    assert internet.asked == []


def test_the_scope_is_asked_about_and_nothing_else(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    allow(ida, "crtsh", "rdap", "internetdb")

    internet.ask()

    assert internet.asked == [
        "crt.sh/",
        "rdap.arin.net/registry/ip/192.88.99.14",
        "internetdb.shodan.io/192.88.99.14",
    ]


@pytest.mark.parametrize("what", ["unsigned", "ended"])
def test_a_scope_that_is_not_valid_is_not_asked_about(
    scope: Authorisation, internet: Internet, ida: User, what: str
) -> None:
    allow(ida, "crtsh", "internetdb")
    if what == "unsigned":
        scope.signed_at = None
    else:
        scope.valid_until = scope.valid_from.replace(year=scope.valid_from.year + 0)
        scope.valid_from = scope.valid_until.replace(year=scope.valid_until.year - 1)
    scope.save()

    internet.ask()

    assert internet.asked == []


def test_a_withdrawn_consent_ends_the_questions_at_once(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    factories.make_entry(scope, "192.88.99.32/28")
    allow(ida, "internetdb")
    internet.before = lambda: (
        source_grants.withdraw("internetdb", by=member(ida)) and None
    )

    internet.ask()

    assert len(internet.asked) == 1


def test_what_is_told_has_a_trail_and_is_no_target(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    allow(ida, "crtsh")
    internet.answers["crt.sh"] = recorded("crtsh")

    internet.ask()

    found = Holding.objects.get(value="hmi-2.plant.example")
    sighting = Sighting.objects.get(holding=found)
    assert sighting.source == "crt.sh"
    assert sighting.derived_from is not None
    assert sighting.derived_from.holding.value == "plant.example"
    assert 0 < found.confidence < 1
    assert not Holding.objects.filter(value="shared.other.example").exists()
    assert not Service.objects.exists()


def test_services_that_others_see_are_kept_apart_and_go_when_they_are_told_no_more(
    scope: Authorisation, internet: Internet, ida: User, ana: User
) -> None:
    allow(ida, "shodan")
    source_grants.set_key("shodan", KEY, by=member(ana))
    internet.answers["api.shodan.io"] = recorded("shodan")

    internet.ask()
    SourceAnswer.objects.update(due_at=scope.valid_from)
    internet.answers["api.shodan.io"] = Heard(404, {}, b"")
    seen = set(ServiceElsewhere.objects.values_list("port", "gone_at"))
    internet.ask()

    assert seen == {(102, None), (161, None)}
    assert not ServiceElsewhere.objects.filter(gone_at=None).exists()
    assert not Service.objects.exists()


def test_an_answer_counts_for_a_week(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    allow(ida, "internetdb")

    internet.ask()
    internet.ask()

    assert len(internet.asked) == 1


def test_a_source_that_asks_for_a_pause_gets_it_and_the_others_go_on(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    factories.make_entry(scope, "192.88.99.32/28")
    allow(ida, "crtsh", "internetdb")
    internet.answers["crt.sh"] = Heard(429, {"retry-after": "3600"}, b"")

    internet.ask()
    first = list(internet.asked)
    internet.ask()

    assert first.count("crt.sh/") == 1
    assert internet.asked == first
    assert len(first) == 16
    assert set(internet.pauses) == {1}
    assert SourceGrant.objects.get(source="crtsh").paused_until is not None


def test_a_source_that_fails_three_times_is_left_alone(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    factories.make_entry(scope, "192.88.99.32/28")
    allow(ida, "internetdb")
    internet.answers["internetdb.shodan.io"] = OutgoingFailed("No connection.")

    internet.ask()

    assert len(internet.asked) == 3
    assert SourceGrant.objects.get(source="internetdb").trouble == "No connection."
    assert SourceAnswer.objects.filter(problem="No connection.").count() == 3


def test_a_registry_sends_us_to_a_registry_and_to_nobody_else(
    scope: Authorisation, internet: Internet, ida: User
) -> None:
    allow(ida, "rdap")
    other = {"location": "https://rdap.db.ripe.net/ip/192.88.99.14"}
    internet.answers["rdap.arin.net"] = Heard(302, other, b"")
    internet.answers["rdap.db.ripe.net"] = recorded("rdap")

    internet.ask()

    assert Holding.objects.get(value="192.88.99.0/25").confidence > 0


@pytest.mark.parametrize(
    "location",
    [
        "https://169.254.169.254/latest/meta-data/",
        "http://rdap.db.ripe.net/ip/192.88.99.14",
        "https://rdap.db.ripe.net.evil.example/",
        "https://rdap.arin.net@evil.example/",
        "//evil.example/",
        "https://[",
        "https://rdap.arin.net/registry/ip/192.88.99.14",
    ],
)
def test_it_is_not_led_elsewhere_nor_in_circles(
    scope: Authorisation, internet: Internet, ida: User, location: str
) -> None:
    allow(ida, "rdap")
    internet.answers["rdap.arin.net"] = Heard(302, {"location": location}, b"")

    internet.ask()

    assert {each.split("/")[0] for each in internet.asked} == {"rdap.arin.net"}
    assert len(internet.asked) <= 4
    assert SourceAnswer.objects.exclude(problem="").count() == 1


def test_hostile_answers_are_kept_harmless(
    scope: Authorisation, internet: Internet, ida: User, ana: User
) -> None:
    allow(ida, "shodan")
    source_grants.set_key("shodan", KEY, by=member(ana))
    body = recorded("shodan").body.replace(b"Siemens", b"\\u0000\\ud800\\u001b[2J" * 90)
    internet.answers["api.shodan.io"] = Heard(200, {}, body)

    internet.ask()

    product = ServiceElsewhere.objects.get(port=102).product
    assert len(product) <= 200
    assert product.isprintable()
