"""One world after the other, as the definitions say: what the fast ways must equal."""

import functools
from collections.abc import Iterable, Sequence

from exposure.logic.paths.draws import draw
from exposure.logic.paths.edits import Edit, effect_key
from exposure.logic.paths.graph import keys_of
from exposure.logic.paths.model import AttackModel, Step
from tests.exposure.logic.paths.plants import reached_in_world

SEED, WORLDS = 7, 70


@functools.cache
def bits(number: int, chance: float) -> int:
    """Return the worlds in which something with this key happens, as one integer."""
    words = draw(number, chance, worlds=WORLDS, seed=SEED)
    return int.from_bytes(words.astype("<u8").tobytes(), "little")


def true_in(model: AttackModel, edits: Iterable[Edit], world: int) -> set[str]:
    """Return which causes are true in one world, once these edits are made."""
    keys = keys_of([cause.id for cause in model.causes])
    return {
        cause.id
        for cause, key in zip(model.causes, keys, strict=True)
        if bits(int(key), cause.p) >> world & 1
        and all(
            bits(effect_key(edit.id, cause.id), edit.keep[cause.id]) >> world & 1
            for edit in edits
            if cause.id in edit.keep
        )
    }


def held_in_worlds(model: AttackModel, edits: Sequence[Edit] = ()) -> list[set[str]]:
    """Return what is held in each world."""
    return [
        reached_in_world(model, true_in(model, edits, world)) for world in range(WORLDS)
    ]


def recounted(model: AttackModel, edits: Sequence[Edit] = ()) -> float:
    """Return the exposure."""
    points = sum(
        target.points
        for held in held_in_worlds(model, edits)
        for target in model.targets
        if target.fact in held
    )
    return points / WORLDS


def passed_through(model: AttackModel, cause_id: str, world: int) -> set[str]:
    """Return what somebody wins in one world who uses a step of this cause and goes on.

    They never walk back through a fact that they needed to come to the step.
    """
    true = true_in(model, (), world)
    held = reached_in_world(model, true)
    possible = {cause.id for cause in model.causes if cause.p > 0.0}
    won: set[str] = set()
    for start in model.steps:
        if cause_id in start.causes and works(start, held, true):
            walls = {
                fact
                for fact in {model.source, *(step.head for step in model.steps)}
                for needed in start.body
                if needed
                not in reached_in_world(model, possible, without=frozenset({fact}))
            }
            won |= onward(model, start.head, walls, held=held, true=true)
    return won


def works(step: Step, held: set[str], true: set[str]) -> bool:
    """Whether a step leads on in a world; one that needs what it wins never does."""
    possible = held.issuperset(step.body) and true.issuperset(step.causes)
    return possible and step.head not in step.body


def onward(
    model: AttackModel, fact: str, walls: set[str], *, held: set[str], true: set[str]
) -> set[str]:
    """Return what somebody who has a fact goes on to win, past no wall."""
    won = {fact} - walls
    grows = True
    while grows:
        new = {
            step.head
            for step in model.steps
            if works(step, held, true) and won.intersection(step.body)
        }
        new -= walls | won
        grows = bool(new)
        won |= new
    return won
