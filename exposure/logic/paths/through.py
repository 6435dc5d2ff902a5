"""How much of the exposure an attacker reaches through one finding."""

from exposure.logic.paths.bigints import Bits, Worlds
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.model import AttackModel


def through_cause(
    model: AttackModel, worlds: Worlds, rules: Rules, *, cause_id: str
) -> dict[str, Bits]:
    """Return for each target fact the worlds in which the attacker gets there this way.

    The attacker uses a step of the cause and goes on from what it won, without walking
    back through a fact that was needed to come that far (an AND/OR dominator of the
    step). Never less than what closing the cause removes, never more than the reach.
    """
    won: dict[str, Bits] = {}
    for step in model.steps:
        if cause_id not in step.causes:
            continue
        used = worlds.usable(step, worlds.held)
        needed = frozenset[str]().union(*(rules.needed_for(fact) for fact in step.body))
        if not used or step.head in needed:
            continue
        for fact, bits in worlds.onward(step.head, used, blocked=needed).items():
            won[fact] = won.get(fact, 0) | bits
    return {target.fact: won.get(target.fact, 0) for target in model.targets}
