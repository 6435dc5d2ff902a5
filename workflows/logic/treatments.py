"""Which treatment of an exposure a change of a plan is, and the words it comes with."""

from collections.abc import Sequence
from dataclasses import dataclass

REMEDIATE, REMOVE, COMPENSATE = "remediate", "remove_exposure", "compensate"
END_IT = frozenset({REMEDIATE, REMOVE})
"""Treatments of one exposure alone: whoever proposes them means the same thing."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """A kind of decision, why it works, and how it is taken back ("" nobody knows)."""

    kind: str
    why: str
    undo: str


TREATMENTS = {
    "patch": Treatment(
        REMEDIATE,
        "What makes it weak is taken away. A re-test shows whether it is.",
        "",
    ),
    "remove": Treatment(
        REMOVE,
        "What does not answer cannot be used. A re-test shows whether it answers.",
        "Turn it on again.",
    ),
    "control": Treatment(
        COMPENSATE,
        "The weakness stays, and a control stands before it. How much that stops is an "
        "assumption of the plan.",
        "Take the control away again.",
    ),
    "close": Treatment(
        COMPENSATE, "The weakness stays, and the way to it is closed.", "Open it again."
    ),
    "segment": Treatment(
        COMPENSATE,
        "The weakness stays, and the devices of the zone reach each other only where "
        "they must.",
        "",
    ),
    "mfa": Treatment(
        COMPENSATE,
        "The weakness stays, and whoever comes this way shows a second factor.",
        "Ask for no second factor any more.",
    ),
    "vendor": Treatment(
        COMPENSATE,
        "The weakness stays, and the access is open only while the plant opens it.",
        "Leave the access open all the time again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A line stands still; `window` says from when ("" without windows)."""

    line: str
    hours: float
    window: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan says of one of its changes; `changes` is how many it makes.

    `together` are the places of the changes that it works only together with,
    `sha256` is over the stored plan, and `revision` the one it was worked out on.
    """

    plan: int
    revision: int
    sha256: str
    place: int
    changes: int
    removes: float
    together: Sequence[int]
    assumed: bool


def in_words(said: Figures, *, stops: Sequence[Stop], way_to: str = "") -> str:
    """Return what is signed of a plan: figures of the change, and of nothing else.

    People of one plant read it as well, so it tells no total of all plants. `way_to`
    is the reference of an exposure to which every known way leads over the change.
    """
    parts = [
        f"Plan {said.plan}, change {said.place} of {said.changes}: it removes "
        f"{said.removes:.1f} units of exposure when it is made after those before it."
    ]
    if said.together:
        others = " and ".join(str(each) for each in said.together)
        many = "s" * (len(said.together) > 1)
        parts.append(f"It works only together with change{many} {others}.")
    if way_to:
        parts.append(
            f"Every way to {way_to} that is known on revision {said.revision} leads "
            "over what it changes."
        )
    parts += [_standing(each) for each in stops] or ["No line stands still."]
    if said.assumed:
        parts.append("These hours are assumptions; nobody has said so.")
    parts.append(
        f"Worked out on revision {said.revision} of the attack paths. SHA-256 of the "
        f"plan: {said.sha256}."
    )
    return " ".join(parts)


def lost(stops: Sequence[Stop], *, assumed: bool) -> str:
    """Return what people go without, as far as a plan knows.

    >>> lost([], assumed=False)
    'No line stands still.'
    """
    words = " ".join(f"{each.line} stands still {each.hours:g} h." for each in stops)
    said = words or "No line stands still."
    return f"{said} This is an assumption." if assumed else said


def _standing(stop: Stop) -> str:
    when = f", in the window that begins {stop.window}" if stop.window else ""
    return f"{stop.line} stands still {stop.hours:g} h{when}."
