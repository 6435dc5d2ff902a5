"""UDP services that do what no honest one does; none may crash, hang or flood us."""

import asyncio
import json

import pytest

from exposure.probes import bacnet, registry, sip, snmp
from exposure.probes.base import Direction, Outcome, Probe, ProbeResult
from exposure.probes.datagrams import LONGEST_DATAGRAM, MOST_DATAGRAMS
from tests.exposure.probes.stage_udp import ask_udp, ask_udp_port, udp_service
from tests.exposure.probes.test_transcripts import FOLDER, load

OVER_UDP = [probe for probe in registry.PROBES if probe.transport == "udp"]
every_probe = pytest.mark.parametrize("probe", OVER_UDP, ids=lambda probe: probe.name)
GARBAGE = bytes(range(255, 0, -1)) * 4


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait a whole second for each answer."""
    monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.02)


def heard(result: ProbeResult) -> list[bytes]:
    return [e.data for e in result.exchanges if e.direction is Direction.RECEIVED]


@every_probe
def test_it_gives_up_on_a_service_that_says_nothing(probe: Probe) -> None:
    result = ask_udp(probe, lambda _: [])

    assert result.outcome is Outcome.SILENT
    assert 1 <= result.connections <= 3


@every_probe
def test_it_stops_listening_to_endless_datagrams(probe: Probe) -> None:
    result = ask_udp(probe, lambda _: [GARBAGE] * 500)

    assert result.outcome in (Outcome.OTHER_PROTOCOL, Outcome.ANOMALY)
    assert len(heard(result)) <= MOST_DATAGRAMS
    assert result.connections <= 2


@every_probe
def test_it_keeps_little_of_a_giant_datagram(probe: Probe) -> None:
    result = ask_udp(probe, lambda _: [bytes(65_000)])

    assert result.outcome is not Outcome.IDENTIFIED
    assert [len(data) for data in heard(result)] == [LONGEST_DATAGRAM]
    assert "cut off" in result.detail


@every_probe
def test_it_does_not_take_garbage_for_its_protocol(probe: Probe) -> None:
    result = ask_udp(probe, lambda _: [GARBAGE])

    assert result.outcome is Outcome.OTHER_PROTOCOL
    assert result.level == ""


@every_probe
def test_it_does_not_take_an_echo_for_a_device(probe: Probe) -> None:
    result = ask_udp(probe, lambda data: [data])

    assert result.outcome is Outcome.ANOMALY
    assert result.level == ""


@every_probe
def test_it_survives_a_single_byte(probe: Probe) -> None:
    result = ask_udp(probe, lambda _: [b"\0"])

    assert result.outcome is Outcome.OTHER_PROTOCOL


@pytest.mark.parametrize(
    "name", [p.name for p in OVER_UDP if (FOLDER / f"{p.name}.json").exists()]
)
def test_it_survives_half_an_answer(name: str) -> None:
    probe, _, exchanges = load(FOLDER / f"{name}.json")
    whole = [e.data for e in exchanges if e.direction is Direction.RECEIVED]

    result = ask_udp(probe, lambda _: [whole[0][: len(whole[0]) // 2]])

    assert result.outcome in (Outcome.OTHER_PROTOCOL, Outcome.IDENTIFIED)
    json.dumps(dict(result.facts))


def test_a_late_answer_to_an_earlier_question_is_not_mixed_up() -> None:
    """Every property answers the one before it; nothing may get a wrong name."""
    _, recording, exchanges = load(FOLDER / "bacnet.json")
    answers = {}
    for exchange in exchanges:
        if exchange.direction is Direction.SENT:
            last = exchange.data
        else:
            answers[last] = exchange.data
    late: list[bytes] = []

    def reply(question: bytes) -> list[bytes]:
        late.append(answers[question])
        return [*late[-2:-1], late[-1]]

    result = ask_udp(bacnet.PROBE, reply)

    assert result.facts == recording["facts"]


def test_it_shows_hidden_characters_of_a_description() -> None:
    _, _, exchanges = load(FOLDER / "snmp-public.json")
    answer = exchanges[1].data.replace(b"PySNMP", b"\x1b[2J\xff\x00")

    result = ask_udp(snmp.PROBE_PUBLIC, lambda _: [answer])

    assert str(result.facts["product"]).startswith("\\x1b[2Jÿ\\x00")


def test_it_reads_no_more_lines_than_a_sane_server_sends() -> None:
    answer = b"SIP/2.0 200 OK\r\n" + b"A:\r\n" * 900 + b"Server: late\r\n\r\n"

    result = ask_udp(sip.PROBE, lambda _: [answer])

    assert result.facts == {"status": 200}


def test_it_waits_for_the_final_word_of_a_telephone_system() -> None:
    result = ask_udp(
        sip.PROBE,
        lambda _: [b"SIP/2.0 100 Trying\r\n\r\n", b"SIP/2.0 404 Not Found\r\n\r\n"],
    )

    assert result.facts == {"status": 404}


def test_a_service_that_goes_away_in_the_middle_keeps_what_it_said() -> None:
    """ICMP unreachable after the first answers: what was heard decides."""
    _, _, exchanges = load(FOLDER / "bacnet.json")
    first = [e.data for e in exchanges if e.direction is Direction.RECEIVED][:2]

    async def run() -> ProbeResult:
        loop = asyncio.get_running_loop()
        answers = iter(first)

        def reply(_: bytes) -> list[bytes]:
            answer = next(answers, None)
            if answer is None:
                loop.call_soon(service._out.close)
                return []
            return [answer]

        async with udp_service(reply) as (port, service):
            return await ask_udp_port(bacnet.PROBE, port)

    result = asyncio.run(run())

    assert result.outcome is Outcome.IDENTIFIED
    assert result.level == "L1"
    assert result.facts == {"device_instance": 30015, "properties_read": 0}
