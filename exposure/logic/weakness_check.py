"""What a weakness check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from exposure.logic.grades import Threat
from exposure.logic.predicates import Facts, Verdict

Gives: TypeAlias = Literal["control", "foothold", "nothing"]


@dataclass(frozen=True, slots=True)
class WeaknessCheck:
    """One test that only reads.

    `title` is a sentence with a place for {asset}. `gives` is what the weakness hands
    to an outsider on the asset. `technique` is an ATT&CK for ICS id. `not_done` says
    what the test left out on purpose. `predicate` takes the facts of the probe and the
    time of the judgement.
    """

    id: str
    version: int
    probe: str
    title: str
    gives: Gives
    threat: Threat
    technique: str
    not_done: str
    predicate: Callable[[Facts, datetime], Verdict]
