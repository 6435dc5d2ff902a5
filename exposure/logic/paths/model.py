"""The attack model: facts, steps that win facts, and the causes that steps share.

A fact is what the attacker has. A step makes its head hold when its whole body holds
and all its causes are true. Causes are independent; what depends on the same reason
shares one cause, and that is the only way to express dependence.
"""

from dataclasses import dataclass
from typing import NamedTuple

from common.errors import DomainError

SOURCE = "net:internet"
MAX_STEPS = 1_200_000


class ModelRefused(DomainError, ValueError):
    """A plant or an attack model that cannot be calculated, with the place."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One uncertain reason, true with probability `p`.

    `word` is the grade or basis behind `p`, `width` the strength of the Beta
    distribution around it (how many trials our knowledge is worth).
    """

    id: str
    kind: str
    subject_id: str
    label: str
    p: float
    word: str
    width: float = 4.0


@dataclass(frozen=True, slots=True)
class Step:
    """A move: all of `body` held and all of `causes` true win `head`."""

    id: str
    head: str
    body: tuple[str, ...]
    causes: tuple[str, ...] = ()
    technique: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A line and the fact that it is lost. It is lost once per attempt."""

    line_id: str
    fact: str
    points: int


@dataclass(frozen=True, slots=True)
class AttackModel:
    """Raises `ModelRefused` when a chance is no probability or a cause is missing."""

    source: str = SOURCE
    causes: tuple[Cause, ...] = ()
    steps: tuple[Step, ...] = ()
    targets: tuple[Target, ...] = ()

    def __post_init__(self) -> None:
        if len(self.steps) > MAX_STEPS:
            raise ModelRefused(
                f"The plant has {len(self.steps)} attack steps; "
                f"at most {MAX_STEPS} can be calculated at once."
            )
        known = {cause.id for cause in self.causes}
        if len(known) < len(self.causes):
            raise ModelRefused("Two causes have the same id.")
        for cause in self.causes:
            if not 0.0 <= cause.p <= 1.0:  # NaN fails every comparison
                raise ModelRefused(
                    f"The chance of {cause.label or cause.id} is {cause.p}, "
                    "which is not a number from 0 to 1."
                )
        _check_steps(self.steps, known=known)


def _check_steps(steps: tuple[Step, ...], *, known: set[str]) -> None:
    if len({step.id for step in steps}) < len(steps):
        raise ModelRefused("Two attack steps have the same id.")
    for step in steps:
        if not step.body:
            raise ModelRefused(f"The step to {step.head} starts from nothing.")
        for cause in step.causes:
            if cause not in known:
                raise ModelRefused(
                    f"The step to {step.head} needs the cause {cause}, "
                    "which is not in the model."
                )


class Fact(NamedTuple):
    """A fact taken apart: its kind, the id it speaks of, and a port (0: none)."""

    kind: str
    id: str
    port: int


def zone_fact(zone_id: str) -> str:
    """The attacker can send packets from this zone; "" is the internet."""
    return f"zone:{zone_id}" if zone_id else SOURCE


def reach_fact(asset_id: str, port: int) -> str:
    """The attacker's packets arrive at this port of the asset."""
    return f"reach:{asset_id}:{port}"


def control_fact(asset_id: str) -> str:
    """The attacker commands the asset and what the asset commands."""
    return f"control:{asset_id}"


def foothold_fact(asset_id: str) -> str:
    """The attacker runs code on the asset, without commanding the process."""
    return f"foothold:{asset_id}"


def credential_fact(credential_id: str) -> str:
    """The attacker has the credential."""
    return f"credential:{credential_id}"


def line_fact(line_id: str) -> str:
    """The line is lost."""
    return f"line:{line_id}"


def read_fact(fact: str) -> Fact:
    """Take a fact apart.

    >>> read_fact("reach:plc-1:102")
    Fact(kind='reach', id='plc-1', port=102)
    """
    kind, _, rest = fact.partition(":")
    if kind != "reach":
        return Fact(kind, rest, 0)
    asset_id, _, port = rest.rpartition(":")
    return Fact(kind, asset_id, int(port))
