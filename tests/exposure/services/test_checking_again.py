"""The second check and the re-test, against what a target answers now."""

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import pytest

from exposure.models import (
    Authorisation,
    EvidenceKind,
    Finding,
    FindingState,
    Observation,
    Run,
    RunState,
    Stage,
)
from exposure.probes.base import Direction, Exchange, Outcome, ProbeResult, Target
from exposure.services import findings, halts, second_look, validation
from exposure.services.watch import Watch
from tenants.models import Job
from tests import factories

OPEN = {"read_answered": True, "key_switch": 1, "protection_level": 0}
CLOSED = {"read_answered": True, "key_switch": 1, "protection_level": 3}

Answers = Callable[..., list[Target]]


def answer(outcome: Outcome, **facts: Any) -> ProbeResult:
    return ProbeResult("s7", 1, Target("127.77.1.14", 102), outcome, "L3", facts)


SAYS_OPEN = answer(Outcome.IDENTIFIED, **OPEN)
SAYS_CLOSED = answer(Outcome.IDENTIFIED, **CLOSED)
REFUSES = answer(Outcome.REFUSED)
BREAKS_OFF = replace(REFUSES, exchanges=(Exchange(0.0, Direction.SENT, b"?"),))
SILENT = answer(Outcome.TIMEOUT)
STRANGE = answer(Outcome.OTHER_PROTOCOL)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Let the target answer these, one after the other; returns whom was asked."""

    def queue(*results: ProbeResult) -> list[Target]:
        waiting, asked = list(results), list[Target]()

        async def identify(
            hosts: list[Any], **_: object
        ) -> AsyncGenerator[ProbeResult, None]:
            asked.append(Target(hosts[0].address, hosts[0].ports[0].port))
            if waiting:
                yield waiting.pop(0)

        monkeypatch.setattr(second_look, "visit_hosts", identify)
        return asked

    return queue


@pytest.fixture
def verifying(finding: Finding) -> Finding:
    """The finding, with a re-test asked for."""
    findings.request_retest(finding.pk, by=None)
    return finding


def retest(finding: Finding) -> Finding:
    validation.retest(finding.pk, heartbeat=lambda: None)
    finding.refresh_from_db()
    return finding


@pytest.mark.parametrize(
    "looks", [(SAYS_CLOSED, SAYS_CLOSED), (REFUSES, REFUSES), (REFUSES, SAYS_CLOSED)]
)
def test_two_looks_that_find_nothing_close_it(
    verifying: Finding, answers: Answers, looks: tuple[ProbeResult, ...]
) -> None:
    asked = answers(*looks)

    retest(verifying)

    item = verifying.evidence.get(kind=EvidenceKind.RETEST)
    assert verifying.state == FindingState.CLOSED
    assert len(asked) == 2
    assert "Seen 2 times in a row." in item.text


@pytest.mark.parametrize(
    ("looks", "held"),
    [
        ((SAYS_CLOSED, SAYS_OPEN), True),
        ((SAYS_CLOSED, SILENT), None),
        ((SAYS_OPEN,), True),
        ((SILENT,), None),
        ((BREAKS_OFF,), None),
        ((REFUSES, BREAKS_OFF), None),
    ],
)
def test_anything_else_leaves_it_open(
    verifying: Finding,
    answers: Answers,
    looks: tuple[ProbeResult, ...],
    held: bool | None,  # noqa: FBT001 - a case of the table
) -> None:
    asked = answers(*looks)

    retest(verifying)

    assert verifying.state == FindingState.OPEN
    assert verifying.evidence.get(kind=EvidenceKind.RETEST).holds is held
    assert len(asked) == len(looks)


def test_every_look_is_kept_as_an_observation(
    verifying: Finding, answers: Answers
) -> None:
    before = Observation.objects.count()
    answers(SAYS_CLOSED, SAYS_CLOSED)

    retest(verifying)

    assert Observation.objects.count() == before + 2


def test_without_a_valid_authorisation_nothing_is_sent_and_nothing_proved(
    verifying: Finding, answers: Answers
) -> None:
    asked = answers(SAYS_CLOSED, SAYS_CLOSED)
    Authorisation.objects.update(signed_at=None)

    retest(verifying)

    item = verifying.evidence.get(kind=EvidenceKind.RETEST)
    assert asked == []
    assert verifying.state == FindingState.OPEN
    assert item.text == "Authorisation TH-2026-04 is not signed. Nothing was sent."


def test_a_retest_that_somebody_stops_proves_nothing(
    verifying: Finding, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers()
    monkeypatch.setattr(halts, "stops", lambda *_: True)

    retest(verifying)

    item = verifying.evidence.get(kind=EvidenceKind.RETEST)
    assert verifying.state == FindingState.OPEN
    assert item.text == validation.STOPPED


def test_one_that_nobody_asked_for_does_nothing(
    finding: Finding, answers: Answers
) -> None:
    asked = answers(SAYS_CLOSED, SAYS_CLOSED)

    retest(finding)

    assert asked == []
    assert finding.state == FindingState.OPEN


@pytest.mark.parametrize(
    ("look", "state", "grade"),
    [
        (SAYS_OPEN, FindingState.OPEN, "E4"),
        (SAYS_CLOSED, FindingState.DISPROVED, "E3"),
        (SILENT, FindingState.OPEN, "E3"),
    ],
)
def test_one_more_look_decides_about_a_new_finding(
    finding: Finding,
    answers: Answers,
    look: ProbeResult,
    state: FindingState,
    grade: str,
) -> None:
    asked = answers(look)
    Finding.objects.update(state=FindingState.VALIDATING, grade="E3")

    validation.validate_findings(heartbeat=lambda: None)

    finding.refresh_from_db()
    assert (finding.state, finding.grade) == (state, grade)
    assert len(asked) == 1


def test_a_run_that_was_stopped_is_not_checked_further(
    finding: Finding, answers: Answers
) -> None:
    asked = answers(SAYS_OPEN)
    run = Run.objects.get()
    Finding.objects.update(state=FindingState.VALIDATING)
    Run.objects.update(
        state=RunState.RUNNING,
        stage=Stage.VALIDATE,
        stop_requested_at=run.requested_at,
    )

    validation.validate_findings(heartbeat=lambda: None)

    run.refresh_from_db()
    finding.refresh_from_db()
    assert asked == []
    assert run.state == RunState.STOPPED
    assert finding.state == FindingState.VALIDATING


def test_the_run_goes_on_to_its_paths(finding: Finding, answers: Answers) -> None:
    answers(SAYS_OPEN)
    run = factories.make_run(Run.objects.get().authorisation, state=RunState.RUNNING)
    Run.objects.filter(pk=run.pk).update(stage=Stage.VALIDATE)

    validation.validate_findings(heartbeat=lambda: None)

    run.refresh_from_db()
    assert run.stage == Stage.PATHS
    assert "validate" in run.stage_seconds


@pytest.mark.parametrize("looks", [(STRANGE, SILENT), (SILENT, STRANGE)])
def test_one_probe_without_an_answer_leaves_it_open(
    verifying: Finding, monkeypatch: pytest.MonkeyPatch, looks: tuple[ProbeResult, ...]
) -> None:
    async def identify(_: object, **__: object) -> AsyncGenerator[ProbeResult, None]:
        for look in looks:
            yield look

    monkeypatch.setattr(second_look, "visit_hosts", identify)

    retest(verifying)

    assert verifying.state == FindingState.OPEN
    assert verifying.evidence.get(kind=EvidenceKind.RETEST).holds is None


def test_a_stop_in_the_middle_of_a_look_disproves_nothing(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.objects.get()
    Finding.objects.update(state=FindingState.VALIDATING)
    Run.objects.update(state=RunState.RUNNING, stage=Stage.VALIDATE)

    async def identify(
        _: object, *, should_stop: Callable[[], bool], **__: object
    ) -> AsyncGenerator[ProbeResult, None]:
        yield STRANGE  # the first of two probes; then somebody presses Stop
        ends = time.monotonic() + 10
        while not should_stop():
            assert time.monotonic() < ends

    monkeypatch.setattr(second_look, "visit_hosts", identify)
    monkeypatch.setattr(validation, "Watch", StoppedAtOnce)

    validation.validate_findings(heartbeat=lambda: None)

    finding.refresh_from_db()
    run.refresh_from_db()
    assert finding.state == FindingState.VALIDATING
    # Nobody stopped this run, but one beside it: it is checked further.
    assert (run.state, run.stage) == (RunState.RUNNING, Stage.VALIDATE)
    assert Job.objects.filter(task="exposure.validate", key="flow").exists()


class StoppedAtOnce(Watch):
    """A watch whose answer has been to stop since the beginning."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        super().__init__(ask)
        self._stop.set()


def test_a_run_that_came_while_others_were_checked_waits_for_its_own_check(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.objects.get()
    Finding.objects.update(state=FindingState.VALIDATING)

    async def identify(_: object, **__: object) -> AsyncGenerator[ProbeResult, None]:
        yield SAYS_OPEN

    def conclude(*args: Any, **kwargs: Any) -> None:
        Run.objects.update(state=RunState.RUNNING, stage=Stage.VALIDATE)

    monkeypatch.setattr(second_look, "visit_hosts", identify)
    monkeypatch.setattr(validation, "_conclude", conclude)

    validation.validate_findings(heartbeat=lambda: None)

    run.refresh_from_db()
    assert run.stage == Stage.VALIDATE
