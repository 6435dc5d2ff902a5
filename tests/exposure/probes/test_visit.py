"""A visit: who is asked first, who is treated as a controller, and when it ends."""

import asyncio
from dataclasses import replace

import pytest

from exposure.probes import http, mqtt, registry
from exposure.probes.base import (
    Outcome,
    ProbeResult,
    Target,
)
from exposure.probes.budget import OT_BUDGET, Spent
from exposure.probes.hosts import plan
from exposure.probes.runner import (
    Host,
    NoteKind,
    OpenPort,
    Seen,
    visit_hosts,
)
from tests.exposure.probes.decoys import answering
from tests.exposure.probes.stage import (
    HOME,
    Watch,
    allow,
    never,
    saying,
)
from tests.exposure.probes.visiting import IEC104, PAGE, PANEL, asked, notes, visit


def test_industrial_ports_come_first_and_thorough_questions_last() -> None:
    ports = [OpenPort(443), OpenPort(22), OpenPort(80), OpenPort(9999), OpenPort(502)]

    *steps, last = [probe.name for _, probe in plan(Host(HOME, ports))]

    assert steps == ["modbus", "tls", "banner", "https", "ssh", "http"]
    assert last == "tls-versions"


def test_a_probe_with_a_consent_waits_for_exactly_that_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guess = replace(http.PROBE, name="guess", ports=(80,), consent="guessing")
    monkeypatch.setattr(registry, "PROBES", (*registry.PROBES, guess))

    def asked_with(*consents: str) -> bool:
        host = Host(HOME, [OpenPort(80)], consents=frozenset(consents))
        return guess in [probe for _, probe in plan(host)]

    assert [asked_with(), asked_with("login"), asked_with("guessing")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("only", "expected"), [((), ["modbus"]), (("banner",), ["banner"])]
)
def test_a_port_may_be_limited_to_some_probes(
    only: tuple[str, ...], expected: list[str]
) -> None:
    host = Host(HOME, [OpenPort(502, probes=only)])

    assert [probe.name for _, probe in plan(host)] == expected


def test_a_probe_yields_to_one_that_has_named_the_service() -> None:
    other = replace(mqtt.PROBE, name="other", yields_to=frozenset({"iec104"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            registry,
            "_HINTS",
            {"both": ("iec104", "other")},
        )
        patch.setattr(registry, "BY_NAME", {**registry.BY_NAME, "other": other})
        seen = visit((IEC104, "both"))

    assert "other" not in asked(seen)


def test_it_says_why_a_host_is_treated_as_a_controller() -> None:
    seen = visit((IEC104, "iec104"))

    text = notes(seen)[NoteKind.CONTROLLER]
    assert text.startswith("treated as a controller because port ")
    assert text.endswith(" is open and expected to speak iec104")


def test_the_inventory_makes_a_controller_of_a_web_server() -> None:
    seen = visit((saying(PAGE), "http"), kind="plc")

    assert "the inventory calls it a plc" in notes(seen)[NoteKind.CONTROLLER]


@pytest.mark.parametrize(("page", "walks"), [(PAGE, 1), (PANEL, 0)])
def test_a_page_that_smells_of_a_plant_ends_thorough_questions(
    page: bytes, walks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = replace(http.PROBE, name="walk", spares_machines=True)
    monkeypatch.setattr(registry, "PROBES", (*registry.PROBES, walk))
    watch = Watch()

    seen = visit((saying(page), "walk"), (saying(page), "http"), watch=watch)

    assert asked(seen).count("walk") == walks
    assert bool(watch.rests) == (
        not walks
    )  # and from then on the pace is a controller's


def test_a_controller_is_told_to_probes_that_could_ask_more() -> None:
    told: list[bool] = []

    async def run(target: Target, *, dialer: object) -> None:
        told.append(dialer.is_gentle)  # type: ignore[attr-defined]  # a dialer
        await http.run_plain(target, dialer=dialer)  # type: ignore[arg-type]  # a dialer

    curious = replace(http.PROBE, run=run, name="curious")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "PROBES", (*registry.PROBES, curious))
        visit((saying(PANEL), "curious"))

    assert told == [False, True]  # before the smell, and at the look at its health


def test_a_decoy_that_answers_every_protocol_is_left_alone() -> None:
    spoken = ["modbus", "s7", "enip", "opcua", "iec104", "melsec", "mqtt"]

    seen = visit(*((answering(protocol), protocol) for protocol in spoken))

    results = [each for each in seen if isinstance(each, ProbeResult)]
    assert {each.outcome for each in results} == {Outcome.IDENTIFIED}
    assert len(results) < len(spoken)
    assert "deception suspected: " in notes(seen)[NoteKind.DECEPTION]
    assert NoteKind.DONE in notes(seen)


def test_a_host_with_every_port_open_is_asked_nothing() -> None:
    async def gather() -> list[Seen]:
        ports = [OpenPort(port) for port in range(1, 41)]
        seen = visit_hosts(
            [Host(HOME, ports, tried=40)], permit=allow, should_stop=never
        )
        return [each async for each in seen]

    seen = asyncio.run(gather())

    assert asked(seen) == []
    assert "40 of the 40 ports asked are open" in notes(seen)[NoteKind.DECEPTION]


@pytest.mark.parametrize(
    ("spent", "asks"),
    [
        (Spent(0, 0), 2),
        (Spent(OT_BUDGET.connections - 2, 0), 0),  # the rest is kept for its health
        (Spent(OT_BUDGET.connections - 3, 0), 2),
        (Spent(0, OT_BUDGET.total_bytes), 0),
    ],
)
def test_a_controller_has_a_budget(spent: Spent, asks: int) -> None:
    seen = visit((IEC104, "iec104"), spent=spent)

    assert len(asked(seen)) == asks
    assert (NoteKind.LEFT_ALONE in notes(seen)) == (not asks)


def test_a_probe_that_wants_more_connections_than_are_left_is_cut_short() -> None:
    nearly = Spent(OT_BUDGET.connections - 3, 0)

    async def no_such_slot(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(100)

    seen = visit((no_such_slot, "s7"), spent=nearly)

    [result] = [each for each in seen if isinstance(each, ProbeResult)]
    assert result.connections == 1
    assert "No further connection was made." in result.detail
