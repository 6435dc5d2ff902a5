"""What would open a way to a line that has none, as people would say it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from exposure.logic.grades import Grade
from exposure.logic.paths.compile import compile_plant
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.model import (
    SOURCE,
    Cause,
    credential_fact,
    line_fact,
    read_fact,
    zone_fact,
)
from exposure.logic.paths.openings import Opening, fewest_openings
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.reasons import day_in_words, in_ports
from exposure.logic.paths.snapshot import (
    FindingRow,
    Gives,
    PlantSnapshot,
    Shut,
)

ROUNDS = 100
MOST_SETS = 3
WIDER = "+"
"""What the id of a conduit ends with when it is thought to let any port through."""

SIGN_IN, PRESENCE, A_LEVEL = 1.01, 1.02, 0.01
"""What the set with fewest members is chosen by, and among equals what says most: what
somebody has shut before a sign-in, that before presence, and that far outside first."""

OUTERMOST = 5.0


@dataclass(frozen=True, slots=True)
class WouldOpen:
    """Were all of `things` so, there would be a way; `is_proven`: fewer never do."""

    things: tuple[str, ...]
    is_proven: bool


class Supposing:
    """A plant as it is, ready to be asked what else would have to be true.

    May be supposed: a finding that is closed or disproved opens again and gives
    control, a conduit lets more than its ports through, what counts as impossible here
    is possible, somebody has a sign-in, or is inside a zone by a way that nobody knows.
    """

    def __init__(self, snapshot: PlantSnapshot, *, policy: ScoringPolicy) -> None:
        self._plant = Plant(snapshot)
        self._shut = {row.id: row for row in _reopened(self._plant)}
        self._states = {row.id: _state(row) for row in snapshot.findings}
        self._wider = {row.id + WIDER: row for row in snapshot.conduits if row.ports}
        supposed = replace(
            snapshot,
            findings=(
                *(row for row in snapshot.findings if row.id not in self._shut),
                *self._shut.values(),
            ),
            conduits=(
                *snapshot.conduits,
                *(
                    replace(row, id=wider, ports=())
                    for wider, row in self._wider.items()
                ),
            ),
        )
        compiled = compile_plant(supposed, policy=policy)
        self._causes = {cause.id: cause for cause in compiled.causes}
        impossible = {
            *(f"finding:{each}" for each in self._shut),
            *(f"conduit:{each}" for each in self._wider),
        }
        ids = compiled.graph.cause_ids
        shut = np.array([each in impossible for each in ids], np.bool_)
        chance = np.where(shut, 0.0, compiled.graph.chance)
        self._rules = Rules(replace(compiled.graph, chance=chance))
        self._weights = _weights(self._plant)

    def ways_open(self, line_id: str, *, rounds: int = ROUNDS) -> list[WouldOpen]:
        """Return up to three sets each of which would open a way, fewest first.

        No two share a member, and only the first is the smallest of all. None: nothing
        that may be supposed is enough. A line that is reached needs nothing.
        """
        found: list[WouldOpen] = []
        used: set[str] = set()
        while len(found) < MOST_SETS:
            opening = fewest_openings(
                self._rules,
                line_fact(line_id),
                facts=self._weights.keys() - used,
                weights=self._weights,
                never=used,
                rounds=rounds,
            )
            if opening is None or not (opening.facts or opening.causes):
                return found
            used.update(opening.facts, opening.causes)
            found.append(
                WouldOpen(tuple(self._words(opening)), is_proven=opening.is_proven)
            )
        return found

    def _words(self, opening: Opening) -> Iterator[str]:
        for cause in opening.causes:
            yield self._of_cause(self._causes[cause])
        for fact in opening.facts:
            key = read_fact(fact)
            if key.kind == "zone":
                zone = self._plant.zone_name(key.id)
                yield f"Somebody gets into {zone} by a way that is not known."
            else:
                name = self._plant.credential(key.id).name
                yield f"Somebody outside has {name}."

    def _of_cause(self, cause: Cause) -> str:
        if cause.subject_id in self._shut:
            return self._of_finding(self._shut[cause.subject_id])
        if cause.subject_id in self._wider:
            row = self._wider[cause.subject_id]
            return f"{row.name} lets more than {in_ports(row.ports)} through."
        return f"This is so after all: {cause.label}."

    def _of_finding(self, row: FindingRow) -> str:
        asset = self._plant.asset(row.asset_id)
        proofs = [
            each for each in self._plant.shut_at(asset.id) if each.label == row.ref
        ]
        day = max((each.day for each in proofs), default="")
        how = proofs[0].how if proofs else self._states[row.id]
        proven = f", proven on {day_in_words(day)}" if day else ""
        return (
            f"{row.ref} on {asset.name}, {how}{proven}, opens again and gives control."
        )


def _state(row: FindingRow) -> str:
    return "disproved" if row.grade == Grade.D else row.state.replace("_", " ")


def _reopened(plant: Plant) -> Iterator[FindingRow]:
    """Yield what is shut at a port that still answers, as it would be if it were open."""
    known = {row.ref for row in plant.open_findings()}
    for row in plant.snapshot.findings:
        if not row.opens_a_way and row.gives != Gives.NOTHING:
            known.add(row.ref)
            yield replace(row, state="open", grade=Grade.E1, gives=Gives.CONTROL)
    for proof in plant.snapshot.shut:
        answers = not proof.port or proof.port in plant.ports_of(proof.asset_id)
        if answers and proof.how != Shut.GONE and proof.label not in known:
            yield FindingRow(
                id=proof.id,
                ref=proof.label,
                asset_id=proof.asset_id,
                port=proof.port,
                title=proof.label,
                grade=Grade.E1,
            )


def _weights(plant: Plant) -> Mapping[str, float]:
    facts = {
        zone_fact(zone.id): PRESENCE + A_LEVEL * (OUTERMOST - zone.level)
        for zone in plant.zones
    }
    facts |= {credential_fact(row.id): SIGN_IN for row in plant.credentials}
    facts.pop(SOURCE, None)
    return facts
