"""Which probe is run where two share a port, and where a consent is missing."""

import asyncio

import pytest

from exposure.logic import consents
from exposure.probes import hosts
from exposure.probes.base import Outcome, ProbeResult
from exposure.probes.registry import (
    BY_NAME,
    CONSENTS,
    is_ot_port,
    probes_for,
)
from exposure.probes.runner import Host, OpenPort, Pace, identify
from tests.exposure.probes.stage import HOME, Handler, Watch, allow, never, service
from tests.exposure.probes.test_recordings import H, answers_of, replaying


def identify_102(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> list[ProbeResult]:
    """Identify a service as if it were on port 102."""
    monkeypatch.setattr(hosts, "probes_for", lambda *_: probes_for(102))

    async def gather() -> list[ProbeResult]:
        async with service(handler) as port:
            host = Host(HOME, [OpenPort(port)])
            pace = Pace(pause=Watch().rest)
            each = identify(host, permit=allow, should_stop=never, pace=pace)
            return [result async for result in each]

    return asyncio.run(gather())


def test_it_never_speaks_mms_to_a_device_that_answered_as_s7(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, answers = answers_of("s7")
    said: list[bytes] = []

    results = identify_102(replaying(answers, said), monkeypatch)

    assert [result.probe for result in results] == ["s7"]
    assert set(said) == set(answers)


def test_it_speaks_mms_where_s7_was_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, answers = answers_of("mms")
    s7 = BY_NAME["s7"]
    connected = H("0300001611d00004000100c0010ac2020102c1020100")
    refused = H("0300000902f0801904")  # the session layer aborts on what is not its own
    said: list[bytes] = []
    device = replaying(
        answers | {s7.messages[0]: connected, s7.messages[2]: refused}, said
    )

    results = identify_102(device, monkeypatch)

    assert [(r.probe, r.outcome) for r in results] == [
        ("s7", Outcome.OTHER_PROTOCOL),
        ("mms", Outcome.IDENTIFIED),
    ]
    assert said[:2] == [s7.messages[0], s7.messages[2]]
    assert not any(b"SIMATIC" in message for message in said)


@pytest.mark.parametrize(
    ("port", "probe", "consent"),
    [
        (1200, "codesys", "codesys_login"),
        (2455, "codesys", "codesys_login"),
        (5094, "hartip", "hartip_session"),
    ],
)
def test_it_only_listens_without_the_written_consent(
    port: int, probe: str, consent: str
) -> None:
    others = CONSENTS - {consent}

    assert [p.name for p in probes_for(port)] == ["banner"]
    assert [p.name for p in probes_for(port, probe)] == ["banner"]
    assert [p.name for p in probes_for(port, "", "tcp", others)] == ["banner"]
    assert [p.name for p in probes_for(port, "", "tcp", frozenset({consent}))] == [
        probe
    ]
    assert [p.name for p in probes_for(40_000, probe)] == ["banner"]
    assert is_ot_port(port)
    assert is_ot_port(40_000, probe)


def test_it_takes_the_consents_of_the_host() -> None:
    _, _, answers = answers_of("codesys")

    async def gather(consents: frozenset[str]) -> list[str]:
        async with service(replaying(answers, [])) as port:
            host = Host(HOME, [OpenPort(port, "codesys")], consents=consents)
            pace = Pace(pause=Watch().rest, probe_seconds=0.5)
            each = identify(host, permit=allow, should_stop=never, pace=pace)
            return [f"{r.probe} {r.outcome}" async for r in each]

    given = asyncio.run(gather(frozenset({"codesys_login"})))
    kept = asyncio.run(gather(frozenset()))

    assert given == ["codesys identified"]
    assert kept == ["banner silent"]


def test_every_consent_that_a_probe_waits_for_can_be_signed() -> None:
    assert frozenset(consents.CONSENTS) == CONSENTS
