"""Answers of outside sources are read for what they say, whatever they look like."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exposure.collectors.passive.contract import (
    DAY,
    Heard,
    KeyRefused,
    Paused,
    Query,
    SourceError,
    Told,
)
from exposure.collectors.passive.sources import BY_NAME, SOURCES

DATA = Path(__file__).parents[2] / "data" / "sources"
DOMAIN, ADDRESS = Query("name", "plant.example"), Query("address", "192.88.99.14")
EACH = [source.name for source in SOURCES]


def query_of(name: str) -> Query:
    return DOMAIN if "name" in BY_NAME[name].kinds else ADDRESS


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def told(name: str, body: bytes, *, status: int = 200, **headers: str) -> Told:
    kept = {key.replace("_", "-"): value for key, value in headers.items()}
    return BY_NAME[name].parse(Heard(status, kept, body), query_of(name))


def names(answer: Told) -> list[str]:
    return [each.value for each in answer.known]


def test_certificates_name_hosts_below_the_domain_and_no_strangers() -> None:
    answer = told("crtsh", recorded("crtsh"))

    assert names(answer) == [
        "vpn.plant.example",
        "cust.plant.example",
        "plant.example",
        "hmi-2.plant.example",
    ]
    assert answer.known[0].seen_at == datetime(2026, 9, 2, 7, 11, 40, 201_000, UTC)


def test_a_registry_says_to_whom_the_range_was_given() -> None:
    [known] = told("rdap", recorded("rdap")).known

    assert (known.kind, known.value) == ("range", "192.88.99.0/25")
    assert known.detail == "given to Northmill Dairy A/S"


def test_internetdb_tells_ports_and_weaknesses() -> None:
    answer = told("internetdb", recorded("internetdb"))

    assert [each.port for each in answer.services] == [80, 102, 443]
    assert answer.services[0].weaknesses == ("CVE-2021-23017", "CVE-2023-44487")


def test_shodan_tells_products_and_when_they_were_seen() -> None:
    answer = told("shodan", recorded("shodan"))
    plc, agent = answer.services

    assert names(answer) == ["hmi-2.plant.example"]
    assert (plc.port, plc.protocol) == (102, "s7")
    assert plc.product == "Siemens SIMATIC S7-300 V3.3.17"
    assert plc.seen_at == datetime(2026, 11, 20, 3, 14, 15, 926535, UTC)
    assert (agent.transport, agent.weaknesses) == ("udp", ("CVE-2017-6736",))


def test_censys_tells_software_and_names() -> None:
    answer = told("censys", recorded("censys"))

    assert names(answer) == ["hmi-2.plant.example", "ip-14.example.net"]
    assert answer.services[0].product == "Schneider Electric BMX P34 2020 v2.5"
    assert answer.services[0].protocol == "modbus"


@pytest.mark.parametrize("name", ["internetdb", "shodan", "censys"])
def test_an_answer_about_another_address_says_nothing(name: str) -> None:
    other = recorded(name).replace(b"192.88.99.14", b"198.51.100.7")

    assert told(name, other) == Told()


def test_a_range_that_does_not_hold_the_address_is_not_believed() -> None:
    other = recorded("rdap").replace(b"192.88.99.", b"198.51.100.")

    assert told("rdap", other) == Told()


@pytest.mark.parametrize("name", EACH)
def test_a_source_that_knows_nothing_says_nothing(name: str) -> None:
    assert told(name, b'{"detail": "No information"}', status=404) == Told()


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (418, b"{}"),
        (200, b"<!DOCTYPE html><title>Just a moment"),
        (200, b""),
        (200, b'{"ip": "203.0.'),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 200_000),
    ],
    ids=["5xx", "odd", "HTML", "nothing", "cut", "garbage", "deep"],
)
def test_no_usable_answer_is_said_and_never_taken_for_nothing(
    name: str, status: int, body: bytes
) -> None:
    with pytest.raises(SourceError):
        told(name, body, status=status)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    "value",
    ["null", "1", '"text"', "[]", "[1, null, [], {}]", "{}", '{"result": 7}'],
)
def test_an_answer_of_another_shape_says_nothing(name: str, value: str) -> None:
    assert told(name, value.encode()) == Told()


def scrambled(value: Any) -> Any:
    """Put a wrong type in every place."""
    if isinstance(value, dict):
        return {key: scrambled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [scrambled(each) for each in value]
    return {"x": [None]} if isinstance(value, str) else "x"


@pytest.mark.parametrize("name", EACH)
def test_wrong_types_in_the_right_places_break_nothing(name: str) -> None:
    body = json.dumps(scrambled(json.loads(recorded(name)))).encode()

    assert told(name, body).services == ()


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 60, 60),
        ("99999999999999", DAY, DAY),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60, 60),
        ("soon", 60, 60),
        ("", 60, 60),
        ("-5", 60, 60),
        ("\u0663", 60, 60),
    ],
)
def test_a_source_is_left_alone_as_long_as_it_asks(
    said: str, least: int, most: int
) -> None:
    with pytest.raises(Paused) as paused:
        told("internetdb", b"", status=429, retry_after=said)

    assert least <= paused.value.seconds <= most


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refused_key_is_told_apart(status: int) -> None:
    with pytest.raises(KeyRefused):
        told("shodan", b"", status=status)


@pytest.mark.parametrize("name", EACH)
def test_what_goes_out_leads_to_the_source_and_hides_its_key(name: str) -> None:
    source = BY_NAME[name]

    request = source.request(query_of(name), "k3y&x=/../")

    assert any(request.url.startswith(f"https://{host}/") for host in source.hosts)
    assert "k3y" not in repr(request)
    assert "&x=" not in request.url
