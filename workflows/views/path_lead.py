"""The sentence above the way to an exposure: how its steps are known, and what follows."""

from collections.abc import Sequence

from workflows.views.path_strip import PathFacts, proof_of
from workflows.views.wording import listed


def lead_of(facts: PathFacts) -> str:
    """Say in words how each step is known, and what it leads to."""
    if facts.not_yet:
        return facts.not_yet
    if not facts.hops:
        return "No way from the internet to it is known, by what has been described and seen."
    by_proof: dict[str, list[str]] = {}
    for hop in facts.hops:
        by_proof.setdefault(proof_of(hop, facts), []).append(str(hop.number))
    clauses = [
        f"{_steps(numbers)} {PHRASES[proof][len(numbers) > 1]}"
        for proof, numbers in by_proof.items()
    ]
    text = f"{clauses[0][0].upper()}{listed(clauses)[1:]}."
    if facts.lines:
        text += f" Who gets there can stop {listed(line.name for line in facts.lines)}."
    return text


# One step, several steps.
PHRASES = {
    "E4": ("was validated", "were validated"),
    "E3": ("was confirmed", "were confirmed"),
    "E2": ("rests on a version number", "rest on version numbers"),
    "E1": ("was only seen to answer", "were only seen to answer"),
    "E0": ("is theoretical", "are theoretical"),
    "D": ("was disproved", "were disproved"),
    "observed": ("was observed", "were observed"),
    "imported": ("follows from an imported rule", "follow from imported rules"),
    "assumed": ("is assumed", "are assumed"),
}


def _steps(numbers: Sequence[str]) -> str:
    return f"step{'s' if len(numbers) > 1 else ''} {listed(numbers)}"
