"""Replaying recorded conversations of third-party servers, whole and damaged."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.probes.base import Direction, Exchange, Parsed, Probe
from exposure.probes.registry import BY_NAME, PROBES

FOLDER = Path(__file__).parents[2] / "data" / "transcripts"
RECORDINGS = sorted(FOLDER.glob("*.json"))
OT_PROBES = {probe.name for probe in PROBES if probe.is_ot}
TALKATIVE = [probe for probe in PROBES if probe.messages]


def load(path: Path) -> tuple[Probe, dict[str, Any], tuple[Exchange, ...]]:
    """Return a recording: its probe, what it proved, what was said."""
    recording = json.loads(path.read_text())
    exchanges = tuple(
        Exchange(at, Direction(direction), bytes.fromhex(data))
        for at, direction, data in recording["exchanges"]
    )
    return BY_NAME[recording["probe"]], recording, exchanges


def parse(probe: Probe, exchanges: Sequence[Exchange]) -> Parsed:
    """Parse, and insist on facts that can be stored as JSON."""
    parsed = probe.parse(exchanges)
    json.dumps(dict(parsed.facts))
    return parsed


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_it_replays_to_the_same_facts(path: Path) -> None:
    probe, recording, exchanges = load(path)

    parsed = parse(probe, exchanges)

    assert parsed.outcome == recording["outcome"]
    assert parsed.level == recording["level"]
    assert parsed.facts == recording["facts"]


def test_it_has_a_recording_of_every_industrial_protocol() -> None:
    recorded = {load(path)[0].name for path in RECORDINGS}

    assert recorded >= OT_PROBES


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_it_survives_an_answer_that_breaks_off_anywhere(path: Path) -> None:
    probe, _, exchanges = load(path)

    for place, exchange in enumerate(exchanges):
        if exchange.direction is Direction.RECEIVED:
            for kept in range(0, len(exchange.data), 1 + len(exchange.data) // 150):
                cut = Exchange(0.0, Direction.RECEIVED, exchange.data[:kept])
                parse(probe, [*exchanges[:place], cut])


# The TLS handshake is written down in one piece, and so is a datagram.
IN_PIECES = [
    path
    for path in RECORDINGS
    if path.stem != "tls" and load(path)[0].transport == "tcp"
]


@pytest.mark.parametrize("path", IN_PIECES, ids=lambda path: path.stem)
def test_it_replays_the_same_when_the_bytes_came_in_pieces(path: Path) -> None:
    probe, recording, exchanges = load(path)

    pieces: list[Exchange] = []
    for exchange in exchanges:
        step = 7 if exchange.direction is Direction.RECEIVED else len(exchange.data)
        pieces += [
            Exchange(exchange.at, exchange.direction, exchange.data[at : at + step])
            for at in range(0, len(exchange.data), step)
        ]

    assert parse(probe, pieces).facts == recording["facts"]


@pytest.mark.parametrize("probe", TALKATIVE, ids=lambda probe: probe.name)
@settings(max_examples=60, deadline=None)
@given(answers=st.lists(st.binary(max_size=300), min_size=4, max_size=4))
def test_it_survives_any_answer(probe: Probe, answers: list[bytes]) -> None:
    exchanges = []
    for message, answer in zip(probe.messages, answers, strict=False):
        exchanges.append(Exchange(0.0, Direction.SENT, message))
        exchanges.append(Exchange(0.0, Direction.RECEIVED, answer))

    parsed = parse(probe, exchanges)

    assert parsed.level in ("", "L1", "L2", "L3")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_it_survives_changed_bytes(path: Path, data: st.DataObject) -> None:
    probe, _, exchanges = load(path)

    changed = []
    for exchange in exchanges:
        content = bytearray(exchange.data)
        if exchange.direction is Direction.RECEIVED and content:
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        changed.append(Exchange(exchange.at, exchange.direction, bytes(content)))

    parse(probe, changed)
