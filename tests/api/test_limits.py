"""How often somebody may ask, and what somebody hears who asks too often."""

import uuid

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tenants.api import limits
from tests.api.conftest import MakeKey, Program
from tests.isolation.conftest import Place


@pytest.fixture(autouse=True)
def few(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests a minute for whatever a test limits, in a minute that stands."""
    cache.clear()
    settings.API_PER_MINUTE = dict.fromkeys(settings.API_PER_MINUTE, 1000)
    monkeypatch.setattr("tenants.api.limits.time.time", lambda: 1_800_000_010.0)


def limit(settings: Settings, kind: str) -> None:
    settings.API_PER_MINUTE = {**settings.API_PER_MINUTE, kind: 3}


def statuses(program: Program, count: int = 4) -> list[int]:
    return [program.get("key/").status_code for _ in range(count)]


def test_a_key_asks_so_often_and_another_one_too(
    program: Program, place: Place, make_key: MakeKey, settings: Settings
) -> None:
    limit(settings, "key")

    assert statuses(program) == [200, 200, 200, 429]
    answer = program.get("key/")
    assert answer["Retry-After"] == "51"
    assert answer["Content-Type"] == "application/problem+json"
    assert "51 seconds" in answer.json()["detail"]
    assert statuses(make_key(place.otto), 1) == [200]


def test_the_next_minute_is_a_new_one(
    program: Program, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(settings, "key")
    statuses(program)

    monkeypatch.setattr("tenants.api.limits.time.time", lambda: 1_800_000_070.0)

    assert statuses(program, 1) == [200]


def test_a_workspace_asks_so_often_whatever_its_keys(
    program: Program, place: Place, make_key: MakeKey, settings: Settings
) -> None:
    limit(settings, "workspace")
    theirs = make_key(place.mallory, workspace=place.eastholm)

    assert statuses(program, 3) == [200, 200, 200]
    assert statuses(make_key(place.otto), 1) == [429]
    assert theirs.get("/api/v1/w/eastholm/key/").status_code == 200


def test_an_address_asks_so_often_whatever_it_asks(
    program: Program, settings: Settings
) -> None:
    limit(settings, "address")

    asked = [program.get(path).status_code for path in ("key/", "nothing/", "runs/1/")]

    assert asked == [200, 404, 200]
    assert program.get("/api/v1/openapi.json").status_code == 429
    assert program.ask("get", "key/", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_who_shows_wrong_keys_is_not_heard_for_a_while(
    program: Program, place: Place, settings: Settings
) -> None:
    """Row 36, for keys: no spraying."""
    limit(settings, "wrong")
    guess = Program("sl_wrong", program.key)

    assert statuses(guess) == [401, 401, 401, 429]
    assert statuses(program, 1) == [429]  # nor is a right one, from there
    elsewhere = program.ask("get", "key/", REMOTE_ADDR="192.0.2.1")
    assert elsewhere.status_code == 200


def test_a_header_that_nobody_trusts_makes_no_other_address(
    program: Program, settings: Settings
) -> None:
    limit(settings, "address")

    answers = [
        program.ask("get", "key/", headers={"x-forwarded-for": f"192.0.2.{n}"})
        for n in range(4)
    ]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]


def test_every_request_is_counted_though_the_cache_forgets() -> None:
    name = uuid.uuid4().hex

    assert limits.spend("key", name) == 0
    cache.clear()
    assert limits.is_spent("key", name) == 0
