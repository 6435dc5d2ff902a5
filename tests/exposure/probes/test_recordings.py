"""Probes of protocols that no software at hand speaks, against recorded answers."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exposure.probes.base import (
    Direction,
    Exchange,
    Outcome,
    Parsed,
    Probe,
    ProbeResult,
    Target,
)
from exposure.probes.dialer import Dialer, Gate
from exposure.probes.dnp3_codec import frame
from exposure.probes.registry import (
    BY_NAME,
)
from exposure.probes.runner import run_probe
from plant.certificates import Wanted, key_pair, server_context
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    allow,
    ask,
    never,
)
from tests.exposure.probes.test_transcripts import FOLDER, load

RECORDED = [
    *("fox", "pcworx", "proconos", "crimson", "gesrtp", "atg", "codesys", "hartip"),
    *("fins", "s7-plus"),
]
H = bytes.fromhex


def answers_of(name: str) -> tuple[Probe, dict[str, Any], dict[bytes, bytes]]:
    """Return a recording: its probe, what it proved, and what answered what."""
    probe, recording, exchanges = load(FOLDER / f"{name}.json")
    answers: dict[bytes, bytes] = {}
    sent = b""
    for each in exchanges:
        if each.direction is Direction.SENT:
            sent = each.data
            answers[sent] = b""
        else:
            answers[sent] += each.data
    return probe, recording, answers


def replaying(answers: Mapping[bytes, bytes], said: list[bytes]) -> Handler:
    """Return a device that knows these answers; `said` collects what it is told."""

    async def device(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while message := await reader.read(4096):
            said.append(message)
            writer.write(answers.get(message, b""))

    return device


@pytest.mark.parametrize("name", RECORDED)
def test_it_finds_out_what_was_recorded(name: str) -> None:
    probe, recording, answers = answers_of(name)
    said: list[bytes] = []

    result = ask(probe, replaying(answers, said))

    assert (result.outcome, result.level) == (recording["outcome"], recording["level"])
    assert result.facts == recording["facts"]
    assert set(said) == set(answers)


def test_it_greets_a_niagara_station_over_tls(tmp_path: Path) -> None:
    _, recording, answers = answers_of("foxs")
    pair = key_pair(tmp_path, "station", Wanted("station", ("station.test",)))
    context = server_context(pair, oldest=ssl.TLSVersion.TLSv1_2)

    async def run() -> ProbeResult:
        device = replaying(answers, [])
        server = await asyncio.start_server(device, HOME, 0, ssl=context)
        async with server:
            probe = BY_NAME["foxs"]
            dialer = Dialer(permit=allow, should_stop=never, gate=Gate())
            target = Target(HOME, server.sockets[0].getsockname()[1])
            return await run_probe(
                probe, target, dialer=dialer, should_stop=never, seconds=5
            )

    result = asyncio.run(run())

    assert result.facts == recording["facts"]


def parsed(probe: Probe, answers: Mapping[bytes, bytes]) -> Parsed:
    """Return what the probe makes of a conversation."""
    exchanges = []
    for message, answer in answers.items():
        exchanges.append(Exchange(0.0, Direction.SENT, message))
        exchanges.append(Exchange(0.0, Direction.RECEIVED, answer))
    return probe.parse(exchanges)


def _rejected(answer: bytes) -> bytes:
    return answer.replace(H("a203020100"), H("a203020101"))


@pytest.mark.parametrize("name", ["s7", "mms"])
@pytest.mark.parametrize(
    "answer",
    ["0300000b06800004000601", "0300001611d00004000100c0010ac2020102c1020100"],
    ids=["refused", "taken and left waiting"],
)
def test_a_device_without_a_free_connection_is_not_taken_for_another(
    name: str, answer: str
) -> None:
    probe = BY_NAME[name]

    result = ask(less_patient(probe), replaying({probe.messages[0]: H(answer)}, []))

    assert (result.outcome, result.level) == (Outcome.SILENT, "")


@pytest.mark.parametrize(
    ("name", "question", "change", "facts"),
    [
        ("fins", 0, lambda a: a[:15] + b"\x22" + a[16:], {"connection_error": 0x22}),
        ("fins", 1, lambda a: a[:28] + H("2101"), {"end_code": "2101"}),
        ("ads", 0, lambda a: a[:30] + H("07000000") + a[34:38], {"ads_error": 7}),
        ("mms", 1, _rejected, {"association": "refused"}),
        (
            "mms",
            1,
            lambda a: a[:7] + b"\x19" + a[8:],
            {"association": "broken off"},
        ),
        ("hartip", 0, lambda a: a[:3] + b"\x0f" + a[4:], {"session_status": 15}),
        ("atg", 0, lambda _: b"\x019999FF1B\x03", {"command_refused": True}),
        (
            "fox",
            0,
            lambda _: b"fox a 0 -1 fox rejected\n{\n};;\n",
            {"hello_refused": True},
        ),
    ],
)
def test_it_calls_a_device_that_refuses_identified(
    name: str, question: int, change: Callable[[bytes], bytes], facts: dict[str, Any]
) -> None:
    probe, _, answers = answers_of(name)
    kept = dict(list(answers.items())[: question + 1])
    kept[list(kept)[question]] = change(list(kept.values())[question])

    result = parsed(probe, kept)

    assert (result.outcome, result.level) == (Outcome.IDENTIFIED, "L1")
    assert facts.items() <= result.facts.items()
    assert "read_answered" not in result.facts


@pytest.mark.parametrize(
    ("name", "question", "change"),
    [
        ("ads", 0, lambda a: a[:34] + b"\7" + a[35:]),
        ("mms", 2, lambda a: a.replace(H("a125020101"), H("a125020107"))),
        ("fins", 1, lambda a: a[:25] + b"\7" + a[26:]),
        ("pcworx", 2, lambda a: a[:1] + b"\7" + a[2:]),
        ("hartip", 1, lambda a: a[:5] + b"\7" + a[6:]),
        ("dnp3", 1, lambda a: a[:8] + b"\0\0"),  # a wrong check sum
    ],
)
def test_it_does_not_believe_an_answer_to_another_question(
    name: str, question: int, change: Callable[[bytes], bytes]
) -> None:
    probe, _, answers = answers_of(name)
    message = list(answers)[question]
    assert change(answers[message]) != answers[message]
    answers[message] = change(answers[message])

    result = parsed(probe, answers)

    assert result.outcome is Outcome.ANOMALY
    assert result.facts["anomaly"]


def less_patient(probe: Probe) -> Probe:
    """Return the probe with half a second for an answer that never comes."""
    return replace(probe, caps=replace(probe.caps, read_seconds=0.5))


def test_it_tries_the_other_byte_order_once() -> None:
    probe, recording, answers = answers_of("codesys")
    [little] = answers
    big = probe.messages[1]
    answer = answers[little]
    turned = answer[:2] + answer[2:6][::-1] + answer[6:]
    said: list[bytes] = []

    result = ask(less_patient(probe), replaying({big: turned}, said))

    assert said == [little, big]
    assert result.connections == 2
    assert result.facts == recording["facts"]


def test_it_gives_a_hart_session_back_even_if_the_answer_never_comes() -> None:
    probe, _, answers = answers_of("hartip")
    opening, _, closing = probe.messages
    said: list[bytes] = []

    ask(less_patient(probe), replaying({opening: answers[opening]}, said))

    assert said[-1] == closing


def test_it_asks_a_hung_up_outstation_three_times_at_most() -> None:
    said: list[bytes] = []

    async def slam(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        said.append(await reader.read(4096))

    result = ask(less_patient(BY_NAME["dnp3"]), slam)

    assert len(said) == result.connections == 3
    assert result.outcome is Outcome.SILENT


def test_it_reads_the_attributes_of_an_outstation_that_tells_them() -> None:
    probe = BY_NAME["dnp3"]
    texts = {252: b"Northmill", 250: b"RTU 7", 248: b"4711", 242: b"2.1"}
    objects = b"".join(
        bytes([0, kind, 0, 0, 0, 1, len(text)]) + text for kind, text in texts.items()
    )
    application = H("c0810000") + objects
    pieces = [application[at : at + 40] for at in range(0, len(application), 40)]
    answer = b"".join(
        frame(0x44, destination=1, source=1, user=bytes([mark]) + piece)
        for mark, piece in zip((0x40, 0x81), pieces, strict=True)
    )
    status = frame(0x0B, destination=1, source=1)
    said: list[bytes] = []
    answers = {probe.messages[0]: status, probe.messages[-1]: answer}

    result = ask(probe, replaying(answers, said))

    assert said == [probe.messages[0], probe.messages[-1]]
    assert result.level == "L2"
    assert result.detail == ""
    assert {"vendor": "Northmill", "product": "RTU 7"}.items() <= result.facts.items()
    assert {"serial": "4711", "version": "2.1"}.items() <= result.facts.items()
