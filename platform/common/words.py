"""The words and marks on screen for every state: one list, read by all templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Word:
    """How one state is shown: the word, its mark, and what it means.

    `mark` names a shape that a component draws, or is the character itself. Colour
    never stands alone: each state has a mark and a word.
    """

    label: str
    mark: str
    help: str


class UnknownWord(LookupError):
    """A state that has no word: a mistake in the code, never in what a user typed."""


def word(words: Mapping[str, Word], code: str) -> Word:
    """Return the word for a code, or raise `UnknownWord` naming both."""
    try:
        return words[code]
    except KeyError as error:
        known = ", ".join(words)
        raise UnknownWord(f"There is no word for {code!r}; known: {known}.") from error


# When to act: the SSVC deployer decisions in the words of a plant.
ACT: Mapping[str, Word] = MappingProxyType(
    {
        "immediate": Word("Now", "p1", "Act at once, day or night."),
        "out_of_cycle": Word("Next window", "p2", "Do not wait for a planned stop."),
        "scheduled": Word("Planned stop", "p3", "Do it in the next planned stop."),
        "defer": Word("Not now", "p0", "Kept on record; nobody is chased."),
    }
)

# Evidence grade: the fuller the disc, the better the evidence.
GRADE: Mapping[str, Word] = MappingProxyType(
    {
        "E4": Word("Validated", "full", "A safe read-only proof, run twice."),
        "E3": Word("Confirmed", "three", "The needed setting or function was seen."),
        "E2": Word("Version match", "half", "Product and version are affected."),
        "E1": Word("Reachable", "quarter", "The service answered."),
        "E0": Word(
            "Theoretical", "empty", "Known from a product or owner record only."
        ),
        "D": Word("Disproved", "struck", "The same check ran and says no."),
    }
)

# How another step of a path is known.
BASIS: Mapping[str, Word] = MappingProxyType(
    {
        "observed": Word("Observed", "full", "Seen in traffic or by a check."),
        "imported": Word("Imported", "half", "Read from a rule set or a list."),
        "assumed": Word("Assumed", "empty", "Nobody has shown it yet."),
        "certain": Word("By design", "full", "Follows from the plant itself."),
    }
)

# A path shows its first step with a grade and the others with a basis.
PROOF: Mapping[str, Word] = MappingProxyType({**GRADE, **BASIS})

# One slot of a joint sign-off.
ANSWER: Mapping[str, Word] = MappingProxyType(
    {
        "signed": Word("signed", "✓", "Signed this version."),
        "waiting": Word("waiting", "…", "Has not answered."),
        "changes": Word("asks for changes", "✎", "Asks for another version."),
        "rejected": Word("rejected", "✕", "Rejected, with a reason."),
        "stale": Word("signed an earlier version", "↻", "A new signature is needed."),
        "na": Word("not needed", "\N{EN DASH}", "This side need not answer."),
    }
)
