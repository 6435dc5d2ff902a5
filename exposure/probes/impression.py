"""What a host's answers say about the host: a controller, in trouble, or a decoy."""

from collections.abc import Sequence

from exposure.logic import deception
from exposure.logic.health import differences
from exposure.logic.ot_smell import (
    smell_of_answer,
    smell_of_facts,
    smell_of_port,
)
from exposure.probes.base import Direction, Outcome, Probe, ProbeResult

REFUSALS_IN_A_ROW = 2
# Slower than five times the first answer is trouble, but below a second nothing is slow:
# a page takes its time, and a line has its moods.
SLOWER_TIMES = 5
NEVER_SLOW_SECONDS = 1.0


class Impression:
    """Grows with each answer; decides nothing but what the words below say.

    `smell` is why the host is treated as a controller, `left_alone` why it is not
    asked further, `deception` why it looks like a decoy; "" where it does not.
    `first` is the question that its health is judged by, with its answer.
    """

    def __init__(
        self,
        *,
        smell: str,
        industrial: Sequence[tuple[int, str]],
        open_ports: int,
        tried_ports: int,
    ) -> None:
        ports = [smell_of_port(port, hint=hint) for port, hint in industrial]
        self.smell = next(iter(ports), smell)
        self.left_alone = ""
        self.first: tuple[Probe, ProbeResult] | None = None
        self.is_over = False
        self._ports = {"open_ports": open_ports, "tried_ports": tried_ports}
        self._heard: list[deception.Heard] = []
        self._refusals = 0
        self._first_seconds: float | None = None
        self.deception = self._suspicion()
        self.is_over = bool(self.deception)

    @property
    def wants_health_check(self) -> bool:
        """Whether the visit ends with the first question once more."""
        return bool(self.smell and self.first and not self.deception)

    def take(self, probe: Probe, result: ProbeResult) -> None:
        """Learn from one answer."""
        if result.outcome is Outcome.IDENTIFIED and self.first is None:
            self.first = probe, result
        self._heard.append(
            deception.Heard(
                port=result.target.port,
                protocol=probe.name,
                is_industrial=probe.is_ot,
                identified=result.outcome is Outcome.IDENTIFIED,
                facts=result.facts,
            )
        )
        self.smell = self.smell or _smell(probe, result)
        self.deception = self._suspicion()
        self.left_alone = self._trouble(result)
        self.is_over = bool(self.deception or self.left_alone)

    def _suspicion(self) -> str:
        return "; ".join(deception.reasons(self._heard, **self._ports))

    def _trouble(self, result: ProbeResult) -> str:
        # A closed UDP port is no such refusal: nothing was taken back.
        refused = result.outcome is Outcome.REFUSED and result.target.transport == "tcp"
        self._refusals = self._refusals + 1 if refused else 0
        if self._refusals >= REFUSALS_IN_A_ROW:
            return f"it refused {REFUSALS_IN_A_ROW} times in a row"
        seconds = answer_seconds(result)
        if seconds is None:
            return ""
        if self._first_seconds is None:
            self._first_seconds = seconds
        first = self._first_seconds
        if seconds <= max(SLOWER_TIMES * first, NEVER_SLOW_SECONDS):
            return ""
        return f"it took {first:.1f} s to answer at first and {seconds:.1f} s now"


def answer_seconds(result: ProbeResult) -> float | None:
    """Return the longest wait between a message and the first byte that answered it."""
    waits, asked = [], None
    for exchange in result.exchanges:
        if exchange.direction is Direction.SENT:
            asked = exchange.at
        elif asked is not None:
            waits.append(exchange.at - asked)
            asked = None
    return max(waits, default=None)


def health_in_words(probe: Probe, before: ProbeResult, after: ProbeResult) -> str:
    """Return what differs between two answers to the same question; "" if nothing."""
    asked = f"asked the same question ({probe.name}, port {before.target.port}) again"
    if after.outcome is not before.outcome:
        detail = f" {after.detail}" if after.detail else ""
        return f"{asked}, it was {after.outcome.value.replace('_', ' ')}.{detail}"
    changed = differences(before.facts, after.facts, moving=probe.moving)
    if not changed:
        return ""
    return f"{asked}, it answered otherwise: {'; '.join(map(str, changed))}."


def _smell(probe: Probe, result: ProbeResult) -> str:
    named = result.outcome is Outcome.IDENTIFIED
    answered = smell_of_answer(
        result.target.port, probe.name, is_industrial=named and probe.is_ot
    )
    return answered or smell_of_facts(result.facts)
