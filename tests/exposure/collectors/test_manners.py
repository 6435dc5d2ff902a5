"""A host is asked no faster than it can bear, and left alone when it falls silent."""

from collections.abc import Callable, Sequence

import pytest

from exposure.collectors.manners import (
    ANSWERS_SLOWLY,
    CHECK,
    FIRST,
    PATIENT,
    PATIENT_KNOCKS,
    RESETS,
    WENT_SILENT,
    HostWork,
    Knock,
)
from exposure.collectors.targets import (
    PORTS,
    PortState,
    SweepHost,
    SweepLimits,
    mark_of,
)

OPEN, CLOSED, FILTERED = PortState.OPEN, PortState.CLOSED, PortState.FILTERED
UNREACHABLE = PortState.UNREACHABLE
LIMITS = SweepLimits()
Answer = Callable[[int, int], PortState]


def begin(
    ports: Sequence[int], *, ot: Sequence[int] = (), seen: bytes = b""
) -> HostWork:
    """Return the work on one host with these ports."""
    host = SweepHost("192.0.2.1", ports, frozenset(ot), seen)
    return HostWork(1, host, LIMITS, seed=1)


def ask(work: HostWork, answer: Answer) -> list[Knock]:
    """Knock one after the other, where `answer` knows what becomes of each."""
    knocks: list[Knock] = []
    while not work.is_over():
        knock = work.next_knock()
        assert knock is not None
        knocks.append(knock)
        state = answer(knock[0], len(knocks))
        work.settle(knock, state, rtt=0.01, now=0.0)
    return knocks


def only(knocks: list[Knock], attempt: int) -> list[int]:
    """Return the ports of these knocks."""
    return [port for port, number in knocks if number == attempt]


def interval(work: HostWork) -> float:
    """Return the seconds between two knocks."""
    at = max(0.0, work.bucket.ready_at())
    work.bucket.take(at)
    return work.bucket.ready_at() - at


def test_industrial_ports_are_asked_first_and_one_at_a_time() -> None:
    work = begin(range(1, 201), ot=[102, 150])

    first, second = work.next_knock(), work.next_knock()

    assert first
    assert second
    assert {first[0], second[0]} == {102, 150}
    assert work.cap == 1


def test_a_host_without_an_industrial_port_gets_several_at_once() -> None:
    work = begin(range(1, 201), ot=[102])

    knock = work.next_knock()
    assert knock
    work.settle(knock, CLOSED, rtt=None, now=0.0)
    work.next_knock()

    assert work.cap == LIMITS.per_host


def test_an_open_industrial_port_slows_the_host_down_at_once() -> None:
    work = begin(range(1, 201), ot=[102])

    knock = work.next_knock()
    assert knock
    work.settle(knock, OPEN, rtt=0.01, now=100.0)
    work.next_knock()

    assert work.cap == 1
    assert work.bucket.ready_at() == pytest.approx(100.5, abs=0.01)
    assert interval(work) == pytest.approx(0.5, abs=0.01)


def test_a_host_that_goes_on_is_still_an_industrial_one() -> None:
    seen = bytearray(PORTS)
    seen[102] = mark_of(OPEN, FIRST)
    work = begin(range(1, 201), ot=[102], seen=bytes(seen))

    knock = work.next_knock()

    assert knock
    assert knock[0] != 102
    assert (work.is_ot, work.cap) == (True, 1)


def test_what_was_asked_before_is_not_asked_again() -> None:
    seen = bytearray(PORTS)
    for port in range(1, 50):
        seen[port] = mark_of(CLOSED, FIRST)
    seen[60] = mark_of(FILTERED, FIRST)
    seen[61] = mark_of(FILTERED, PATIENT)
    work = begin(range(1, 101), seen=bytes(seen))

    knocks = ask(work, lambda *_: CLOSED)

    assert sorted(only(knocks, FIRST)) == [*range(50, 60), *range(62, 101)]
    assert only(knocks, PATIENT) == [60]


def test_silence_is_asked_again_only_where_somebody_is() -> None:
    def nobody(*_: int) -> PortState:
        return FILTERED

    def one_door(port: int, _: int) -> PortState:
        return OPEN if port == 80 else FILTERED

    assert only(ask(begin(range(60, 90)), nobody), PATIENT) == []
    assert sorted(only(ask(begin(range(60, 90)), one_door), PATIENT)) == [
        port for port in range(60, 90) if port != 80
    ]


def test_patience_ends_when_nothing_comes_of_it() -> None:
    def one_door(port: int, _: int) -> PortState:
        return OPEN if port == 80 else FILTERED

    knocks = ask(begin(range(1, 2001)), one_door)

    assert len(only(knocks, PATIENT)) == PATIENT_KNOCKS
    # What a plant is likely to have comes first.
    assert {502, 443} <= set(only(knocks, PATIENT))


def test_a_firewall_is_no_reason_to_leave_and_is_hardly_ever_checked() -> None:
    def one_door(port: int, _: int) -> PortState:
        return OPEN if port == 80 else FILTERED

    work = begin(range(1, 2001))
    knocks = ask(work, one_door)

    assert len(only(knocks, FIRST)) == 2000
    assert 1 <= len(only(knocks, CHECK)) <= 10
    assert not work.note


@pytest.mark.parametrize("silence", [FILTERED, UNREACHABLE])
def test_a_host_that_stops_answering_is_left_alone(silence: PortState) -> None:
    work = begin(range(1, 2001))

    knocks = ask(work, lambda _, number: CLOSED if number <= 100 else silence)

    assert len(knocks) < 120
    assert only(knocks, CHECK)[-1] in only(knocks[:100], FIRST)
    assert (work.has_ended, work.note) == (True, WENT_SILENT)


def test_a_host_that_fell_silent_rests_before_it_is_asked_again() -> None:
    work = begin(range(1, 101))

    knock = (0, FIRST)
    while knock[1] != CHECK:
        found = work.next_knock()
        assert found
        knock = found
        heard = CLOSED if knock[1] == FIRST and work.answered is False else FILTERED
        work.settle(knock, heard, rtt=None, now=100.0)

    assert work.bucket.ready_at() == pytest.approx(103.0)
    assert work.cap == 1


def test_a_refusal_is_an_answer_however_many_come() -> None:
    work = begin(range(1, 2001))

    knocks = ask(work, lambda *_: CLOSED)

    assert len(knocks) == 2000
    assert not work.note


def test_answers_that_take_longer_and_longer_slow_it_down() -> None:
    work = begin(range(1, 101))
    for rtt in (0.02, 0.03, 0.4, 0.5):
        knock = work.next_knock()
        assert knock
        work.settle(knock, CLOSED, rtt=rtt, now=0.0)

    assert (work.cap, work.note) == (1, ANSWERS_SLOWLY)
    assert interval(work) == pytest.approx(1 / 10, abs=0.02)


def test_connections_that_are_reset_slow_it_down() -> None:
    work = begin(range(1, 101))

    work.part(was_reset=True, now=0.0)
    assert not work.note
    work.part(was_reset=True, now=0.0)

    assert (work.cap, work.note) == (1, RESETS)


def test_the_time_out_follows_the_answers() -> None:
    quick, slow = begin(range(1, 101)), begin(range(1, 101))
    for _ in range(20):
        for work, rtt in ((quick, 0.01), (slow, 0.8)):
            knock = work.next_knock()
            assert knock
            work.settle(knock, CLOSED, rtt=rtt, now=0.0)

    assert begin(range(1, 101)).timeout == LIMITS.timeout
    assert quick.timeout == LIMITS.quickest
    assert 0.8 < slow.timeout < LIMITS.patience
