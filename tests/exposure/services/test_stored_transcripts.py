"""Stored conversations are read again to what was claimed; what differs is named."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from exposure.models import Observation, Run
from exposure.probes.base import Direction, Exchange, Outcome, ProbeResult, Target
from exposure.probes.registry import BY_NAME, PROBES
from exposure.services.recording import record_observation
from exposure.services.transcripts import (
    CHANGED_SINCE,
    parser_words,
    stored_exchanges,
    verify_transcripts,
)
from tenants.models import Workspace
from tests import factories
from tests.exposure.probes.decoys import FOLDER, recording_of

RECORDED = sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.fixture
def run(in_northmill: Workspace) -> Run:
    """A run to which the conversations belong."""
    return factories.make_run(
        factories.make_authorisation(factories.make_site(), signed_by=None)
    )


def stored(run: Run, name: str, **changes: Any) -> Observation:
    """Store a recorded conversation the way a run does; `changes` are to its result."""
    content = recording_of(name)
    probe = BY_NAME[content["probe"]]
    result = ProbeResult(
        probe=probe.name,
        version=probe.version,
        target=Target("192.0.2.7", probe.ports[0] if probe.ports else 4000),
        outcome=Outcome(content["outcome"]),
        level=content["level"],
        facts=content["facts"],
        exchanges=tuple(
            Exchange(at, Direction(direction), bytes.fromhex(data))
            for at, direction, data in content["exchanges"]
        ),
    )
    return record_observation(
        replace(result, **changes), vantage=factories.make_vantage(), run=run
    )


def test_every_recorded_conversation_is_read_to_the_same_result(run: Run) -> None:
    for name in RECORDED:
        stored(run, name)

    found = verify_transcripts()

    assert found.deviations == []
    assert found.same == len(RECORDED)


def test_what_is_stored_comes_back_byte_for_byte(run: Run) -> None:
    row = stored(run, "modbus")

    again = stored_exchanges(row.exchanges)

    assert [(e.at, e.direction.value, e.data.hex()) for e in again] == [
        tuple(each) for each in recording_of("modbus")["exchanges"]
    ]


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"level": "L1"}, ("level L1 is now L3",)),
        ({"outcome": Outcome.SILENT}, ("outcome silent is now identified",)),
        ({"facts": {"vendor": "Somebody else"}}, ("order_number",)),
    ],
)
def test_what_differs_is_named(
    run: Run, changes: dict[str, Any], differs: tuple[str, ...]
) -> None:
    row = stored(run, "modbus", **changes)

    [deviation] = verify_transcripts().deviations

    assert deviation.observation_id == str(row.pk)
    assert deviation.differs[: len(differs)] == differs


def test_an_older_version_is_counted_and_says_that_the_parser_has_changed(
    run: Run,
) -> None:
    stored(run, "s7", version=0, facts={})

    found = verify_transcripts()

    assert (found.older, found.same, found.deviations) == (1, 0, [])
    assert parser_words("s7", 0) == CHANGED_SINCE
    assert all(parser_words(probe.name, probe.version) == "" for probe in PROBES)
    assert "no parser" in parser_words("telex", 1)


def test_silence_and_unknown_probes_are_counted_apart(run: Run) -> None:
    stored(run, "s7", exchanges=())
    stored(run, "mqtt", probe="telex")

    found = verify_transcripts()

    assert (found.unheard, found.unknown) == (1, 1)


def test_an_answer_that_was_cut_off_stays_an_anomaly(run: Run) -> None:
    stored(run, "http", outcome=Outcome.ANOMALY)

    assert verify_transcripts().deviations == []


def test_the_command_prints_what_differs_and_fails(
    run: Run, northmill: Workspace
) -> None:
    stored(run, "mqtt")
    stored(run, "s7", level="L1")
    said = StringIO()

    with pytest.raises(CommandError, match="1 conversations are read otherwise now"):
        call_command("verify_transcripts", workspace="northmill", stdout=said)

    assert "northmill: 1 read the same, 1 differ" in said.getvalue()
    assert (
        f"192.0.2.7 tcp 102: s7/{BY_NAME['s7'].version} differs in level L1 is now L3"
        in said.getvalue()
    )
